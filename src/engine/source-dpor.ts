import { canonicalFootprint, footprintsConflict, sameFootprint } from './access.js'
import { NondeterminismError } from './errors.js'
import { estimateRest } from './estimate.js'
import { HappensBefore } from './happens-before.js'
import { cut } from './reuse.js'
import { Reversal } from './reversal.js'
import { type SearchOrder, searchOrder } from './search-order.js'
import { SleepSet } from './sleep-set.js'
import {
  type Attempt,
  type Guard,
  type PendingOperation,
  type SearchStatistics,
  STOP,
  type Strategy,
  type Upcoming,
} from './strategy.js'

/** A reversal: the footprints of its steps, the tasks that are certain to be able to start it, and that of its later event. */
interface Assumption {
  task: number
  footprints: (readonly number[])[]
  initials: number[]
}

const MAX_ASSUMED = 32

/** A state on the path of the current execution. */
class Node {
  readonly sleep = new SleepSet()
  /** Tasks still to be taken from here. */
  readonly pending: number[] = []
  /** All tasks that were or will be taken from here. */
  readonly back: number[] = []
  current = -1
  explored = 0
  /** Tasks that exclude each other: a race between them is never seen, so all are taken if one is. */
  exclusive: readonly (readonly number[])[] = []

  /** Reversals left to the branch of their later event, on the assumption that it can come first. */
  readonly assumed: Assumption[] = []

  /** Notes that; false when there is no room, so that memory stays bounded. */
  assume(reversal: Reversal): boolean {
    const last = reversal.length - 1
    if (last === 0) return true
    for (const { task, footprints } of this.assumed) {
      if (task === reversal.tasks[last] && sameSequence(footprints, reversal.footprints, last)) return true
    }
    if (this.assumed.length === MAX_ASSUMED) return false
    this.assumed.push({
      task: reversal.tasks[last],
      footprints: reversal.footprints.slice(0, last),
      initials: reversal.initials(),
    })
    return true
  }

  /** Once a task has been taken from here, what its step accesses is known: the assumptions about it hold or not. */
  settle(task: number, footprint: readonly number[]): void {
    let kept = 0
    for (const assumption of this.assumed) {
      if (assumption.task !== task) this.assumed[kept++] = assumption
      else if (assumption.footprints.some(other => footprintsConflict(other, footprint))) {
        if (!assumption.initials.some(initial => this.back.includes(initial) || this.sleep.has(initial)))
          this.add(assumption.initials[0])
      }
    }
    cut(this.assumed, kept)
  }

  add(task: number): void {
    if (this.back.includes(task)) return
    this.back.push(task)
    this.pending.push(task)
    for (const group of this.exclusive) if (group.includes(task)) for (const other of group) this.add(other)
  }
}

/**
 * Source-DPOR with sleep sets (Abdulla, Aronis, Jonsson, Sagonas, JACM 2017): no trace is missed, none is run to its end
 * twice, but some runs are stopped when they turn out to be redundant.
 *
 * For tasks, whose next step may access other things if it runs at another time: of a reversed race only the task ids are
 * used, never the footprints that the later event had in the other order.
 */
export class SourceDpor implements Strategy, SearchStatistics {
  executions = 0
  redundant = 0
  exhausted = false

  readonly #searchOrder: SearchOrder
  readonly #order = new HappensBefore()
  readonly #reversal = new Reversal(this.#order)
  readonly #nodes: Node[] = [new Node()]
  /**
   * Races of the path, as pairs of events, for which it depends on the rest of an execution whether their reversal is covered:
   * no other step than the later event itself was certain to come first.
   */
  readonly #open: number[] = []
  #depth = 0
  #replayed = 0
  #stopped = false

  constructor(options: { search?: string } = {}) {
    this.#searchOrder = searchOrder(options.search)
  }

  begin(): boolean {
    this.#depth = 0
    this.#stopped = false
    return !this.exhausted
  }

