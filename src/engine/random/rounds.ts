import type { Generator } from './generator.js'
import type { Policy } from './policy.js'

/**
 * `random`: a schedule of fair rounds. A round is a random permutation in which every task has the same number of turns; turns
 * of tasks that can't run are skipped, and a task that is started during a round is shuffled into the rest of it.
 *
 * With one turn each, as the Python library has it (its `schedule_strategy`), no task is ever more than two steps ahead of another:
 * races between neighbouring steps are found at once, those that need a longer delay never. So three executions out of four have
 * rounds of 2, 4, 8, … turns each, up to half of `maxOps`. Every interleaving of fewer steps than that has a positive
 * probability; there is no better guarantee.
 */
export class Rounds implements Policy {
  readonly #maxOps: number
  #random!: Generator
  #turns = 1
  /** Tasks of the present round, and how many of its turns each has left. */
  readonly #members: number[] = []
  readonly #left: number[] = []

  constructor(maxOps: number) {
    this.#maxOps = Math.min(maxOps, 4096)
  }

  begin(random: Generator, execution: number): void {
    this.#random = random
    this.#members.length = 0
    this.#turns = 1
    if (execution === 0 || random.below(4) === 0) return
    const doublings = Math.floor(Math.log2(Math.max(this.#maxOps, 4))) - 1
    this.#turns = 2 ** (1 + random.below(doublings))
  }

  choose(enabled: readonly number[]): number {
    for (;;) {
      this.#admit(enabled)
      const turnsLeft = this.#members.some(task => this.#left[task] > 0)
      if (!turnsLeft) {
        this.#members.length = 0
        continue
      }
      // Drawing turn by turn is shuffling the round.
      const task = this.#random.weighted(this.#members, member => this.#left[member])
      this.#left[task]--
      if (enabled.includes(task)) return task
    }
  }

  #admit(enabled: readonly number[]): void {
    for (const task of enabled) {
      if (this.#members.includes(task)) continue
      this.#members.push(task)
      this.#left[task] = this.#turns
    }
  }
}
