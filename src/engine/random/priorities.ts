import type { Generator } from './generator.js'

/** Random priorities of tasks, drawn when they are first asked for. */
export class Priorities {
  #random!: Generator
  readonly #values: (number | undefined)[] = []

  /** Begins a new execution. */
  reset(random: Generator): void {
    this.#random = random
    this.#values.length = 0
  }

  /** The one of `tasks` with the highest priority. */
  highest(tasks: readonly number[]): number {
    let best = tasks[0]
    for (const task of tasks) if (this.#of(task) > this.#of(best)) best = task
    return best
  }

  #of(task: number): number {
    const known = this.#values[task]
    if (known !== undefined) return known
    const drawn = this.#random.next()
    this.#values[task] = drawn
    return drawn
  }

  /** Drawn priorities are 0 or more. */
  set(task: number, priority: number): void {
    this.#values[task] = priority
  }

  /** To be drawn anew. */
  forget(task: number): void {
    this.#values[task] = undefined
  }

  /** Draws anew for all tasks that aren't among `tasks`. */
  keepOnly(tasks: readonly number[]): void {
    for (let task = 0; task < this.#values.length; task++)
      if (this.#values[task] !== undefined && !tasks.includes(task)) this.#values[task] = undefined
  }
}
