/**
 * Iterators taken by hand: `list.values()`, `map.entries()` and the like, and the helpers made of them. Making one reads
 * nothing; each `next` reads what it gives, and changes the iterator.
 */
import { types } from 'node:util'
import { declare } from '../functions.js'
import { INSIDE, Shape } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, getPrototypeOf, isMap, isObject, isProxy, isSet, isTypedArray } from '../natives.js'
import { innermost } from '../proxies.js'
import { entryKey, READ, type Recorder, WRITE } from '../recorder.js'
import { callbackLoop } from './callbacks.js'

/** What a native iterator walks over. */
interface Walk {
  source: object
  /** Position in an array. */
  index: number
  /** Also the values, not just which keys there are. */
  values: boolean
  /** The keys of a Map or Set in the same order, one step behind. */
  keys: Iterator<unknown> | null
}

const walks = new WeakMap<object, Walk>()
const { keys: mapKeys } = Map.prototype
const { values: setValues } = Set.prototype

function walkOf(source: object, values: boolean): Walk {
  const keys = isMap(source) ? apply(mapKeys, source, []) : isSet(source) ? apply(setValues, source, []) : null
  return { source, index: 0, values, keys }
}

/** Notes one turn of the iterator. */
function noteNext(recorder: Recorder, iterator: object, site: number): void {
  recorder.touch(recorder.record(iterator, site).location(INSIDE), WRITE, site)
  const walk = walks.get(iterator)
  if (walk === undefined) return
  const { source } = walk
  const record = recorder.record(source, site)
  if (record.shape === Shape.Whole) return recorder.touch(record.location(INSIDE), READ, site)
  if (walk.keys !== null) {
    recorder.addKeysRead(source, site)
    const { done, value } = walk.keys.next()
    if (!done && walk.values && isMap(source))
      recorder.touch(record.location(entryKey(value, recorder, site)), READ, site)
  } else if (Array.isArray(source) || isTypedArray(source)) {
    recorder.addRead(source, 'length', site)
    const index = walk.index++
    if (walk.values && index < (source as unknown[]).length) recorder.addRead(source, index, site)
  } else {
    // A helper takes as much from the iterator under it as it needs.
    if (walks.has(source)) noteRest(recorder, source, site)
    recorder.touch(record.location(INSIDE), WRITE, site)
  }
}

/** Notes all turns that are left: something native takes them. */
function noteRest(recorder: Recorder, iterator: object, site: number): void {
  const walk = walks.get(iterator)
  if (walk === undefined && !types.isGeneratorObject(iterator)) return
  recorder.touch(recorder.record(iterator, site).location(INSIDE), WRITE, site)
  if (walk === undefined) return
  const { source } = walk
  if (!Array.isArray(source) && !isTypedArray(source)) {
    if (walks.has(source)) noteRest(recorder, source, site)
    return recorder.addContentRead(source, site)
  }
  recorder.addRead(source, 'length', site)
  for (let index = walk.index; walk.values && index < (source as unknown[]).length; index++)
    recorder.addRead(source, index, site)
}

export function installIterators(runtime: RuntimeHooks): void {
  /** A native method that makes an iterator over its receiver. */
  const makes = (target: unknown, values: boolean): void =>
    declare(target, (native, self, args) => {
      runtime.value = apply(native, self, args)
      const source = isProxy(self) ? innermost(self) : self
      if (isObject(source) && !isProxy(source) && isObject(runtime.value)) {
        walks.set(runtime.value, walkOf(source, values))
        runtime.identify(runtime.value)
      }
      return false
    })
  const typed = getPrototypeOf(Uint8Array.prototype) as Record<string, Function>
  const owners = [Array.prototype, typed, Map.prototype, Set.prototype, URLSearchParams.prototype]
  for (const owner of owners as unknown as Record<PropertyKey, Function>[]) {
    makes(owner.values, true)
    makes(owner.entries, true)
    if (owner.keys !== owner.values) makes(owner.keys, false)
    makes(owner[Symbol.iterator], true)
  }
  const generator = (function* () {})()
  const asyncGenerator = (async function* () {})()
  const steps = [
    ...[[].values(), new Map().keys(), new Set().keys(), new URLSearchParams().keys(), 'a'.matchAll(/a/g)],
    ...[getPrototypeOf(generator), getPrototypeOf(asyncGenerator), ...helperPrototypes()],
  ]
  for (const each of steps) {
    const prototype = getPrototypeOf(each) as Record<string, unknown>
    for (const name of ['next', 'return', 'throw']) if (Object.hasOwn(prototype, name)) takes(runtime, prototype[name])
  }
  runtime.noteIterator = noteRest
  installHelpers(runtime)
}

