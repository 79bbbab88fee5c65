import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'

test('a story shows that something was not there yet', async () => {
  const result = await exploreDpor({
    setup: () => ({ cache: new Map<string, number>(), loads: 0, last: undefined as string | undefined }),
    tasks: [0, 1].map(() => async (s: { cache: Map<string, number>; loads: number; last: string | undefined }) => {
      if (s.cache.get('k') !== undefined || s.last !== undefined) return
      await null
      s.loads++
      s.cache.set('k', 1)
    }),
    invariant: s => s.loads === 1,
  })
  expect(result.explanation).toContain("[read state.cache.get('k') = undefined]")
  expect(result.explanation).toContain("[write state.cache.get('k') = 1]")
})
