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

export function callbackLoop(runtime: RuntimeHooks, target: unknown, body: LoopBody): void {
  declare(target, (native, self, args, site) => {
    const [callback, receiver] = args
    if (typeof callback !== 'function' || !isObject(self)) {
      // Let the native function complain.
      runtime.value = apply(native, self, args)
      return false
    }
    return runtime.push(new Frame(body(self, callback, receiver, site, args), false, 0), site)
  })
}
