import type { Generator } from './generator.js'
import { Pct } from './pct.js'
import type { Policy } from './policy.js'
import { Pos } from './pos.js'
import type { Profile } from './profile.js'
import { RoundRobin } from './round-robin.js'
import { Surw } from './surw.js'
import { Urw } from './urw.js'
import { Walk } from './walk.js'

/**
 * `portfolio`: the strategies in turn, since none is best for every program. The first execution never preempts (a task runs
 * until it waits), the second is round-robin, the others are walk, pos, pct:3, surw, urw, pos, pct:10, surw, and so on.
 *
 * At worst eight times as many executions as the best of them needs (half of that for pos and surw).
 */
export class Portfolio implements Policy {
  readonly #rotation: Policy[]
  readonly #first: Policy[]
  #current!: Policy

  constructor(profile: Profile) {
    const [pos, surw] = [new Pos(profile), new Surw(profile)]
    this.#first = [{ begin: () => {}, choose: enabled => enabled[0] }, new RoundRobin()]
    this.#rotation = [new Walk(), pos, new Pct(3, profile), surw, new Urw(profile), pos, new Pct(10, profile), surw]
  }

  begin(random: Generator, execution: number): void {
    const rotated = execution - this.#first.length
    this.#current = rotated < 0 ? this.#first[execution] : this.#rotation[rotated % this.#rotation.length]
    this.#current.begin(random, execution)
  }

  choose(enabled: readonly number[]): number {
    return this.#current.choose(enabled)
  }

  executed(task: number, accesses: readonly number[]): void {
    this.#current.executed?.(task, accesses)
  }
}
