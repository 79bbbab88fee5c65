/** Objects of the language and of Node that keep their state inside: emitters, dates, weak maps, views of memory. */
import { createRequire } from 'node:module'
import { constructors, declare, FOREIGN, type FunctionInfo, infoOf } from '../functions.js'
import { INSIDE } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { isObject } from '../natives.js'
import { entryKey, READ, type Recorder, UPDATE, WRITE } from '../recorder.js'
import { type Note, operation } from './operations.js'

const require = createRequire(import.meta.url)

const inside =
  (kind: number): Note =>
  (recorder, self, _, site) =>
    recorder.touch(recorder.record(self, site).location(INSIDE), kind, site)

/** By the event's name, or all of them where none is given: what is done by name commutes, except with those. */
const listeners =
  (kind: number | ((self: any, event: any) => number), nameOf: (event: any) => unknown = event => event): Note =>
  (recorder, self, [event], site) => {
    const record = recorder.record(self, site)
    const does = typeof kind === 'number' ? kind : kind(self, event)
    if (event === undefined) return recorder.touch(record.location(INSIDE), does, site)
    recorder.touch(record.location(entryKey(nameOf(event), recorder, site)), does, site)
    recorder.add(record.location(INSIDE), UPDATE)
  }

/** Emitting takes away who listens for one time only. */
const emits = (emitter: any, event: any): number =>
  emitter.rawListeners(event).some((listener: object) => 'listener' in listener) ? WRITE : READ

/** The signals made by `AbortSignal.any` of each: they are aborted with it. */
const dependents = new WeakMap<AbortSignal, AbortSignal[]>()

/** What happens to a signal when it is aborted. */
export function noteAbort(recorder: Recorder, signal: AbortSignal, site: number): void {
  for (const dependent of dependents.get(signal) ?? []) noteAbort(recorder, dependent, site)
  recorder.addElement(signal, 'aborted', WRITE, site)
  recorder.addElement(signal, 'onabort', READ, site)
  recorder.touch(recorder.record(signal, site).location(entryKey('abort', recorder, site)), WRITE, site)
}

const methods = (prototype: object): [string, Function][] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) =>
    typeof value === 'function' && name !== 'constructor' ? [[name, value] as [string, Function]] : [],
  )

/** Methods of a class whose state nobody else sees: those that match change it, the others look. */
function stateful(runtime: RuntimeHooks, prototype: object, changes: RegExp): void {
  for (const [name, method] of methods(prototype)) operation(runtime, method, inside(changes.test(name) ? WRITE : READ))
}

export function installPlatform(runtime: RuntimeHooks): void {
  stateful(runtime, Date.prototype, /^set/)
  stateful(runtime, URLSearchParams.prototype, /^(append|delete|set|sort)$/)
  stateful(runtime, URL.prototype, /^$/)
  installWeakCollections(runtime)
  installViews(runtime)
  const statefulPattern: Note = (recorder, self, _, site) => {
    if (self.global || self.sticky) recorder.addElement(self, 'lastIndex', WRITE, site)
  }
  for (const method of [RegExp.prototype.exec, RegExp.prototype.test]) operation(runtime, method, statefulPattern)
  installEvents(runtime)
}

function installWeakCollections(runtime: RuntimeHooks): void {
  const key =
    (kind: number): Note =>
    (recorder, self, [target], site) =>
      recorder.touch(recorder.record(self, site).location(entryKey(target, recorder, site)), kind, site)
  for (const { prototype } of [WeakMap, WeakSet])
    for (const [name, method] of methods(prototype))
      operation(runtime, method, key(/get|has/.test(name) ? READ : WRITE))
}

/** DataView and Buffer, on the bytes of the memory under them. */
function installViews(runtime: RuntimeHooks): void {
  for (const [name, method] of methods(DataView.prototype)) {
    const kind = name.startsWith('set') ? WRITE : READ
    const size = /64/.test(name) ? 8 : /32/.test(name) ? 4 : /16/.test(name) ? 2 : 1
    operation(runtime, method, (recorder, self, [offset], site) =>
      recorder.addBytes(self, Number(offset) || 0, size, kind, site),
    )
  }
}

/** Listeners are called natively, at once; adding one conflicts with emitting. */
function installEvents(runtime: RuntimeHooks): void {
  const { EventEmitter } = require('node:events') as { EventEmitter: { prototype: object } }
  const looks = /^(listeners|rawListeners|listenerCount|eventNames|getMaxListeners)$/
  for (const [name, method] of methods(EventEmitter.prototype)) {
    const info: FunctionInfo = infoOf(method)
    if (info === FOREIGN || typeof info === 'number')
      called(runtime, method, listeners(name === 'emit' ? emits : looks.test(name) ? READ : WRITE))
  }
  for (const name of ['addEventListener', 'removeEventListener'] as const)
    called(runtime, EventTarget.prototype[name], listeners(WRITE))
  // Who listens for one time only can't be seen from outside.
  called(runtime, EventTarget.prototype.dispatchEvent, (recorder, self, [event], site) => {
    listeners(WRITE, ({ type }) => type)(recorder, self, [event], site)
    if (isObject(event)) recorder.addElement(self, `on${(event as Event).type}`, READ, site)
  })
  called(runtime, AbortController.prototype.abort, (recorder, self, _, site) => noteAbort(recorder, self.signal, site))
  operation(runtime, AbortSignal.prototype.throwIfAborted, (recorder, self, _, site) =>
    recorder.addElement(self, 'aborted', READ, site),
  )
  operation(
    runtime,
    AbortSignal.any,
    (recorder, _, [signals], site) => {
      if (Array.isArray(signals)) for (const signal of signals) recorder.addElement(signal, 'aborted', READ, site)
    },
    true,
    true,
    (result, [signals]) => {
      if (Array.isArray(signals))
        for (const signal of signals) dependents.set(signal, [...(dependents.get(signal) ?? []), result as AbortSignal])
    },
  )
  // The signal is there from the start: whoever came by it first would give it a name that depends on the schedule.
  constructors.set(AbortController, () => {
    const controller = new AbortController()
    runtime.identify(controller)
    runtime.identify(controller.signal)
    runtime.value = controller
    return false
  })
}

/** A native method that may call back: what it calls cannot be suspended. */
function called(runtime: RuntimeHooks, target: Function, note: Note): void {
  declare(target, (native, self, args, site) => {
    const perform = (): unknown => {
      if (isObject(self)) note(runtime.recorder as Recorder, self, args, site)
      runtime.callInPlace(native, self, args)
      return runtime.value
    }
    if (runtime.points && runtime.nested === 0 && isObject(self)) return runtime.declare(site, perform)
    perform()
    return false
  })
}
