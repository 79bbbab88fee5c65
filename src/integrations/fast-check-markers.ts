import fc from 'fast-check'
import { Schedule } from '../markers/schedule.js'
import { Step } from '../markers/step.js'

/**
 * Orders of trace markers, for `TraceExecutor` and `frontrun()`: each worker's markers in their order, the workers merged
 * in every way. They shrink towards fewer context switches: the simplest runs one worker after the other.
 *
 * @param markers each worker's markers, in the order in which it meets them
 * @throws TypeError if there are no markers at all
 * @example
 * await fc.assert(
 *   fc.asyncProperty(markerScheduleArbitrary({ t1: ['read', 'write'], t2: ['read', 'write'] }), async schedule => {
 *     const counter = new Counter()
 *     await frontrun(schedule, { t1: () => counter.increment(), t2: () => counter.increment() })
 *     expect(counter.value).toBe(2)
 *   }),
 * )
 */
export function markerScheduleArbitrary(markers: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<Schedule> {
  const workers = Object.entries(markers).filter(([, names]) => names.length > 0)
  const length = workers.reduce((sum, [, names]) => sum + names.length, 0)
  if (length === 0) throw new TypeError('frontrun: markerScheduleArbitrary: give each worker a list of its markers')
  const choice = fc.nat(workers.length - 1)
  return fc
    .array(choice, { minLength: length, maxLength: length })
    .map(choices => new Schedule(merge(workers, choices)))
}

/** Choice 0 stays with the worker that went last, as long as it has markers left. */
function merge(workers: readonly (readonly [string, readonly string[]])[], choices: readonly number[]): Step[] {
  const left = workers.map(([name, names]) => names.map(marker => new Step(name, marker)))
  let current = 0
  return choices.map(choice => {
    const able = left.map((_, index) => index).filter(index => (left[index] as Step[]).length > 0)
    const order = able.includes(current) ? [current, ...able.filter(index => index !== current)] : able
    current = order[choice % order.length] as number
    return (left[current] as Step[]).shift() as Step
  })
}
