/** Object, Reflect and Function builtins that read and write other objects' properties, or call functions. */
import { declare } from '../functions.js'
import { peek } from '../hooks.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isObject } from '../natives.js'
import { READ } from '../recorder.js'
import { type Note, operation } from './operations.js'

/** A note about the first argument rather than the receiver. */
const ofFirst =
  (note: Note): Note =>
  (recorder, _, args, site) => {
    if (isObject(args[0])) note(recorder, args[0], args, site)
  }

export function installObjects(runtime: RuntimeHooks): void {
  const keys = ofFirst((recorder, object, _, site) => recorder.addKeysRead(object, site))
  const properties = ofFirst((recorder, object, _, site) => recorder.addPropertiesRead(object, site))
  const one = ofFirst((recorder, object, [, key], site) =>
    recorder.addElement(object, runtime.propertyKey(key), READ, site),
  )
  operation(runtime, Object.keys, keys, true, true)
  operation(runtime, Object.getOwnPropertyNames, keys, true, true)
  operation(runtime, Reflect.ownKeys, keys, true, true)
  const json = ofFirst((recorder, object, _, site) => recorder.addReachableRead(object, site, true, false))
  operation(runtime, JSON.stringify, json, false, true)
  const clone = ofFirst((recorder, object, _, site) => recorder.addReachableRead(object, site, true))
  operation(runtime, structuredClone, clone, true, true)
  for (const target of [Object.values, Object.entries, Object.getOwnPropertyDescriptors])
    operation(runtime, target, properties, true, true)
  operation(
    runtime,
    Object.assign,
    (recorder, _, [target, ...sources], site) => {
      for (const source of sources) {
        if (!isObject(source)) continue
        recorder.addPropertiesRead(source, site)
        if (!isObject(target)) continue
        for (const key of Reflect.ownKeys(source)) recorder.addWrite(target, key, peek(source, key), site)
      }
    },
    false,
    true,
  )
  for (const target of [
    Reflect.get,
    Reflect.has,
    Object.hasOwn,
    Object.getOwnPropertyDescriptor,
    Reflect.getOwnPropertyDescriptor,
  ])
    operation(runtime, target, one, false, true)
  operation(runtime, Object.prototype.hasOwnProperty, (recorder, self, [key], site) =>
    recorder.addElement(self, runtime.propertyKey(key), READ, site),
  )
  operation(
    runtime,
    Reflect.set,
    ofFirst((recorder, object, [, key, value], site) =>
      recorder.addWrite(object, runtime.propertyKey(key), value, site),
    ),
    false,
    true,
  )
  for (const target of [Object.defineProperty, Reflect.defineProperty])
    operation(
      runtime,
      target,
      ofFirst((recorder, object, [, key, descriptor], site) =>
        recorder.addWrite(object, runtime.propertyKey(key), descriptor?.value, site),
      ),
      false,
      true,
    )
  operation(
    runtime,
    Reflect.deleteProperty,
    ofFirst((recorder, object, [, key], site) => recorder.addRemove(object, runtime.propertyKey(key), site)),
    false,
    true,
  )

  const { call, apply: applyMethod, bind } = Function.prototype
  declare(call, (_, self, [receiver, ...args], site) => runtime.call(self, receiver, args, site))
  declare(applyMethod, (_, self, [receiver, args], site) =>
    runtime.call(self, receiver, args ? Array.from(args) : [], site),
  )
  declare(Reflect.apply, (_, __, [target, receiver, args], site) =>
    runtime.call(target, receiver, Array.from(args), site),
  )
  declare(Reflect.construct, (native, self, args, site) => {
    if (args.length < 3) return runtime.construct(args[0], Array.from(args[1]), site)
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