/** A step of an iterator. What it calls runs natively. */
function takes(runtime: RuntimeHooks, target: unknown): void {
  declare(target, (native, self, args, site) => {
    const perform = (): unknown => {
      if (isObject(self) && !isProxy(self)) noteNext(runtime.recorder as Recorder, self, site)
      runtime.callInPlace(native, self, args)
      return runtime.value
    }
    if (runtime.points && runtime.nested === 0 && isObject(self)) return runtime.declare(site, perform)
    perform()
    return false
  })
}

type Helpers = Record<string, ((this: unknown, ...args: unknown[]) => object) | undefined>
const iteratorPrototype = getPrototypeOf(getPrototypeOf([].values()) as object) as unknown as Helpers

/** Prototypes of what `iterator.map()` and `Iterator.from()` make, where they exist. */
function helperPrototypes(): object[] {
  const { from } = ((globalThis as Record<string, unknown>).Iterator ?? {}) as { from?: (iterator: object) => object }
  const helper = iteratorPrototype.take?.call([].values(), 0)
  const wrapped = from?.({ next: () => ({ done: true, value: undefined }) })
  return [helper, wrapped].filter(isObject)
}

function installHelpers(runtime: RuntimeHooks): void {
  for (const name of ['map', 'filter', 'take', 'drop', 'flatMap']) {
    declare(iteratorPrototype[name], (native, self, args) => {
      runtime.value = apply(native, self, args)
      if (isObject(self) && isObject(runtime.value)) {
        walks.set(runtime.value, { source: self, index: 0, values: true, keys: null })
        runtime.identify(runtime.value)
      }
      return false
    })
  }
  /** Each turn and each call of the callback is what it would be in a loop. */
  const loop = (
    name: string,
    start: (args: unknown[]) => any,
    visit: (state: any, value: unknown, result: unknown) => { end: unknown } | undefined,
    finish: (state: any) => unknown = state => state.value,
  ): void => {
    if (iteratorPrototype[name] === undefined) return
    callbackLoop(runtime, iteratorPrototype[name], function* (self, callback, _, site, args) {
      const iteration = (runtime.iterate(self, site) ? yield : runtime.value) as never
      const state = start(args)
      for (let index = 0; ; index++) {
        const turn = (runtime.next(iteration, site) ? yield : runtime.value) as IteratorResult<unknown>
        if (turn.done) return finish(state)
        if (name === 'reduce' && !state.started) {
          Object.assign(state, { started: true, value: turn.value })
          continue
        }
        const given = name === 'reduce' ? [state.value, turn.value, index] : [turn.value, index]
        let result: unknown
        try {
          result = runtime.call(callback, undefined, given, site) ? yield : runtime.value
        } catch (error) {
          if (runtime.close(iteration, site)) yield
          throw error
        }
        const end = visit(state, turn.value, result)
        if (end === undefined) continue
        if (runtime.close(iteration, site)) yield
        return end.end
      }
    })
  }
  loop(
    'forEach',
    () => ({ value: undefined }),
    () => undefined,
  )
  loop(
    'some',
    () => ({ value: false }),
    (_, __, result) => (result ? { end: true } : undefined),
  )
  loop(
    'every',
    () => ({ value: true }),
    (_, __, result) => (result ? undefined : { end: false }),
  )
  loop(
    'find',
    () => ({ value: undefined }),
    (_, value, result) => (result ? { end: value } : undefined),
  )
  loop(
    'reduce',
    args => ({ started: args.length > 1, value: args[1] }),
    (state, _, result) => {
      state.value = result
      return undefined
    },
    state => {
      if (!state.started) throw new TypeError('Reduce of a done iterator with no initial value')
      return state.value
    },
  )
  if (iteratorPrototype.toArray !== undefined)
    declare(iteratorPrototype.toArray, (native, self, args, site) => {
      const perform = (): unknown => {
        if (isObject(self)) noteRest(runtime.recorder as Recorder, self, site)
        runtime.callInPlace(native, self, args)
        runtime.identify(runtime.value)
        return runtime.value
      }
      if (runtime.points && runtime.nested === 0 && isObject(self)) return runtime.declare(site, perform)
      perform()
      return false
    })
}
