/** Object and Reflect builtins: what they read and write of the objects they are given. */
import type { Key } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { getPrototypeOf, hasOwn, isObject, isProxy } from '../natives.js'
import { peek } from '../peek.js'
import { innermost } from '../proxies.js'
import { READ, type Recorder } from '../recorder.js'
import { type Note, operation } from './operations.js'

/** A note about the first argument rather than the receiver. */
const ofFirst =
  (note: Note): Note =>
  (recorder, _, args, site) => {
    if (isObject(args[0])) note(recorder, args[0], args, site)
  }

export function installObjects(runtime: RuntimeHooks): void {
  const reads = (targets: unknown[], note: Note, makesObject = false): void => {
    for (const target of targets) operation(runtime, target, ofFirst(note), makesObject, true)
  }
  const changes = reads
  const key = (value: unknown): Key => runtime.propertyKey(value)
  const methods = Object.prototype as unknown as Record<string, Function>

  reads(
    [Object.keys, Object.getOwnPropertyNames, Object.getOwnPropertySymbols, Reflect.ownKeys],
    (recorder, object, _, site) => recorder.addKeysRead(object, site),
    true,
  )
  reads(
    [Object.values, Object.entries, Object.getOwnPropertyDescriptors],
    (recorder, object, _, site) => recorder.addPropertiesRead(object, site),
    true,
  )
  const own: Note = (recorder, object, [, name], site) => recorder.addElement(innermost(object), key(name), READ, site)
  reads([Object.hasOwn, Object.getOwnPropertyDescriptor, Reflect.getOwnPropertyDescriptor], own)
  for (const name of ['hasOwnProperty', 'propertyIsEnumerable'])
    operation(runtime, methods[name], (recorder, self, [of], site) => own(recorder, self, [self, of], site))
  const found: Note = (recorder, object, [, name], site) => recorder.addRead(object, key(name), site)
  reads([Reflect.get, Reflect.has], found)
  for (const name of ['__lookupGetter__', '__lookupSetter__'])
    operation(runtime, methods[name], (recorder, self, [of], site) => found(recorder, self, [self, of], site))
  operation(runtime, methods.toString, (recorder, self, _, site) => recorder.addRead(self, Symbol.toStringTag, site))
  operation(runtime, methods.isPrototypeOf, (recorder, _, [object], site) => {
    for (let at: unknown = object; isObject(at) && !isProxy(at); at = getPrototypeOf(at))
      recorder.addElement(at, '__proto__', READ, site)
  })

  operation(
    runtime,
    Object.assign,
    (recorder, _, [target, ...sources], site) => {
      for (const source of sources) {
        if (!isObject(source)) continue
        recorder.addPropertiesRead(source, site)
        if (!isObject(target)) continue
        const inner = innermost(source)
        if (!isProxy(inner))
          for (const name of Reflect.ownKeys(inner)) recorder.addWrite(target, name, peek(inner, name), site)
      }
    },
    false,
    true,
  )
  operation(
    runtime,
    Reflect.set,
    ofFirst((recorder, object, [, name, value, receiver], site) => {
      // What is found on one object is written to another: a proxy's trap passes the proxy on.
      const written = isObject(receiver) ? innermost(receiver) : object
      if (written !== object) recorder.addRead(object, key(name), site)
      recorder.addWrite(written, key(name), value, site)
    }),
    false,
    true,
  )
  changes([Object.defineProperty, Reflect.defineProperty], (recorder, object, [, name, descriptor], site) =>
    define(recorder, object, key(name), descriptor, site),
  )
  changes([Object.defineProperties], (recorder, object, [, descriptors], site) => {
    if (!isObject(descriptors)) return
    recorder.addPropertiesRead(descriptors, site)
    const inner = innermost(descriptors)
    for (const name of isProxy(inner) ? [] : Reflect.ownKeys(inner))
      define(recorder, object, name, peek(inner, name), site)
  })
  operation(
    runtime,
    Object.create,
    (recorder, _, [, descriptors], site) => {
      if (isObject(descriptors)) recorder.addPropertiesRead(descriptors, site)
    },
    true,
    true,
  )
  for (const name of ['__defineGetter__', '__defineSetter__'])
    operation(runtime, methods[name], (recorder, self, [of], site) => define(recorder, self, key(of), undefined, site))
  changes([Reflect.deleteProperty], (recorder, object, [, name], site) => recorder.addRemove(object, key(name), site))
  changes([Object.setPrototypeOf, Reflect.setPrototypeOf], (recorder, object, _, site) =>
    recorder.addPrototypeWrite(innermost(object), site),
  )
  reads([Object.getPrototypeOf, Reflect.getPrototypeOf], (recorder, object, _, site) =>
    recorder.addElement(innermost(object), '__proto__', READ, site),
  )
  changes(
    [Object.freeze, Object.seal, Object.preventExtensions, Reflect.preventExtensions],
    (recorder, object, _, site) => {
      const inner = innermost(object)
      recorder.addKeysWrite(inner, site)
      // Only writers come too late, or in time: for those who read them, properties stay what they are.
      if (!isProxy(inner)) for (const name of Reflect.ownKeys(inner)) recorder.addElement(inner, name, READ, site)
    },
  )
  reads([Object.isFrozen, Object.isSealed, Object.isExtensible, Reflect.isExtensible], (recorder, object, _, site) =>
    recorder.addKeysRead(object, site, false),
  )
  operation(
    runtime,
    Object.fromEntries,
    ofFirst((recorder, entries, _, site) => {
      recorder.addContentRead(entries, site)
      if (Array.isArray(entries) && !isProxy(entries))
        for (const entry of entries) if (isObject(entry)) recorder.addContentRead(entry, site)
    }),
    true,
    true,
  )
}

/** A property comes to be what `descriptor` says, whatever was inherited. */
function define(recorder: Recorder, object: object, key: Key, descriptor: unknown, site: number): void {
  const inner = innermost(object)
  if (isObject(descriptor) && !isProxy(descriptor)) {
    recorder.addDefine(inner, key, hasOwn(descriptor, 'value') ? peek(descriptor, 'value') : undefined, site)
  } else recorder.addDefine(inner, key, undefined, site)
}
