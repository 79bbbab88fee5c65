import { footprintsConflict } from './access.js'

/**
 * Tasks whose next step, with this footprint, need not be taken from a state: everything that starts with it has been
 * explored from there, or from a state before it.
 */
export class SleepSet {
  readonly tasks: number[] = []
  readonly footprints: (readonly number[])[] = []

  has(task: number): boolean {
    return this.tasks.includes(task)
  }

  add(task: number, footprint: readonly number[]): void {
    this.tasks.push(task)
    this.footprints.push(footprint)
  }

  clear(): void {
    this.tasks.length = 0
    this.footprints.length = 0
  }

  /** Becomes what of `before` is still asleep after a step. */
  becomeAfter(before: SleepSet, task: number, footprint: readonly number[]): void {
    this.clear()
    for (let i = 0; i < before.tasks.length; i++) {
      if (before.tasks[i] !== task && !footprintsConflict(before.footprints[i], footprint)) {
        this.add(before.tasks[i], before.footprints[i])
      }
    }
  }
}
