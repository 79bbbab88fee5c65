/** A strategy that follows one given schedule, and goes on by itself when it is used up. */
import type { Strategy } from '../engine/index.js'
import type { TaskRegistry } from '../runtime/task.js'
import { FrontrunError } from './errors.js'
import type { TaskSchedule } from './result.js'

/** A replay string names a task that can't run there, or more steps than the program has: the program has changed since. */
export class ScheduleMismatchError extends FrontrunError {
  override name = 'ScheduleMismatchError'
}

export class FixedSchedule implements Strategy {
  private at = 0
  private done = false

  constructor(
    private readonly schedule: TaskSchedule,
    private readonly registry: TaskRegistry,
    /** Passes over steps of tasks that have ended or wait, rather than refusing the schedule. */
    private readonly lenient = false,
  ) {}

  begin(): boolean {
    return !this.done
  }

  choose(enabled: readonly number[]): number {
    const { schedule, registry } = this
    while (this.at < schedule.length) {
      const wanted = registry.find(String(schedule[this.at]))
      const runs = wanted !== undefined && enabled.includes(wanted.number)
      if (!runs && !this.lenient) break
      this.at++
      if (runs) return wanted.number
    }
    const { at } = this
    if (at >= schedule.length) return enabled[0] as number
    const able = enabled.map(number => registry.all[number]?.path).join(', ')
    throw new ScheduleMismatchError(
      `the schedule does not fit this program: step ${at + 1} of ${schedule.length} is of task ${schedule[at]}, which cannot run there (${able} can)`,
    )
  }

  executed(): void {}

  end(_pending: unknown, complete: boolean): void {
    this.done = true
    if (complete && !this.lenient && this.at < this.schedule.length) {
      throw new ScheduleMismatchError(
        `the schedule does not fit this program: the execution ended after ${this.at} of its ${this.schedule.length} steps`,
      )
    }
  }
}
