/** Operations that take part in the races of an execution although they never ran. */
import type { PendingOperation } from '../engine/index.js'
import type { Clock } from './clock.js'
import type { Execution } from './execution.js'
import type { Guard } from './guard.js'
import { UPDATE, WRITE } from './recorder.js'
import type { Task } from './task.js'

/** Operations that were about to run and never did: of a guard that never let it, of a timer that was cleared. */
export function pendingOperations(execution: Execution, clock: Clock): PendingOperation[] {
  const pending: PendingOperation[] = []
  /** `until`: the step in which it became impossible for good. */
  const add = (task: Task, guard: Guard, until: number): void => {
    const { location, kind } = guard
    if (location < 0) return
    pending.push({
      task: task.identity.number,
      accesses: [location * 8 + kind],
      causes: distinct(task.causes),
      guard: { location, heldBefore: step => step <= until && guard.heldBefore(step) },
    })
  }
  for (const task of execution.live) if (task.guard !== null) add(task, task.guard, Number.POSITIVE_INFINITY)
  for (const { task, guard, step } of execution.calledOff) add(task, guard, step)
  for (const timer of clock.cancelled)
    pending.push({
      task: timer.task.identity.number,
      accesses: [timer.location * 8 + WRITE, clock.location * 8 + UPDATE],
      causes: distinct(timer.task.causes),
      guard: {
        location: timer.location,
        heldBefore: step => step <= timer.droppedAt && (timer.guard?.heldBefore(step) ?? true),
      },
    })
  return pending
}

/** In ascending order, each once. */
export function distinct(causes: number[]): number[] {
  let ascends = true
  for (let at = 1; at < causes.length && ascends; at++) ascends = (causes[at - 1] as number) < (causes[at] as number)
  if (ascends) return causes
  return [...new Set(causes)].sort((a, b) => a - b)
}
