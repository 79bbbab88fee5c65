import { canonicalFootprint, sameFootprint } from './access.js'
import { NondeterminismError } from './errors.js'
import { estimateRest } from './estimate.js'
import { HappensBefore } from './happens-before.js'
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
} from './strategy.js'
import { type WakeupStep, WakeupTree, wakeupStep } from './wakeup-tree.js'

/** A state on the path of the current execution. */
class Node {
  readonly sleep = new SleepSet()
  readonly tree = new WakeupTree()
  current: WakeupStep | undefined = undefined
  /** Alternatives that are done. */
  explored = 0
}

/**
 * Optimal-DPOR with wakeup trees: runs each Mazurkiewicz trace exactly once (Abdulla, Aronis, Jonsson, Sagonas, JACM 2017).
 *
 * For threads, whose next operation is known before it runs. When a step may access other things if it runs at another
 * time, use `SourceDpor`. With a `search` other than `dfs` some runs may turn out redundant.
 */
export class OptimalDpor implements Strategy, SearchStatistics {
  executions = 0
  redundant = 0
  exhausted = false

  readonly #searchOrder: SearchOrder
  /**
   * Oldest alternative first. Only then may a reversal be left to a sleeping or pending task that merely commutes with it:
   * in any other order the two can wait for each other, and a trace is lost.
   */
  readonly #inOrder: boolean
  readonly #order = new HappensBefore()
  readonly #reversal = new Reversal(this.#order)
  /** One node per state of the longest execution so far; reused. */
  readonly #nodes: Node[] = [new Node()]
  readonly #attempts: (Attempt | undefined)[] = []
  /** Steps of the current execution. */
  #depth = 0
  /** Steps that replay the execution before. */
  #replayed = 0
  #stopped = false

  constructor(options: { search?: string } = {}) {
    this.#searchOrder = searchOrder(options.search)
    this.#inOrder = this.#searchOrder.name === 'dfs'
  }

  begin(): boolean {
    this.#depth = 0
    this.#stopped = false
    return !this.exhausted
  }

  choose(enabled: readonly number[]): number {
    const depth = this.#depth
    const node = this.#nodes[depth]
    if (depth >= this.#replayed) {
      if (!this.#inOrder) node.tree.removeAsleep(node.sleep)
      node.current = this.#pick(node.tree) ?? firstAwake(node, enabled)
      if (!node.current) {
        this.#stopped = true
        return STOP
      }
    }
    const { task, footprint } = node.current as WakeupStep
    if (!enabled.includes(task)) throw new NondeterminismError(depth, task, footprint, undefined)
    return task
  }

  #pick(tree: WakeupTree): WakeupStep | undefined {
    if (!tree.first?.next) return tree.first
    return tree.at(this.#searchOrder.pick(tree.size))
  }

  executed(
    task: number,
    accesses: readonly number[],
    causes: readonly number[],
    attempt?: Attempt,
    guard?: Guard,
  ): void {
    const depth = this.#depth++
    if (depth < this.#replayed) {
      const expected = this.#order.footprints[depth]
      if (!sameFootprint(expected, accesses)) throw new NondeterminismError(depth, task, expected, accesses.slice())
      return
    }
    const node = this.#nodes[depth]
    const step = node.current as WakeupStep
    const footprint = canonicalFootprint(accesses)
    step.footprint = footprint
    this.#order.append(task, footprint, causes, guard)
    this.#attempts[depth] = attempt
    if (this.#nodes.length === depth + 1) this.#nodes.push(new Node())
    const next = this.#nodes[depth + 1]
    next.sleep.becomeAfter(node.sleep, task, footprint)
    next.tree.first = step.first
    next.current = undefined
    next.explored = 0
  }

  end(pending: readonly PendingOperation[], complete: boolean): void {
    if (complete) this.executions++
    else if (this.#stopped) this.redundant++
    this.#reverseRaces(pending)
    this.#attempts.fill(undefined)
    this.#backtrack()
  }

  #reverseRaces(pending: readonly PendingOperation[]): void {
    const order = this.#order
    const footprints = pending.map(operation => canonicalFootprint(operation.accesses))
    for (let i = 0; i < pending.length; i++) {
      const { task, causes, guard } = pending[i]
      order.appendPending(i, task, footprints[i], causes, guard)
    }
    const { races, raceCount } = order
    for (let i = 0; i < raceCount; i += 2) {
      const [earlier, later] = [races[i], races[i + 1]]
      const node = this.#nodes[earlier]
      this.#reversal.build(earlier, later, pending, footprints, this.#attempts[later])
      const asleep = this.#inOrder ? this.#reversal.isAsleep(node.sleep) : this.#reversal.startsAsleep(node.sleep)
      if (!asleep) node.tree.insert(this.#reversal, this.#inOrder)
    }
  }

  /** Leaves the deepest states that have no alternative left. */
  #backtrack(): void {
    let depth = this.#order.length
    while (--depth >= 0) {
      const node = this.#nodes[depth]
      const done = node.current as WakeupStep
      node.sleep.add(done.task, done.footprint)
      node.tree.remove(done)
      if (!this.#inOrder) node.tree.removeAsleep(node.sleep)
      node.explored++
      if (node.tree.first) break
    }
    this.#order.truncate(Math.max(depth, 0))
    this.#replayed = depth
    this.exhausted = depth < 0
  }

  estimate(): number | undefined {
    if (this.exhausted) return 0
    return estimateRest(
      this.executions,
      this.#replayed,
      depth => this.#nodes[depth].explored,
      depth => this.#nodes[depth].tree.size,
    )
  }
}

function firstAwake(node: Node, enabled: readonly number[]): WakeupStep | undefined {
  for (let i = 0; i < enabled.length; i++) {
    if (!node.sleep.has(enabled[i])) {
      const step = wakeupStep(enabled[i])
      node.tree.first = step
      return step
    }
  }
  return undefined
}
