import { HashSet } from '../hash-set.js'
import type { PendingOperation, SearchStatistics, Strategy, Upcoming } from '../strategy.js'
import { TraceHash } from '../trace-hash.js'
import { Generator } from './generator.js'
import type { Policy } from './policy.js'
import { Profile } from './profile.js'
import { RoundRobin } from './round-robin.js'

export interface RandomSearchOptions {
  /** Default 0. Each execution draws from a sequence of its own, made from the seed and the number of the execution. */
  seed?: number
  /** Steps per execution that are drawn; the rest runs round-robin. Default: all. */
  maxOps?: number
  /** Executions, incomplete ones included. Default: no end. */
  maxAttempts?: number
}

/** After so many steps of one task in a row, while others could have run, another one has its turn: it may be waiting for them. */
const PATIENCE = 1000

/**
 * Runs a program under schedules that a policy draws. Never exhaustive; counts the executions and the distinct Mazurkiewicz
 * traces among them, in memory proportional to the latter. The same seed gives the same schedules.
 */
export class RandomSearch implements Strategy, SearchStatistics {
  readonly draws = true
  executions = 0
  /** Always 0: traces that were seen before are run to their end nevertheless. */
  readonly redundant = 0
  /** Always false. */
  readonly exhausted = false
  /** Executions begun. */
  attempts = 0

  readonly #policy: Policy
  readonly #profile: Profile
  readonly #seed: number
  readonly #maxOps: number
  readonly #maxAttempts: number
  readonly #random = new Generator()
  readonly #roundRobin = new RoundRobin()
  readonly #hash = new TraceHash()
  readonly #traces = new HashSet()
  #steps = 0
  #last = -1
  #inRow = 0

  constructor(makePolicy: (profile: Profile) => Policy, options: RandomSearchOptions = {}) {
    this.#profile = new Profile()
    this.#policy = makePolicy(this.#profile)
    this.#seed = options.seed ?? 0
    this.#maxOps = options.maxOps ?? Number.POSITIVE_INFINITY
    this.#maxAttempts = options.maxAttempts ?? Number.POSITIVE_INFINITY
  }

  /** Distinct traces among the executions. */
  get uniqueTraces(): number {
    return this.#traces.size
  }

  begin(): boolean {
    if (this.attempts >= this.#maxAttempts) return false
    this.#random.reset(this.#seed, this.attempts)
    this.#profile.begin()
    this.#policy.begin(this.#random, this.attempts)
    this.#roundRobin.begin()
    this.#hash.reset()
    this.#steps = 0
    this.#last = -1
    this.#inRow = 0
    this.attempts++
    return true
  }

  choose(enabled: readonly number[], upcoming?: Upcoming): number {
    this.#profile.enabled(enabled, upcoming)
    const task = enabled.length === 1 ? enabled[0] : this.#pick(enabled)
    this.#profile.chosen(task)
    return task
  }

  #pick(enabled: readonly number[]): number {
    if (this.#steps >= this.#maxOps) return this.#roundRobin.choose(enabled)
    if (this.#inRow < PATIENCE) return this.#policy.choose(enabled)
    this.#inRow = 0
    const others = enabled.filter(task => task !== this.#last)
    return others[this.#random.below(others.length)]
  }

  executed(task: number, accesses: readonly number[], causes: readonly number[]): void {
    this.#inRow = task === this.#last ? this.#inRow + 1 : 0
    this.#last = task
    this.#steps++
    this.#hash.step(task, accesses)
    this.#policy.executed?.(task, accesses)
    this.#roundRobin.executed(task)
    this.#profile.executed(task, accesses, causes)
  }

  end(_pending: readonly PendingOperation[], complete: boolean): void {
    this.#profile.end()
    if (!complete) return
    this.executions++
    this.#traces.add(this.#hash.low, this.#hash.high)
  }

  /** Nothing can be said. */
  estimate(): undefined {}
}
