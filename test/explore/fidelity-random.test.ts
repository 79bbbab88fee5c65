import { test } from 'vitest'
import { compareWithRealRuns } from './support/real-runs.js'

/** More of them, or others, by hand: `FRONTRUN_SEED=5000 FRONTRUN_PROGRAMS=500`. Another file has as many. */
const FIRST = Number(process.env.FRONTRUN_SEED ?? 1)
const PROGRAMS = Number(process.env.FRONTRUN_PROGRAMS ?? 250)

test('random programs end as real runs with all orders of starts and timers forced', { timeout: 900_000 }, async () => {
  await compareWithRealRuns(FIRST, PROGRAMS)
})
