import type { Generator } from './generator.js'
import type { Policy } from './policy.js'

/**
 * `walk`: at every step one of the enabled tasks, each with the same probability.
 *
 * An interleaving with n choices between at most t tasks comes up with probability at least 1/t^n; long delays of one
 * task are exponentially rare.
 */
export class Walk implements Policy {
  #random!: Generator

  begin(random: Generator): void {
    this.#random = random
  }

  choose(enabled: readonly number[]): number {
    return enabled[this.#random.below(enabled.length)]
  }
}
