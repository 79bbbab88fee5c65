/** Root tasks run one after the other: each with all that it starts, before the next one begins. */
import { type Task, type TaskIdentity, TaskState } from './task.js'

export class SerialOrder {
  private begun = 0
  private readonly waiting = new Set<TaskIdentity>()

  constructor(
    private readonly roots: readonly Task[],
    private readonly order: readonly number[],
  ) {
    for (const root of roots) this.waiting.add(root.identity)
    this.begin()
  }

  /** Whether the task's turn has come. */
  admits({ identity }: Task): boolean {
    return !this.waiting.has(identity.root ?? identity)
  }

  get begunRoots(): Task[] {
    return this.roots.filter(root => this.admits(root))
  }

  /** Nothing can run any more: the next root begins, after all that was done so far. False if the last one has not ended. */
  goOn(schedule: readonly TaskIdentity[]): boolean {
    const last = this.roots[this.order[this.begun - 1] as number] as Task
    if (last.state !== TaskState.Done || this.begun === this.order.length) return false
    const next = this.begin()
    const lastSteps = new Map<TaskIdentity, number>()
    for (const [step, identity] of schedule.entries()) lastSteps.set(identity, step)
    next.causes.push(...lastSteps.values())
    return true
  }

  private begin(): Task {
    const root = this.roots[this.order[this.begun++] as number] as Task
    this.waiting.delete(root.identity)
    return root
  }
}
