import { Step } from './step.js'

/**
 * The order in which workers pass their markers.
 *
 * @throws TypeError for no steps at all, or something that is not a `Step`
 * @example
 * // Both read before either writes.
 * new Schedule([new Step('t1', 'read'), new Step('t2', 'read'), new Step('t1', 'write'), new Step('t2', 'write')])
 */
export class Schedule implements Iterable<Step> {
  readonly steps: readonly Step[]

  constructor(steps: Iterable<Step>) {
    this.steps = Object.freeze([...steps])
    if (this.steps.length === 0) throw new TypeError('frontrun: Schedule: give at least one Step')
    const wrong = this.steps.findIndex(step => !(step instanceof Step))
    if (wrong >= 0) throw new TypeError(`frontrun: Schedule: element ${wrong} is not a Step`)
  }

  /** @internal The schedule of steps that may be none: a failure before the first marker. */
  static of(steps: readonly Step[]): Schedule {
    if (steps.length > 0) return new Schedule(steps)
    return Object.create(Schedule.prototype, { steps: { value: Object.freeze([]), enumerable: true } }) as Schedule
  }

  [Symbol.iterator](): Iterator<Step> {
    return this.steps[Symbol.iterator]()
  }

  /** `(t1, read) (t2, read)` */
  toString(): string {
    return this.steps.join(' ')
  }
}
