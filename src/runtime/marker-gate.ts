import type { Execution } from './execution.js'
import type { Task } from './task.js'

/** Decides, where an execution is driven by trace markers, who stops at a marker and who runs next. */
export interface MarkerGate {
  /** Whether a task that comes to a marker stops there. */
  stops(task: Task): boolean
  /** The task to run: one of `ready`, one that stands at a marker, or a timer's. Undefined: nobody, unless time passes. */
  next(ready: readonly Task[], execution: Execution): Task | undefined
}
