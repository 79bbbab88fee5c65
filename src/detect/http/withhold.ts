/** Keeps back what an emitter of Node says until the task that listens is let go on. */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Execution } from '../../runtime/execution.js'
import { apply } from '../../runtime/natives.js'
import type { Task } from '../../runtime/task.js'

type Emit = (event: string | symbol, ...args: unknown[]) => boolean

/** Runs what `task` has to do with it: listeners of its own. */
function inTask<T>(execution: Execution, task: Task, run: () => T): T {
  if (execution.runtime.execution !== execution) return run()
  execution.foreign.needsDrain = true
  let result: T | undefined
  execution.outside.inStepOf(task, () => {
    result = execution.foreign.run(run) as T
  })
  return result as T
}

/** From now on listeners run as part of `task`. */
export function attribute(emitter: EventEmitter, execution: Execution, task: Task): void {
  const emit = emitter.emit as Emit
  emitter.emit = ((event, ...args) => inTask(execution, task, () => apply(emit, emitter, [event, ...args]))) as Emit
}

/**
 * Keeps `events` back until the function that is returned is called; from then on they belong to `task`.
 *
 * @param onEvent sees each event when it really comes
 */
export function withhold(
  emitter: EventEmitter,
  events: ReadonlySet<string | symbol>,
  execution: Execution,
  task: Task,
  onEvent: (event: string | symbol, args: unknown[]) => void,
): () => void {
  const emit = emitter.emit as Emit
  const kept: unknown[][] = []
  let isLetGo = false
  emitter.emit = ((event, ...args) => {
    if (!events.has(event)) return apply(emit, emitter, [event, ...args])
    if (isLetGo) return inTask(execution, task, () => apply(emit, emitter, [event, ...args]))
    kept.push([event, ...args])
    onEvent(event, args)
    return true
  }) as Emit
  return () => {
    isLetGo = true
    for (const said of kept.splice(0)) inTask(execution, task, () => apply(emit, emitter, said))
  }
}

/** Takes in a message's body without waiting for a reader, so that reading it needs no event of the outside world. */
export function takeIn(message: IncomingMessage, whenWhole: () => void): void {
  const { push } = message
  message.push = chunk => {
    apply(push, message, [chunk])
    if (chunk === null) whenWhole()
    // No backpressure: the sender must not wait for a reader who waits for the sender's step to end.
    return true
  }
}
