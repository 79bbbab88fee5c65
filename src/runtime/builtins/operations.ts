/** How a builtin that touches shared state is declared: what it reads and writes, then the native operation itself. */
import { declare } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isObject } from '../natives.js'
import type { Recorder } from '../recorder.js'

/** Notes the accesses that `target.apply(self, args)` is about to make. */
export type Note = (recorder: Recorder, self: any, args: any[], site: number) => void

export function operation(
  runtime: RuntimeHooks,
  target: unknown,
  note: Note,
  makesObject = false,
  isStatic = false,
): void {
  declare(target, (native, self, args, site) => {
    const perform = (): unknown => {
      if (isStatic || isObject(self)) note(runtime.recorder as Recorder, self, args, site)
      const result = apply(native, self, args)
      if (makesObject) runtime.identify(result)
      return result
    }
    if (runtime.points && runtime.nested === 0 && (isStatic || isObject(self))) return runtime.declare(site, perform)
    runtime.value = perform()
    return false
  })
}
