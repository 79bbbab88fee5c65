/** Builtins that call back: done by a coroutine of ours, so that the callbacks are calls like any other. */
import { Frame } from '../frame.js'
import { declare } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isObject } from '../natives.js'

export type LoopBody = (
  self: any,
  callback: Function,
  receiver: unknown,
  site: number,
  args: unknown[],
) => Generator<unknown, unknown, any>

/** `position`: of the callback among the arguments; what stands before it is the `self` of the loop. */
export function callbackLoop(runtime: RuntimeHooks, target: unknown, body: LoopBody, position: 0 | 1 = 0): void {
  declare(target, (native, receiverOfCall, args, site) => {
    const self = position === 0 ? receiverOfCall : args[0]
    const [callback, receiver] = args.slice(position)
    if (typeof callback !== 'function' || !isObject(self)) {
      // Let the native function complain.
      runtime.value = apply(native, receiverOfCall, args)
      return false
    }
    return runtime.push(new Frame(body(self, callback, receiver, site, args), false, 0), site)
  })
}
