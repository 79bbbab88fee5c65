import { canonicalFootprint, footprintsConflict, READ, WRITE } from './access.js'
import type { HappensBefore } from './happens-before.js'
import type { SleepSet } from './sleep-set.js'
import type { Attempt, PendingOperation } from './strategy.js'

/** Stands for the later event of the race in `Reversal.events`: it has moved, so its clock no longer tells what precedes it. */
const MOVED = -1

/**
 * The steps that reverse a race (e, e') when run from the state before e: everything after e that doesn't happen after e,
 * then e'. One object, filled anew for each race.
 */
export class Reversal {
  length = 0
  readonly tasks: number[] = []
  readonly footprints: (readonly number[])[] = []
  readonly events: number[] = []
  readonly #order: HappensBefore

  constructor(order: HappensBefore) {
    this.#order = order
  }

  /** `later` counts on beyond the events for pending operations, as in `HappensBefore.races`. */
  build(
    earlier: number,
    later: number,
    pending: readonly PendingOperation[],
    pendingFootprints: readonly (readonly number[])[],
    attempt: Attempt | undefined,
    whole = false,
  ): void {
    const order = this.#order
    const end = whole ? order.length : Math.min(later, order.length)
    this.length = 0
    for (let event = earlier + 1; event < end; event++) {
      if (event !== later && !order.happensBefore(earlier, event))
        this.#push(order.tasks[event], order.footprints[event], event)
    }
    if (later < order.length) {
      order.startBefore(later)
      const footprint = order.footprints[later]
      this.#push(
        order.tasks[later],
        attempt ? footprintBefore(footprint, order.footprints[earlier], attempt, earlier) : footprint,
        MOVED,
      )
    } else {
      const index = later - order.length
      order.startBeforePending(pending[index].task, pending[index].causes)
      this.#push(pending[index].task, pendingFootprints[index], MOVED)
    }
  }

  #push(task: number, footprint: readonly number[], event: number): void {
    const i = this.length++
    this.tasks[i] = task
    this.footprints[i] = footprint
    this.events[i] = event
  }

  /** Index of the first step of a task, or -1. */
  indexOf(task: number): number {
    for (let i = 0; i < this.length; i++) if (this.tasks[i] === task) return i
    return -1
  }

  /** Whether nothing before step `k` happens before it. */
  isInitial(k: number): boolean {
    const order = this.#order
    const event = this.events[k]
    for (let i = 0; i < k; i++) {
      if (event !== MOVED) {
        if (order.happensBefore(this.events[i], event)) return false
      } else if (order.isBefore(this.events[i]) || footprintsConflict(this.footprints[i], this.footprints[k]))
        return false
    }
    return true
  }

  /** Whether a sleeping task takes one of the steps, and could take it first. */
  startsAsleep(sleep: SleepSet): boolean {
    for (let k = 0; k < this.length; k++) {
      if (sleep.has(this.tasks[k]) && this.indexOf(this.tasks[k]) === k && this.isInitial(k)) return true
    }
    return false
  }

  /** Whether one of these tasks, or of those asleep, could take the first step, other than the later event. */
  startsWithAny(tasks: readonly number[], sleep: SleepSet): boolean {
    for (let k = 0; k < this.length - 1; k++) {
      const task = this.tasks[k]
      if ((sleep.has(task) || tasks.includes(task)) && this.indexOf(task) === k && this.isInitial(k)) return true
    }
    return false
  }

  /** The tasks, other than that of the later event, that could take the first step. */
  initials(): number[] {
    const result: number[] = []
    for (let k = 0; k < this.length - 1; k++) {
      if (this.indexOf(this.tasks[k]) === k && this.isInitial(k)) result.push(this.tasks[k])
    }
    return result
  }

  /** Whether the later event could take the first step if it has this footprint in the state before the earlier one. */
  movedIsInitial(footprint: readonly number[]): boolean {
    const last = this.length - 1
    if (this.indexOf(this.tasks[last]) !== last) return false
    for (let i = 0; i < last; i++) {
      if (this.#order.isBefore(this.events[i]) || footprintsConflict(this.footprints[i], footprint)) return false
    }
    return true
  }

  remove(k: number): void {
    this.length--
    for (let i = k; i < this.length; i++) {
      this.tasks[i] = this.tasks[i + 1]
      this.footprints[i] = this.footprints[i + 1]
      this.events[i] = this.events[i + 1]
    }
  }

  /** Whether the steps commute with a step of a task that isn't among them. */
  commutesWith(footprint: readonly number[]): boolean {
    for (let i = 0; i < this.length; i++) if (footprintsConflict(this.footprints[i], footprint)) return false
    return true
  }

  /** Whether a sleeping task could as well take the first step: then all of this has been explored. */
  isAsleep(sleep: SleepSet): boolean {
    for (let s = 0; s < sleep.size; s++) {
      if (this.#isWeakInitial(sleep.tasks[s], sleep.footprints[s])) return true
    }
    return false
  }

  #isWeakInitial(task: number, footprint: readonly number[]): boolean {
    for (let i = 0; i < this.length; i++) {
      if (this.tasks[i] === task) return true
      if (footprintsConflict(this.footprints[i], footprint)) return false
    }
    return true
  }
}

/** The footprint of an attempt in the reversed order, where it finds the value from before the earlier event. */
function footprintBefore(
  footprint: readonly number[],
  earlierFootprint: readonly number[],
  attempt: Attempt,
  earlier: number,
): readonly number[] {
  const { location, footprints } = attempt
  if (footprints !== undefined) return canonicalFootprint(footprints[attempt.succeedsBefore(earlier) ? 0 : 1])
  if (!earlierFootprint.some(access => access >>> 3 === location)) return footprint
  const kind = attempt.succeedsBefore(earlier) ? WRITE : READ
  return footprint.map(access => (access >>> 3 === location ? location * 8 + kind : access))
}
