import { canonicalFootprint, sameFootprint } from './access.js'
import { NondeterminismError } from './errors.js'
import { HashSet } from './hash-set.js'
import { type SearchOrder, searchOrder } from './search-order.js'
import { type PendingOperation, type SearchStatistics, STOP, type Strategy } from './strategy.js'
import { mix, TraceHash } from './trace-hash.js'

/** A schedule, last step first; schedules share their prefixes. */
interface Path {
  before: Path | undefined
  task: number
  footprint: readonly number[] | undefined
  length: number
}

/** What a schedule is charged for. A preemption takes the turn from a task that could go on; a switch is any change of task. */
export type ScheduleCost = 'preemptions' | 'switches'

/**
 * Every trace that some schedule with at most `bound` preemptions reaches, those with fewer preemptions first (iterative
 * context bounding: Musuvathi, Qadeer, PLDI 2007); or, with `cost: 'switches'`, with at most so many changes of task.
 *
 * Exact: races are not used, since cutting a DPOR search at the bound loses traces within the bound. Instead each state, known
 * by the trace that leads to it and the task that ran last, is expanded once. So memory grows with the number of states, and
 * `redundant` counts runs that came to a known state.
 */
export class BoundedSearch implements Strategy, SearchStatistics {
  executions = 0
  redundant = 0
  exhausted = false
  /** Some schedule was left out for its preemptions. As long as this is false, all traces are within the bound. */
  cut = false
  /** Preemptions (or switches) of the schedules that are being run. */
  cost = 0

  readonly #bound: number
  readonly #costOf: ScheduleCost
  readonly #searchOrder: SearchOrder
  readonly #states = new HashSet()
  readonly #traces = new HashSet()
  readonly #hash = new TraceHash()
  /** Schedules to run, with as many preemptions as now, and with one more. */
  #work: (Path | undefined)[] = [undefined]
  #deferred: Path[] = []

  #prefix: Path[] = []
  #path: Path | undefined
  #depth = 0
  #last = -1
  #stopped = false

  /** `bound`: preemptions allowed, 0 or more. */
  constructor(options: { bound: number; search?: string; cost?: ScheduleCost }) {
    if (!Number.isInteger(options.bound) || options.bound < 0) {
      throw new TypeError(`frontrun: the preemption bound must be a whole number from 0 up, not ${options.bound}.`)
    }
    this.#bound = options.bound
    this.#costOf = options.cost ?? 'preemptions'
    this.#searchOrder = searchOrder(options.search)
  }

  begin(): boolean {
    if (this.exhausted) return false
    const { length } = this.#work
    const chosen = this.#searchOrder.name === 'dfs' ? length - 1 : this.#searchOrder.pick(length)
    const path = this.#work[chosen]
    this.#work[chosen] = this.#work[length - 1]
    this.#work.pop()
    this.#prefix.length = 0
    for (let step = path; step; step = step.before) this.#prefix[step.length - 1] = step
    this.#path = undefined
    this.#depth = 0
    this.#last = -1
    this.#stopped = false
    this.#hash.reset()
    return true
  }

  choose(enabled: readonly number[]): number {
    if (this.#depth < this.#prefix.length) {
      const { task, footprint } = this.#prefix[this.#depth]
      if (!enabled.includes(task)) throw new NondeterminismError(this.#depth, task, footprint ?? [], undefined)
      return task
    }
    const { low, high } = this.#hash
    if (!this.#states.add(mix(low, this.#last), mix(high, this.#last))) {
      this.#stopped = true
      return STOP
    }
    const stays = enabled.includes(this.#last)
    const chosen = stays ? this.#last : enabled[0]
    const charged = this.#costOf === 'switches' ? this.#depth > 0 : stays
    if (charged && !stays) {
      // Whoever goes on here, it is a switch: cheaper schedules first.
      for (let i = enabled.length - 1; i >= 0; i--) this.#postpone(enabled[i], true)
      this.#stopped = true
      return STOP
    }
    // In reverse, so that the tasks preferred most come first from the end of the list.
    for (let i = enabled.length - 1; i >= 0; i--) if (enabled[i] !== chosen) this.#postpone(enabled[i], charged)
    return chosen
  }

  #postpone(task: number, charged: boolean): void {
    if (charged && this.cost === this.#bound) {
      this.cut = true
      return
    }
    const path = { before: this.#path, task, footprint: undefined, length: this.#depth + 1 }
    if (charged) this.#deferred.push(path)
    else this.#work.push(path)
  }

  executed(task: number, accesses: readonly number[], _causes: readonly number[]): void {
    const replayed = this.#depth < this.#prefix.length ? this.#prefix[this.#depth] : undefined
    if (replayed?.footprint && !sameFootprint(replayed.footprint, accesses)) {
      throw new NondeterminismError(this.#depth, task, replayed.footprint, accesses.slice())
    }
    const path = replayed ?? { before: this.#path, task, footprint: undefined, length: this.#depth + 1 }
    path.footprint ??= canonicalFootprint(accesses)
    this.#path = path
    this.#last = task
    this.#depth++
    this.#hash.step(task, accesses)
  }

  end(_pending: readonly PendingOperation[], complete: boolean): void {
    if (complete && this.#traces.add(this.#hash.low, this.#hash.high)) this.executions++
    else if (complete || this.#stopped) this.redundant++
    if (this.#work.length > 0) return
    this.#work = this.#deferred
    this.#deferred = []
    if (this.#work.length === 0) this.exhausted = true
    else this.cost++
  }

  /** From the schedules that wait and the share of runs that found a new trace. */
  estimate(): number | undefined {
    const runs = this.executions + this.redundant
    if (runs === 0) return undefined
    return Math.round(((this.#work.length + this.#deferred.length) * this.executions) / runs)
  }
}
