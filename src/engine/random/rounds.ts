import type { Generator } from './generator.js'
import type { Policy } from './policy.js'

/**
 * `random`: a schedule of fair rounds. A round is a random permutation in which every task has the same number of turns; turns
 * of tasks that can't run are skipped, and a task that is started during a round is shuffled into the rest of it.
 *
 * With one turn each, as the Python library has it (its `schedule_strategy`), no task is ever more than two steps ahead of another:
 * races between neighbouring steps are found at once, those that need a longer delay never. So three executions out of four have
 * rounds of 2, 4, 8, … turns each, up to half of `maxOps`, and half of these let a task take several of its turns in a row.
 * Every interleaving in which each task has fewer steps than that has a positive probability; there is no better guarantee.
 */
export class Rounds implements Policy {
  readonly #mostDoublings: number
  #random!: Generator
  /** Turns of each task in a round, as a power of two. */
  #doublings = 0
  #inBursts = false
  /** Tasks of the present round, and how many of its turns each has left. */
  readonly #members: number[] = []
  readonly #left: number[] = []
  /** The task that takes its turns in a row, and how many more. */
  #current = -1
  #burst = 0

  constructor(maxOps: number) {
    this.#mostDoublings = Math.floor(Math.log2(Math.min(Math.max(maxOps, 4), 4096))) - 1
  }

  begin(random: Generator, execution: number): void {
    this.#random = random
    this.#members.length = 0
    this.#burst = 0
    this.#doublings = execution === 0 || random.below(4) === 0 ? 0 : 1 + random.below(this.#mostDoublings)
    this.#inBursts = this.#doublings > 0 && random.below(2) === 0
  }

  choose(enabled: readonly number[]): number {
    if (this.#burst > 0 && this.#left[this.#current] > 0 && enabled.includes(this.#current)) {
      this.#burst--
      this.#left[this.#current]--
      return this.#current
    }
    for (;;) {
      this.#admit(enabled)
      if (!this.#members.some(task => this.#left[task] > 0)) {
        this.#members.length = 0
        continue
      }
      // Drawing turn by turn is shuffling the round.
      const task = this.#random.weighted(this.#members, member => this.#left[member])
      this.#left[task]--
      if (!enabled.includes(task)) continue
      this.#current = task
      this.#burst = this.#inBursts ? 2 ** this.#random.below(this.#doublings + 1) - 1 : 0
      return task
    }
  }

  #admit(enabled: readonly number[]): void {
    for (const task of enabled) {
      if (this.#members.includes(task)) continue
      this.#members.push(task)
      this.#left[task] = 2 ** this.#doublings
    }
  }
}
