import type { Generator } from './generator.js'
import type { Policy } from './policy.js'
import { Priorities } from './priorities.js'
import type { Profile } from './profile.js'

/**
 * `pct:d`: every task has a random priority, and the enabled one with the highest priority runs; at d − 1 steps of the
 * execution, drawn at random, the task that would run falls below all those that have not fallen.
 *
 * A bug of depth d, that is, one that d ordering constraints between steps bring about, is found with probability at least
 * 1/(t·k^(d−1)) per execution, for t tasks and k steps at which there is a choice (S. Burckhardt, P. Kothari, M. Musuvathi,
 * S. Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). k is the largest seen so
 * far, so that the first execution has no change of priority.
 */
export class Pct implements Policy {
  readonly #profile: Profile
  readonly #changes: number
  readonly #priorities = new Priorities()
  /** Steps with a choice, counted from 1, at which a task falls; the later in this list, the deeper. */
  readonly #points: number[] = []

  constructor(depth: number, profile: Profile) {
    this.#changes = depth - 1
    this.#profile = profile
  }

  begin(random: Generator): void {
    this.#priorities.reset(random)
    this.#points.length = 0
    const { mostChoices } = this.#profile
    if (mostChoices === 0) return
    for (let i = 0; i < this.#changes; i++) this.#points.push(1 + random.below(mostChoices))
  }

  choose(enabled: readonly number[]): number {
    let task = this.#priorities.highest(enabled)
    for (let i = 0; i < this.#points.length; i++) {
      if (this.#points[i] !== this.#profile.choices) continue
      this.#priorities.set(task, -1 - i)
      task = this.#priorities.highest(enabled)
    }
    return task
  }
}
