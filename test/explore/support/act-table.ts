import { describe, expect, test } from 'vitest'
import { type Act, meet } from './act-pairs.js'

export type Acts<S> = Record<string, readonly [Act<S>, Act<S>]>

/** Pairs that meet: both orders are seen, and end differently. Pairs that don't: one trace. Each compared with every schedule. */
export function describeActs<S extends object>(name: string, setup: () => S, meeting: Acts<S>, apart: Acts<S>): void {
  describe(name, () => {
    test.each(Object.entries(meeting))('%s: both orders', async (_, acts) => {
      const { tasks, endings } = await meet(setup, acts)
      expect(tasks).toBe(2)
      expect(endings.length).toBeGreaterThan(1)
    })
    test.each(Object.entries(apart))('%s: one trace', async (_, acts) => {
      expect(await meet(setup, acts)).toMatchObject({ tasks: 1, threads: 1 })
    })
  })
}
