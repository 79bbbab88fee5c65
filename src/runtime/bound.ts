/**
 * Bound functions. Nothing tells what is bound; but when a bound function is called and the first thing to run is the
 * head of an instrumented function, called by nobody in between, then that is it.
 */
import { apply } from './natives.js'

const TEXT = 'function () { [native code] }'

/** Whether a function with this text was made by `bind`. */
export const isBound = (target: Function, text: string): boolean => text === TEXT && target.name.startsWith('bound ')

export function applyBound(target: Function, self: unknown, args: unknown[]): unknown {
  return apply(target, self, args)
}

/** Whether the function that called `callee` was called by `applyBound`; bound functions leave no frame of their own. */
export function isCalledByApplyBound(callee: Function): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error
  let caller: string | null | undefined
  const trace: { stack?: unknown } = {}
  try {
    Error.stackTraceLimit = 3
    Error.prepareStackTrace = (_, [, ...callers]) => {
      caller = callers.find(site => !site.isNative())?.getFunctionName()
    }
    Error.captureStackTrace(trace, callee)
    void trace.stack
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
  return caller === applyBound.name
}
