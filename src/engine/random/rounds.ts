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
  /** Turns of the present round that are left, the next one last. */
  #round: number[] = []
  readonly #members: number[] = []

  constructor(maxOps: number) {
    this.#maxOps = Math.min(maxOps, 4096)
  }

  begin(random: Generator, execution: number): void {
    this.#random = random
    this.#round.length = 0
    this.#members.length = 0
    this.#turns = 1
    if (execution === 0 || random.below(4) === 0) return
    const doublings = Math.floor(Math.log2(Math.max(this.#maxOps, 4))) - 1
    this.#turns = 2 ** (1 + random.below(doublings))
  }

  choose(enabled: readonly number[]): number {
    for (;;) {
      this.#admit(enabled)
      while (this.#round.length > 0) {
        const task = this.#round.pop() as number
        if (enabled.includes(task)) return task
      }
      this.#members.length = 0
    }
  }

  #admit(enabled: readonly number[]): void {
    const { length } = this.#members
    for (const task of enabled) {
      if (this.#members.includes(task)) continue
      this.#members.push(task)
      for (let turn = 0; turn < this.#turns; turn++) this.#round.push(task)
    }
    if (this.#members.length > length) this.#random.shuffle(this.#round)
  }
}
