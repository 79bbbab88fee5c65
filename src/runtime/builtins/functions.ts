/** What calls functions by way of other functions. */
import { declare } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isObject } from '../natives.js'
import type { Recorder } from '../recorder.js'

export function installFunctions(runtime: RuntimeHooks): void {
  const { call, apply: applyMethod, bind } = Function.prototype
  /** The arguments are read off an object that others may change. */
  const listed = (list: unknown, site: number): unknown[] => {
    if (!isObject(list)) return list ? Array.from(list as never) : []
    const recorder = runtime.recorder as Recorder
    // The arguments of a call are its own, and made for it.
    if (recorder.knows(list)) recorder.addContentRead(list, site)
    return Array.from(list as ArrayLike<unknown>)
  }
  declare(call, (_, self, [receiver, ...args], site) => runtime.call(self, receiver, args, site))
  declare(applyMethod, (_, self, [receiver, args], site) => runtime.call(self, receiver, listed(args, site), site))
  declare(Reflect.apply, (native, self, args, site) => {
    const [target, receiver, list] = args
    if (!isObject(list)) {
      runtime.value = apply(native, self, args)
      return false
    }
    return runtime.call(target, receiver, listed(list, site), site)
  })
  declare(Reflect.construct, (native, self, args, site) => {
    if (args.length < 3 && isObject(args[1])) return runtime.construct(args[0], listed(args[1], site), site)
    runtime.value = apply(native, self, args)
    return false
  })
  declare(bind, (native, self, args) => {
    const bound = apply(native, self, args) as Function
    const [receiver, ...first] = args
    declare(bound, (_, __, rest, site) => runtime.call(self, receiver, [...first, ...rest], site))
    runtime.value = bound
    return false
  })
}
