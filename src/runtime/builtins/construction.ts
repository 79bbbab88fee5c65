/** What the constructors of the language and the platform read of their arguments. */
import { constructors, declare } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, construct, isObject, isProxy } from '../natives.js'
import { innermost, rememberProxy } from '../proxies.js'
import type { Recorder } from '../recorder.js'
import { noteConversions } from './conversions.js'

type Notes = (recorder: Recorder, args: any[], site: number) => void

/** An iterable, and the pairs in it. */
const entries: Notes = (recorder, [iterable], site) => {
  if (!isObject(iterable)) return
  recorder.addContentRead(iterable, site)
  const inner = isProxy(iterable) ? innermost(iterable) : iterable
  if (Array.isArray(inner) && !isProxy(inner))
    for (const entry of inner) if (isObject(entry) && !isProxy(entry)) recorder.addContentRead(entry, site)
}
const content: Notes = (recorder, [iterable], site) => {
  if (isObject(iterable)) recorder.addContentRead(iterable, site)
}
const conversions: Notes = (recorder, args, site) => noteConversions(recorder, args, site)

export function installConstruction(runtime: RuntimeHooks): void {
  const reads = (target: unknown, note: Notes): void => {
    if (typeof target !== 'function') return
    const before = constructors.get(target)
    constructors.set(target, (native, self, args, site) => {
      const perform = (): unknown => {
        note(runtime.recorder as Recorder, args, site)
        const made = construct(native, args)
        runtime.identify(made)
        return made
      }
      if (!args.some(isObject)) {
        if (before !== undefined) return before(native, self, args, site)
        runtime.value = construct(native, args)
        runtime.identify(runtime.value)
        return false
      }
      if (runtime.points && runtime.nested === 0) return runtime.declare(site, perform)
      runtime.value = perform()
      return false
    })
  }
  for (const target of [Map, WeakMap]) reads(target, entries)
  for (const target of [Set, WeakSet]) reads(target, content)
  for (const target of [Date, String, Number, Boolean, RegExp, URL]) reads(target, conversions)
  reads(URLSearchParams, (recorder, [init], site) => {
    if (!isObject(init)) return
    entries(recorder, [init], site)
    if (!isProxy(init)) recorder.addPropertiesRead(init, site)
  })
  const views = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array]
  for (const target of [...views, Float32Array, Float64Array, BigInt64Array, BigUint64Array]) reads(target, content)

  constructors.set(Proxy, (native, _, args) => {
    const [target, handler] = args
    const proxy = construct(native, args) as object
    runtime.value = rememberProxy(proxy, target, handler)
    runtime.identify(proxy)
    return false
  })
  declare(Proxy.revocable, (native, self, args) => {
    const result = apply(native, self, args) as { proxy: object }
    const [target, handler] = args
    rememberProxy(result.proxy, target, handler)
    runtime.identify(result.proxy)
    runtime.identify(result)
    runtime.value = result
    return false
  })
}
