import { kindOf, RELEASE } from '../access.js'
import type { Generator } from './generator.js'
import type { Policy } from './policy.js'
import { Priorities } from './priorities.js'
import type { Profile } from './profile.js'

/**
 * `surw`, selectively uniform random walk: each execution chooses one shared location and draws, for each access to it, the
 * task that makes it, in proportion to the accesses that the tasks have left. Other tasks wait when their next step is
 * such an access; all other steps run by random priorities, drawn anew for each step.
 *
 * The orders of the accesses to the chosen location are equally probable if the numbers are right and nothing blocks, however
 * long the rest of the program is, and every interleaving remains possible (H. Zhao, D. Wolff, U. Mathur, A. Roychoudhury,
 * "Selectively Uniform Concurrency Testing", ASPLOS 2025). The numbers are the largest seen in earlier executions. A lock counts
 * when it is taken. With one priority per task for all of its steps instead, the deadlock of five philosophers takes 35 times as long.
 */
export class Surw implements Policy {
  readonly #profile: Profile
  #random!: Generator
  /** The chosen location; -1: none is known to be shared. */
  #location = -1
  /** The task that makes the next access; -1: not drawn yet. */
  #intended = -1
  /** Accesses left, per task. */
  #left: (number | undefined)[] = []
  readonly #priorities = new Priorities()

  constructor(profile: Profile) {
    this.#profile = profile
  }

  begin(random: Generator): void {
    const { shared } = this.#profile
    this.#random = random
    this.#location = shared.length === 0 ? -1 : shared[random.below(shared.length)]
    this.#intended = -1
    this.#left.length = 0
    this.#priorities.reset(random)
  }

  choose(enabled: readonly number[]): number {
    if (this.#location < 0) return this.#priorities.highest(enabled)
    for (const task of enabled) this.#meet(task)
    if (this.#intended < 0) this.#draw(enabled)
    const free = enabled.filter(task => task === this.#intended || !this.#touches(this.#profile.next(task)))
    if (free.length > 0) return this.#priorities.highest(free)
    // The intended task waits for something, or makes fewer accesses than it used to.
    this.#draw(enabled)
    return this.#intended
  }

  #draw(tasks: readonly number[]): void {
    const left = (task: number): number => Math.max(this.#left[task] as number, 0)
    const able = tasks.filter(task => left(task) > 0)
    this.#intended = able.length > 0 ? this.#random.weighted(able, left) : tasks[this.#random.below(tasks.length)]
  }

  /** A task that appears takes its accesses out of the account of the one that started it, and may take its turn over. */
  #meet(task: number): void {
    if (this.#left[task] !== undefined) return
    const accesses = this.#profile.accessesOf(task, this.#location)
    this.#left[task] = accesses
    const parent = this.#profile.parentOf(task)
    const of = parent === undefined ? undefined : this.#left[parent]
    if (parent === undefined || of === undefined) return
    if (this.#intended === parent && of > 0 && this.#random.below(of) < accesses) this.#intended = task
    this.#left[parent] = of - accesses
  }

  #touches(accesses: readonly number[]): boolean {
    for (const access of accesses) if (access >>> 3 === this.#location && kindOf(access) !== RELEASE) return true
    return false
  }

  executed(task: number, accesses: readonly number[]): void {
    if (this.#location < 0 || !this.#touches(accesses)) {
      this.#priorities.forget(task)
      return
    }
    this.#meet(task)
    this.#left[task] = (this.#left[task] as number) - 1
    this.#intended = -1
  }
}
