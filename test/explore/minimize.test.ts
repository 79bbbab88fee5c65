import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { contextSwitches } from '../../dist/explore/minimize.js'
import { runEverySchedule } from '../support/every-schedule.js'
import { evaluate } from './support/random-check.js'
import { randomSource, type Unit } from './support/random-source.js'

const PROGRAMS = 60

test.each<[Unit]>([['tasks'], ['threads']])(
  'every ending of random %s is shown with the fewest context switches there are',
  async unit => {
    let shown = 0
    for (let seed = 1; seed <= PROGRAMS; seed++) {
      const { setup, bodies, print } = evaluate(randomSource(seed, unit), seed)
      const options = { setup, [unit]: bodies, reproduceOnFailure: 0 }
      const all = await runEverySchedule(options, print, 100)
      if (all === null) continue
      for (const [ending, least] of all.leastSwitches) {
        const invariant = (state: unknown): boolean => print(state) !== ending
        const result = await exploreDpor({ ...options, invariant })
        // A deadlock or an error comes first in this program, and hides the ending.
        if (result.failureKind !== 'invariant') continue
        shown++
        expect(contextSwitches(result.counterexample ?? []), `seed ${seed}, ending ${ending}`).toBe(least)
        expect(result.shrinkRuns).toBeGreaterThan(0)
      }
    }
    expect(shown).toBeGreaterThan(40)
  },
)

test('a minimised counterexample replays, in the same way', async () => {
  const increment = async (state: { x: number }): Promise<void> => {
    const before = state.x
    await null
    await null
    state.x = before + 1
  }
  const options = {
    setup: () => ({ x: 0 }),
    tasks: [increment, increment, increment],
    invariant: ({ x }: { x: number }) => x === 3,
  }
  const found = await exploreDpor(options)
  const replayed = await exploreDpor({ ...options, replay: found.replay })
  expect(contextSwitches(found.counterexample ?? [])).toBe(3)
  expect(replayed.counterexample).toEqual(found.counterexample)
  expect(replayed.failureKind).toBe('invariant')
})
