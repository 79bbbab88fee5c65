import { canonicalFootprint, footprintsConflict } from '../access.js'
import type { Generator } from './generator.js'
import type { Policy } from './policy.js'
import { Priorities } from './priorities.js'
import type { Profile } from './profile.js'

/**
 * `pos`, partial order sampling: every pending step has a random priority, and the highest runs; then those of the pending
 * steps that conflict with it are drawn anew.
 *
 * Each partial order is sampled with a probability that depends on its conflicts and not on how many interleavings it has;
 * for two independent pairs of racing steps that is exponentially better than a random walk (X. Yuan, J. Yang, R. Gu, "Partial
 * Order Aware Concurrency Sampling", CAV 2018). As good as the footprints that are known before the steps run.
 */
export class Pos implements Policy {
  readonly #profile: Profile
  /** Of pending steps. */
  readonly #priorities = new Priorities()
  /** Footprints of the steps since the last choice. */
  #ran: (readonly number[])[] = []

  constructor(profile: Profile) {
    this.#profile = profile
  }

  begin(random: Generator): void {
    this.#priorities.reset(random)
    this.#ran.length = 0
  }

  choose(enabled: readonly number[]): number {
    // What waits is drawn anew when it can run: whoever made that possible conflicts with it.
    this.#priorities.keepOnly(enabled)
    for (const task of enabled) if (this.#conflicts(task)) this.#priorities.forget(task)
    this.#ran.length = 0
    return this.#priorities.highest(enabled)
  }

  #conflicts(task: number): boolean {
    const next = canonicalFootprint(this.#profile.next(task))
    return next.length > 0 && this.#ran.some(footprint => footprintsConflict(next, footprint))
  }

  executed(task: number, accesses: readonly number[]): void {
    this.#priorities.forget(task)
    this.#ran.push(canonicalFootprint(accesses))
  }
}
