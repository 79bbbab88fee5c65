/** Operations that take part in the races of an execution although they never ran. */
import type { PendingOperation } from '../engine/index.js'
import type { Clock } from './clock.js'
import type { Execution } from './execution.js'
import { UPDATE, WRITE } from './recorder.js'

/** Operations that were about to run and never did: of a guard that never let it, of a timer that was cleared. */
export function pendingOperations(execution: Execution, clock: Clock): PendingOperation[] {
  const pending: PendingOperation[] = []
  for (const task of execution.live)
    if (task.guard !== null && task.guard.location >= 0)
      pending.push({
        task: task.identity.number,
        accesses: [task.guard.location * 8 + task.guard.kind],
        causes: distinct(task.causes),
        guard: task.guard,
      })
  for (const timer of clock.cancelled)
    pending.push({
      task: timer.task.identity.number,
      accesses: [timer.location * 8 + WRITE, clock.location * 8 + UPDATE],
      causes: distinct(timer.task.causes),
    })
  return pending
}

/** In ascending order, each once. */
export function distinct(causes: number[]): number[] {
  if (causes.length < 2) return causes
  return [...new Set(causes)].sort((a, b) => a - b)
}
