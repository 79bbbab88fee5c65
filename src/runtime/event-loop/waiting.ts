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

  constructor(private readonly execution: Execution) {}

  wait(guard: Guard, site: number): Promise<unknown> {
    const { execution } = this
    const task = (execution.runtime.task ?? execution.stepped) as Task
    return new NativePromise((done, failed) => {
      if (guard.location >= 0) execution.recorder.touch(guard.location, guard.kind, site)
      this.waiters.push({ guard, task, done, failed })
      this.serve()
    })
  }

  /** Does what can be done by now. One that waits for the same thing as an earlier one comes after it. */
  serve(): void {
    for (let served = true; served && this.waiters.length > 0; ) {
      served = false
      const passed = new Set<number>()
      for (const waiter of this.waiters) {
        const { guard } = waiter
        if (!passed.has(guard.location) && guard.enabled()) {
          this.waiters = this.waiters.filter(other => other !== waiter)
          this.perform(waiter)
          served = true
          break
        }
        if (guard.location >= 0) passed.add(guard.location)
      }
    }
  }

  private perform({ guard, task, done, failed }: Waiter): void {
    try {
      done(guard.perform(task, this.execution))
    } catch (error) {
      failed(error)
    }
  }

  /** What `task` waits for. */
  guardOf(task: Task): Guard | null {
    return this.waiters.find(waiter => waiter.task === task)?.guard ?? null
  }
}
