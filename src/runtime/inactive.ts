/**
 * Coroutines without an exploration: functions that were created inside one and outlived it, or that something else
 * in the process calls. They run as they would natively.
 */
import type { Frame } from './frame.js'
import { apply, isObject, NativePromise, nativeThen } from './natives.js'
import { Command, notAnObject, type Runtime } from './runtime.js'

export function driveInactive(runtime: Runtime, frame: Frame): unknown {
  const task = runtime.task
  const on = runtime.on
  const once = (sent: unknown, failed: boolean): IteratorResult<unknown> => {
    runtime.task = null
    try {
      return failed ? frame.generator.throw(sent) : frame.generator.next(sent)
    } finally {
      runtime.task = task
      runtime.on = on
    }
  }
  /** Up to the end, or the next await. What the runtime does by coroutines of its own is done on the way. */
  const advance = (sent: unknown, failed: boolean): IteratorResult<unknown> => {
    let next = once(sent, failed)
    while (!next.done && (runtime.command === Command.Call || runtime.command === Command.CallAwait)) {
      const awaits = runtime.command === Command.CallAwait
      const entered = runtime.entered as Frame
      runtime.entered = null
      let value: unknown
      let threw = false
      try {
        value = driveInactive(runtime, entered)
        if (entered.yieldsObject && !isObject(value)) throw notAnObject(value)
      } catch (error) {
        value = error
        threw = true
      }
      if (awaits && !threw) {
        runtime.command = Command.Wait
        runtime.operand = value
        return next
      }
      next = once(value, threw)
    }
    return next
  }
  if (!frame.isAsync) {
    const { value } = advance(undefined, false)
    const made = frame.constructed
    return made !== null && (typeof value !== 'object' || value === null) && typeof value !== 'function' ? made : value
  }
  return new NativePromise((resolve, reject) => {
    const step = (sent: unknown, failed: boolean): void => {
      let next: IteratorResult<unknown>
      try {
        next = advance(sent, failed)
      } catch (error) {
        return reject(error)
      }
      if (next.done) return resolve(next.value)
      if (runtime.command !== Command.Wait)
        return reject(new Error('frontrun: a blocking operation outside an exploration'))
      apply(nativeThen, NativePromise.resolve(runtime.operand), [
        (value: unknown) => step(value, false),
        (error: unknown) => step(error, true),
      ])
    }
    step(undefined, false)
  })
}
