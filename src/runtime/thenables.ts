/** Awaiting an object that is no promise but has a `then`: it is called in a job of its own, as the language says. */
import { hasNativeThen } from './builtins/promise-protocol.js'
import { Cell } from './cell.js'
import type { Execution } from './execution.js'
import { Frame } from './frame.js'
import { declare } from './functions.js'
import { apply, isObject, isPromise, NativePromise, nativeThen } from './natives.js'
import type { Runtime } from './runtime.js'

/** A frame that awaits `value` as a thenable, or null if it is none (promises are no thenables here, unless their `then` is the program's). */
export function thenableFrame(runtime: Runtime, value: unknown): Frame | null {
  if (!isObject(value) || (isPromise(value) && !isThenable(value))) return null
  let then: unknown
  try {
    then = (value as { then?: unknown }).then
  } catch (error) {
    return new Frame(failing(error), true, 0)
  }
  return typeof then === 'function' ? new Frame(awaitThenable(runtime, value, then), true, 0) : null
}

// biome-ignore lint/correctness/useYield: a coroutine that fails at once
function* failing(error: unknown): Generator<unknown, never, unknown> {
  throw error
}

/** `await` looks at a promise of the plain kind, and calls the `then` of any other. */
const isThenable = (promise: object): boolean => !hasNativeThen(promise) && promise.constructor !== NativePromise

/** The job that looks at a promise of another realm comes in a later step: Node must not take it for one that nobody handles. */
export function willBeHandled(value: object): void {
  if (isPromise(value) && !(value instanceof NativePromise)) apply(nativeThen, value, [undefined, () => {}])
}

function* awaitThenable(runtime: Runtime, value: object, then: Function): Generator<unknown, unknown, unknown> {
  const execution = runtime.execution as Execution
  const cell = new Cell()
  const { resolve, reject } = resolvers(execution, cell)
  willBeHandled(value)
  yield runtime.wait(undefined, 0)
  try {
    if (runtime.call(then, value, [resolve, reject], 0)) yield
  } catch (error) {
    if (!cell.resolved) execution.resolve(cell, error, true)
  }
  yield runtime.wait(cell.promise, 0)
  return cell.value
}

/** The two functions that settle a cell; where both or several callers may settle it, the first one wins. */
export function resolvers(
  execution: Execution,
  cell: Cell,
): { resolve: (value?: unknown) => void; reject: (reason?: unknown) => void } {
  // In a list, since the language gives them no names.
  const [resolve, reject] = [
    (value?: unknown): void => execution.settleOnce(cell, value, false),
    (reason?: unknown): void => execution.settleOnce(cell, reason, true),
  ]
  const handler =
    (settle: (value?: unknown) => void) =>
    (_: Function, __: unknown, args: unknown[]): boolean => {
      settle(args[0])
      execution.runtime.value = undefined
      return false
    }
  declare(resolve, handler(resolve))
  declare(reject, handler(reject))
  return { resolve, reject }
}
