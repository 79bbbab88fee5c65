import type { Execution } from '../runtime/execution.js'
import { declare } from '../runtime/functions.js'
import { runtime } from '../runtime/index.js'
import type { Task } from '../runtime/task.js'
import { timeoutOf, type WaitOptions } from './operation.js'

/** Tells the driver of `waitFor` and its blocking twin, which call `wait` until a predicate is true. */
export function declareWaitFor(asynchronous: Function, blocking: Function, wait: Function, waitSync: Function): void {
  declare(asynchronous, (_, self, [predicate, options], site) =>
    runtime.coroutine(waitingFor(self, predicate, options, wait, true, site), true, site),
  )
  declare(blocking, (_, self, [predicate, options], site) =>
    runtime.coroutine(waitingFor(self, predicate, options, waitSync, false, site), false, site),
  )
}

function* waitingFor(
  condition: unknown,
  predicate: unknown,
  options: WaitOptions | undefined,
  wait: Function,
  isAsync: boolean,
  site: number,
): Generator<unknown, unknown, unknown> {
  const timeout = timeoutOf('Condition.waitFor', options)
  const { clock } = runtime.execution as Execution
  const start = clock.timeOf(runtime.task as Task)
  for (let inTime = true; ; ) {
    const found = runtime.call(predicate, undefined, [], site) ? yield : runtime.value
    if (found || !inTime) return found
    const left = timeout === undefined ? undefined : start + timeout - clock.timeOf(runtime.task as Task)
    if (left !== undefined && left <= 0) return found
    if (isAsync) {
      runtime.callAwait(wait, condition, [{ timeout: left }], site)
      inTime = (yield) as boolean
    } else inTime = (runtime.call(wait, condition, [{ timeout: left }], site) ? yield : runtime.value) as boolean
  }
}
