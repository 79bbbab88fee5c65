import { footprintsConflict } from './access.js'

/**
 * Tasks whose next step, with this footprint, need not be taken from a state: everything that starts with it has been
 * explored from there, or from a state before it.
 */
export class SleepSet {
  /** The arrays are reused and may be longer. */
  size = 0
  readonly tasks: number[] = []
  readonly footprints: (readonly number[])[] = []

  has(task: number): boolean {
    return this.indexOf(task) >= 0
  }

  indexOf(task: number): number {
    for (let i = 0; i < this.size; i++) if (this.tasks[i] === task) return i
    return -1
  }

  add(task: number, footprint: readonly number[]): void {
    const i = this.size++
    this.tasks[i] = task
    this.footprints[i] = footprint
  }

  /** Becomes what of `before` is still asleep after a step. */
  becomeAfter(before: SleepSet, task: number, footprint: readonly number[]): void {
    this.size = 0
    for (let i = 0; i < before.size; i++) {
      if (before.tasks[i] !== task && !footprintsConflict(before.footprints[i], footprint)) {
        this.add(before.tasks[i], before.footprints[i])
      }
    }
  }
}
