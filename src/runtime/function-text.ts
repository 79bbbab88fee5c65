/**
 * `toString` of instrumented functions gives what it would give without instrumentation: programs evaluate it elsewhere
 * and read parameter names off it.
 */
import { INSTRUMENTED, infoOf } from './functions.js'
import { apply, functionToString, matches, ORIGINAL } from './natives.js'
import type { Runtime } from './runtime.js'

/** Parameters that do nothing when the function is called: asking it for its site is safe. */
const PLAIN_HEADER = /^[^({[`]*\(?(?:[\w$\s,.=+-]|"[^"\\\n]*"|'[^'\\\n]*'|\/\*[^*]*\*\/)*\)?[^({[`]*\{/

export function installFunctionText(runtime: Runtime): void {
  const known = new WeakMap<Function, string>()
  const siteOf = (target: Function): number => {
    try {
      return runtime.siteOf(target)
    } catch {
      return 0
    }
  }
  const textOf = (target: Function): string => {
    const text = apply(functionToString, target, []) as string
    if (infoOf(target) !== INSTRUMENTED || !matches(PLAIN_HEADER, text)) return text
    let original = known.get(target)
    if (original === undefined) {
      original = runtime.sites.functionText(siteOf(target)) ?? text
      known.set(target, original)
    }
    return original
  }
  const replacement: Function = new Proxy(functionToString, {
    get: (target, key) => (key === ORIGINAL ? target : Reflect.get(target, key)),
    apply: (_, self, args) =>
      typeof self === 'function'
        ? textOf(self === replacement ? functionToString : self)
        : apply(functionToString, self, args),
  })
  Object.defineProperty(Function.prototype, 'toString', { value: replacement, writable: true, configurable: true })
}
