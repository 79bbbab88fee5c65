import { test } from 'vitest'
import { compareWithRealRuns } from './support/real-runs.js'

test('as many other random programs end as real runs do', { timeout: 900_000 }, async () => {
  await compareWithRealRuns(100_001, 250)
})
