import { Schedule } from './schedule.js'
import { Step } from './step.js'

/**
 * Every order in which the workers can pass these markers, each exactly once: an iterable that may be gone through several
 * times. There are (a + b + …)! / (a! · b! · …) of them for lists of the lengths a, b, …
 *
 * @throws TypeError for lists without a single marker
 * @example
 * for (const schedule of allMarkerSchedules({ t1: ['read', 'write'], t2: ['read', 'write'] })) {
 *   // 6 of them
 * }
 */
export function allMarkerSchedules(markers: Readonly<Record<string, readonly string[]>>): Iterable<Schedule> {
  const lists = Object.entries(markers).map(([worker, names]) => names.map(name => new Step(worker, name)))
  if (lists.every(list => list.length === 0)) {
    throw new TypeError('frontrun: allMarkerSchedules: give each worker a list of its markers')
  }
  return { [Symbol.iterator]: () => merges(lists) }
}

function* merges(lists: readonly (readonly Step[])[]): Generator<Schedule> {
  const taken = lists.map(() => 0)
  const steps: Step[] = []
  const length = lists.reduce((sum, list) => sum + list.length, 0)
  function* extend(): Generator<Schedule> {
    if (steps.length === length) yield new Schedule(steps)
    for (const [index, list] of lists.entries()) {
      const at = taken[index] as number
      const step = list[at]
      if (step === undefined) continue
      taken[index] = at + 1
      steps.push(step)
      yield* extend()
      steps.pop()
      taken[index] = at
    }
  }
  yield* extend()
}
