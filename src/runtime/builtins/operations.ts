/** How a builtin that touches shared state is declared: what it reads and writes, then the native operation itself. */
import type { Execution } from '../execution.js'
import { declare } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isObject, isProxy } from '../natives.js'
import { innermost } from '../proxies.js'
import type { Recorder } from '../recorder.js'

/** Notes the accesses that `target.apply(self, args)` is about to make. */
export type Note = (recorder: Recorder, self: any, args: any[], site: number) => void

export function operation(
  runtime: RuntimeHooks,
  target: unknown,
  note: Note,
  /** What it returns is new; `tree`: and so is everything in it. */
  makes: boolean | 'tree' = false,
  isStatic = false,
  then?: (result: unknown, args: any[]) => void,
): void {
  declare(target, (native, self, args, site) => {
    const perform = (): unknown => {
      if (isStatic) note(runtime.recorder as Recorder, self, args, site)
      else if (isObject(self)) {
        // A proxy's traps, if they are instrumented, say what they do; looking at the rest must not call them.
        if (!isProxy(self)) note(runtime.recorder as Recorder, self, args, site)
        else if (!isProxy(innermost(self))) note(runtime.recorder as Recorder, innermost(self), args, site)
      }
      const result = apply(native, self, args)
      if (makes === 'tree') {
        if (isObject(result)) (runtime.execution as Execution).foreignResult(result, site)
      } else if (makes) runtime.identify(result)
      then?.(result, args)
      return result
    }
    if (runtime.points && runtime.nested === 0 && (isStatic || isObject(self))) return runtime.declare(site, perform)
    runtime.value = perform()
    return false
  })
}
