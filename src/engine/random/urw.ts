import type { Generator } from './generator.js'
import type { Policy } from './policy.js'
import type { Profile } from './profile.js'

/**
 * `urw`, uniform random walk: a task is picked with a probability in proportion to the number of steps that it and the tasks
 * it will start have left.
 *
 * Every interleaving of a program without blocking operations is then equally probable, if the numbers are right (H. Zhao,
 * D. Wolff, U. Mathur, A. Roychoudhury, "Selectively Uniform Concurrency Testing", ASPLOS 2025). They are the largest seen in
 * earlier executions; so the first one is a plain random walk.
 */
export class Urw implements Policy {
  readonly #profile: Profile
  #random!: Generator
  /** Steps left, per task. */
  #left: (number | undefined)[] = []

  constructor(profile: Profile) {
    this.#profile = profile
  }

  begin(random: Generator): void {
    this.#random = random
    this.#left.length = 0
  }

  choose(enabled: readonly number[]): number {
    for (const task of enabled) this.#meet(task)
    return this.#random.weighted(enabled, task => Math.max(this.#left[task] as number, 1))
  }

  /** A task that appears takes its steps out of the account of the one that started it. */
  #meet(task: number): void {
    if (this.#left[task] !== undefined) return
    const steps = this.#profile.stepsOf(task)
    this.#left[task] = steps
    const parent = this.#profile.parentOf(task)
    const of = parent === undefined ? undefined : this.#left[parent]
    if (parent !== undefined && of !== undefined) this.#left[parent] = of - steps
  }

  executed(task: number): void {
    this.#meet(task)
    this.#left[task] = (this.#left[task] as number) - 1
  }
}
