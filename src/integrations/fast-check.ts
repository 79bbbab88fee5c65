/** Schedules as fast-check arbitraries: properties that hold under every schedule, with counterexamples that shrink. */
import fc from 'fast-check'

export { markerScheduleArbitrary } from './fast-check-markers.js'

/** Bounds of a generated schedule. */
export interface ScheduleConstraints {
  /** Most steps of a schedule. Default 100. */
  maxOps?: number
}

/**
 * Schedules for `runWithSchedule` and `controlledInterleaving`: lists of task numbers. They shrink towards fewer context
 * switches, then fewer steps: a schedule is generated as runs of one task each, and it is the runs that are taken away.
 *
 * @param numTasks how many tasks there are, at least 1
 * @example
 * await fc.assert(
 *   fc.asyncProperty(scheduleArbitrary(2, { maxOps: 10 }), async schedule => {
 *     const account = await runWithSchedule(schedule, { setup, tasks: [deposit, deposit] })
 *     expect(account.balance).toBe(200)
 *   }),
 * )
 */
export function scheduleArbitrary(numTasks: number, constraints: ScheduleConstraints = {}): fc.Arbitrary<number[]> {
  const { maxOps = 100 } = constraints
  if (!Number.isInteger(numTasks) || numTasks < 1) {
    throw new TypeError(`frontrun: scheduleArbitrary expects a number of tasks from 1 up, not ${numTasks}`)
  }
  if (!Number.isInteger(maxOps) || maxOps < 0) {
    throw new TypeError(`frontrun: scheduleArbitrary: 'maxOps' must be a whole number from 0 up, not ${maxOps}`)
  }
  const run = fc.record({
    task: fc.nat(numTasks - 1),
    steps: fc.integer({ min: 1, max: Math.max(1, Math.min(maxOps, 8)) }),
  })
  return fc
    .array(run, { maxLength: maxOps })
    .map(runs => runs.flatMap(({ task, steps }) => new Array<number>(steps).fill(task)).slice(0, maxOps))
}
