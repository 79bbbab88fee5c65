/** Operations that wait for a condition, such as taking a lock: on an event loop they are served in the order of asking. */
import type { Execution } from '../execution.js'
import type { Guard } from '../guard.js'
import { NativePromise } from '../natives.js'
import type { Task } from '../task.js'

interface Waiter {
  readonly guard: Guard
  readonly task: Task
  readonly done: (value: unknown) => void
  readonly failed: (error: unknown) => void
}

export class Waiting {
  private waiters: Waiter[] = []
  private serving = false

  constructor(private readonly execution: Execution) {}

  wait(guard: Guard, site: number): Promise<unknown> {
    const { execution } = this
    const task = (execution.runtime.task ?? execution.stepped) as Task
    return new NativePromise((done, failed) => {
      if (guard.location >= 0) execution.recorder.touch(guard.location, guard.kind, site)
      const waiter = { guard, task, done, failed }
      if (guard.enabled()) this.perform(waiter)
      else this.waiters.push(waiter)
    })
  }

  /**
   * Does what can be done by now: of several, what was asked for first. An earlier one that can't be done keeps no later
   * one from it: who waits for an item does not keep out who brings one.
   */
  serve(): void {
    if (this.serving) return
    this.serving = true
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) {
        this.waiters = this.waiters.filter(other => other !== next)
        this.perform(next)
      }
    } finally {
      this.serving = false
    }
  }

  private next(): Waiter | undefined {
    return this.waiters.find(waiter => waiter.guard.enabled())
  }

  private perform({ guard, task, done, failed }: Waiter): void {
    let settle: () => void
    try {
      const value = guard.perform(task, this.execution)
      settle = () => done(value)
    } catch (error) {
      settle = () => failed(error)
    }
    // Outside of explorations a change serves those who wait for it at once, before the promise of who made it settles;
    // only one that is itself served does not.
    this.serve()
    settle()
  }

  callOff(guard: Guard): void {
    this.waiters = this.waiters.filter(waiter => waiter.guard !== guard)
  }

  /** What `task` waits for. */
  guardOf(task: Task): Guard | null {
    return this.waiters.find(waiter => waiter.task === task)?.guard ?? null
  }
}