  choose(enabled: readonly number[], upcoming?: Upcoming): number {
    const depth = this.#depth
    const node = this.#nodes[depth]
    if (depth < this.#replayed) {
      if (enabled.includes(node.current)) return node.current
      throw new NondeterminismError(depth, node.current, this.#order.footprints[depth], undefined)
    }
    if (node.back.length === 0) node.exclusive = upcoming?.exclusive ?? []
    let task = take(node, this.#searchOrder)
    if (task >= 0 && !enabled.includes(task)) {
      // A race that can't be reversed in one step, such as of a task that needs two locks: every order is tried instead.
      for (const other of enabled) node.add(other)
      task = take(node, this.#searchOrder)
      while (task >= 0 && !enabled.includes(task)) task = take(node, this.#searchOrder)
    } else if (task < 0 && node.back.length === 0) {
      for (let i = 0; i < enabled.length; i++) {
        if (!node.sleep.has(enabled[i])) {
          node.add(enabled[i])
          task = take(node, this.#searchOrder)
          break
        }
      }
    }
    node.current = task
    if (task < 0) this.#stopped = true
    return task < 0 ? STOP : task
  }

  executed(
    task: number,
    accesses: readonly number[],
    causes: readonly number[],
    _attempt?: Attempt,
    guard?: Guard,
  ): void {
    const depth = this.#depth++
    if (depth < this.#replayed) {
      const expected = this.#order.footprints[depth]
      if (!sameFootprint(expected, accesses)) throw new NondeterminismError(depth, task, expected, accesses.slice())
      return
    }
    const footprint = canonicalFootprint(accesses)
    this.#order.append(task, footprint, causes, guard)
    if (this.#nodes.length === depth + 1) this.#nodes.push(new Node())
    const next = this.#nodes[depth + 1]
    next.sleep.becomeAfter(this.#nodes[depth].sleep, task, footprint)
    cut(next.pending)
    cut(next.back)
    cut(next.assumed)
    next.exclusive = []
    next.explored = 0
  }

  end(pending: readonly PendingOperation[], complete: boolean): void {
    if (complete) this.executions++
    else if (this.#stopped) this.redundant++
    this.#reverseRaces(pending)
    this.#backtrack()
  }

  #reverseRaces(pending: readonly PendingOperation[]): void {
    const order = this.#order
    const footprints = pending.map(operation => canonicalFootprint(operation.accesses))
    for (let i = 0; i < pending.length; i++) {
      const { task, causes, guard } = pending[i]
      order.appendPending(i, task, footprints[i], causes, guard)
    }
    const open = this.#open
    let kept = 0
    for (let i = 0; i < open.length; i += 2) kept = this.#reverse(open[i], open[i + 1], pending, footprints, kept)
    const { races, raceCount } = order
    for (let i = 0; i < raceCount; i += 2) kept = this.#reverse(races[i], races[i + 1], pending, footprints, kept)
    cut(open, kept)
  }

  /** Sees to it that the other order of a race is explored. Keeps the race in `#open` from `kept` on if it must be looked at again. */
  #reverse(
    earlier: number,
    later: number,
    pending: readonly PendingOperation[],
    footprints: readonly (readonly number[])[],
    kept: number,
  ): number {
    const node = this.#nodes[earlier]
    const reversal = this.#reversal
    reversal.build(earlier, later, pending, footprints, undefined, true)
    if (reversal.startsWithAny(node.back, node.sleep)) return kept
    const last = reversal.length - 1
    const asleep = node.sleep.indexOf(reversal.tasks[last])
    if (asleep >= 0) {
      if (!reversal.movedIsInitial(node.sleep.footprints[asleep])) {
        node.add(reversal.tasks[0])
        return kept
      }
    } else if (reversal.movedIsInitial(reversal.footprints[last]) && node.assume(reversal)) {
      node.add(reversal.tasks[last])
    } else {
      node.add(reversal.tasks[0])
      if (last > 0) return kept
    }
    this.#open[kept] = earlier
    this.#open[kept + 1] = later
    return kept + 2
  }

  /** Leaves the deepest states that have no task left to take. */
  #backtrack(): void {
    let depth = this.#order.length
    while (--depth >= 0) {
      const node = this.#nodes[depth]
      node.sleep.add(node.current, this.#order.footprints[depth])
      node.settle(node.current, this.#order.footprints[depth])
      node.explored++
      if (node.pending.some(task => !node.sleep.has(task))) break
    }
    this.#order.truncate(Math.max(depth, 0))
    const open = this.#open
    let kept = open.length
    while (kept > 0 && open[kept - 1] >= depth) kept -= 2
    cut(open, kept)
    this.#replayed = depth
    this.exhausted = depth < 0
  }

  estimate(): number | undefined {
    if (this.exhausted) return 0
    return estimateRest(
      this.executions,
      this.#replayed,
      depth => this.#nodes[depth].explored,
      depth => this.#nodes[depth].pending.length + (depth < this.#replayed ? 1 : 0),
    )
  }
}

/** Takes one of the pending tasks that isn't asleep; -1 if there is none. */
function take(node: Node, order: SearchOrder): number {
  const { pending } = node
  let kept = 0
  for (let i = 0; i < pending.length; i++) if (!node.sleep.has(pending[i])) pending[kept++] = pending[i]
  cut(pending, kept)
  if (kept === 0) return -1
  const picked = kept === 1 ? 0 : order.pick(kept)
  const task = pending[picked]
  for (let i = picked + 1; i < kept; i++) pending[i - 1] = pending[i]
  pending.pop()
  return task
}

function sameSequence(a: readonly (readonly number[])[], b: readonly (readonly number[])[], length: number): boolean {
  if (a.length !== length) return false
  for (let i = 0; i < length; i++) if (a[i] !== b[i] && !sameFootprint(a[i], b[i])) return false
  return true
}
