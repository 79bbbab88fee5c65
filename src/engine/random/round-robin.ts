import type { Policy } from './policy.js'

/** The enabled task with the next larger number than that of the task that ran last. */
export class RoundRobin implements Policy {
  #last = -1

  begin(): void {
    this.#last = -1
  }

  choose(enabled: readonly number[]): number {
    let next = -1
    let first = enabled[0]
    for (const task of enabled) {
      if (task < first) first = task
      if (task > this.#last && (next < 0 || task < next)) next = task
    }
    return next < 0 ? first : next
  }

  executed(task: number): void {
    this.#last = task
  }
}
