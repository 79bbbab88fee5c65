/** Operations that take part in the races of an execution although they never ran. */
import type { PendingOperation } from '../engine/index.js'
import type { Clock } from './clock.js'
import type { Execution } from './execution.js'
import { HELD } from './identity.js'
import { ACQUIRE, UPDATE, WRITE } from './recorder.js'

/** Operations that were about to run and never did: taking a lock, a timer that was cleared. */
export function pendingOperations(execution: Execution, clock: Clock): PendingOperation[] {
  const pending: PendingOperation[] = []
  for (const task of execution.live)
    if (task.lock !== null)
      pending.push({
        task: task.identity.number,
        accesses: [task.lock.record.location(HELD) * 8 + ACQUIRE],
        causes: distinct(task.causes),
      })
  for (const timer of clock.cancelled)
    pending.push({
      task: timer.task.identity.number,
      accesses: [timer.record.location('timer') * 8 + WRITE, clock.location * 8 + UPDATE],
      causes: distinct(timer.task.causes),
    })
  return pending
}

/** In ascending order, each once. */
export function distinct(causes: number[]): number[] {
  if (causes.length < 2) return causes
  return [...new Set(causes)].sort((a, b) => a - b)
}
