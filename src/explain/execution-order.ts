import { type TaskNames, taskNames } from './names.js'
import type { RecordedAccess, RecordedTrace } from './trace.js'

/** One access at its place in the execution. */
export interface OrderedAccess {
  /** Running number over all accesses of the execution. */
  position: number
  step: number
  /** Index within the step. */
  index: number
  task: string
  /** The root task it descends from: `0` for `0.2.1`. */
  root: string
  access: RecordedAccess
}

/** What one line of control had done to a location before one of its accesses to it. */
export interface History {
  /** Its reads since its own last write, latest first. */
  reads: OrderedAccess[]
  /** Writes and updates by others since the same moment, latest first. */
  writes: OrderedAccess[]
  /** Its own last write, if that is what ended the search. */
  ownWrite?: OrderedAccess
}

/** A spinning task makes histories long; nothing further back than this many accesses to the location is told. */
const HISTORY_LIMIT = 200
const CACHED_ANCESTORS = 64

/** The recorded execution as a sequence of accesses, with the questions that the patterns ask about it. */
export class ExecutionOrder {
  readonly trace: RecordedTrace
  readonly names: TaskNames
  readonly accesses: OrderedAccess[] = []
  /** Reads, writes and updates of each location; locks and promise cells are kept apart in `other`. */
  readonly data = new Map<number, OrderedAccess[]>()
  readonly other = new Map<number, OrderedAccess[]>()
  readonly #previous: number[] = []
  readonly #firstStep = new Map<string, number>()
  readonly #ancestors = new Map<number, Uint8Array>()

  constructor(trace: RecordedTrace) {
    this.trace = trace
    this.names = taskNames(trace)
    const last = new Map<string, number>()
    trace.steps.forEach((step, number) => {
      this.#previous.push(last.get(step.task) ?? -1)
      if (!last.has(step.task)) this.#firstStep.set(step.task, number)
      last.set(step.task, number)
      const root = step.task.split('.', 1)[0]
      step.accesses.forEach((access, index) => {
        const ordered = { position: this.accesses.length, step: number, index, task: step.task, root, access }
        this.accesses.push(ordered)
        const group = isData(access) ? this.data : this.other
        const known = group.get(access.location)
        if (known) known.push(ordered)
        else group.set(access.location, [ordered])
      })
    })
  }

  /** Locations that at least two lines of control use, one of them writing. */
  shared(group: Map<number, OrderedAccess[]> = this.data): OrderedAccess[][] {
    return [...group.values()].filter(
      all => all.some(a => a.task !== all[0].task) && all.some(a => a.access.kind !== 'read'),
    )
  }

  happensBefore(first: number, second: number): boolean {
    if (first >= second) return first === second
    if (this.trace.steps[first].task === this.trace.steps[second].task) return true
    let seen = this.#ancestors.get(second)
    if (!seen) {
      seen = this.#ancestorsOf(second)
      if (this.#ancestors.size >= CACHED_ANCESTORS) this.#ancestors.clear()
      this.#ancestors.set(second, seen)
    }
    return seen[first] === 1
  }

  #ancestorsOf(step: number): Uint8Array {
    const seen = new Uint8Array(step + 1)
    const todo = [step]
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      const { causes } = this.trace.steps[at]
      for (let i = -1; i < causes.length; i++) {
        const before = i < 0 ? this.#previous[at] : causes[i]
        if (before < 0 || before >= at || seen[before]) continue
        seen[before] = 1
        todo.push(before)
      }
    }
    return seen
  }

  /**
   * Both belong to one line of control: the same task, or a task and what it started and waited for. A `.then` callback
   * is a task of its own, so `read().then(v => write(v + 1))` reads and writes in two tasks, but in one line of control.
   * Two branches of one `Promise.all` are two lines, even when a lock orders their steps: both had already begun.
   */
  sameFlow(first: OrderedAccess, second: OrderedAccess): boolean {
    if (first.task === second.task) return true
    if (first.root !== second.root || !this.happensBefore(first.step, second.step)) return false
    return (
      second.task.startsWith(`${first.task}.`) ||
      first.task.startsWith(`${second.task}.`) ||
      (this.#firstStep.get(second.task) as number) > first.step
    )
  }

  /** What the line of control of `all[at]` knew of that location: see `History`. `all` are the accesses to one location. */
  history(all: readonly OrderedAccess[], at: number): History {
    const reads: OrderedAccess[] = []
    const writes: OrderedAccess[] = []
    for (let i = at - 1; i >= Math.max(0, at - HISTORY_LIMIT); i--) {
      const earlier = all[i]
      const writing = earlier.access.kind !== 'read'
      if (!this.sameFlow(earlier, all[at])) {
        if (writing) writes.push(earlier)
      } else if (writing) {
        return { reads, writes, ownWrite: earlier }
      } else reads.push(earlier)
    }
    return { reads, writes }
  }
}

function isData(access: RecordedAccess): boolean {
  if (access.object === 'lock' || access.object === 'settle') return false
  return access.kind !== 'acquire' && access.kind !== 'release'
}
