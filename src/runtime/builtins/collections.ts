/** Map and Set: one location per key, one for the set of keys, one for their order. */
import { Frame } from '../frame.js'
import { declare } from '../functions.js'
import type { ObjectRecord } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isMap, isObject, isSet } from '../natives.js'
import { entryKey, given, NO_VALUE, READ, type Recorder, WRITE } from '../recorder.js'
import { callbackLoop } from './callbacks.js'
import { type Note, operation } from './operations.js'

const mapHas = Map.prototype.has
const mapGet = Map.prototype.get
const setHas = Set.prototype.has

function entry(
  recorder: Recorder,
  self: object,
  key: unknown,
  site: number,
): { record: ObjectRecord; location: number } {
  const record = recorder.record(self, site)
  return { record, location: record.location(entryKey(key, recorder, site)) }
}

const readKey: Note = (recorder, self, [key], site) => {
  const { location } = entry(recorder, self, key, site)
  recorder.touch(location, READ, site, recorder.log === null ? NO_VALUE : given(present(self, key)))
}

const present = (self: unknown, key: unknown): unknown =>
  isMap(self) ? mapGet.call(self, key) : isSet(self) && setHas.call(self, key)

const contains = (self: unknown, key: unknown): boolean =>
  isMap(self) ? mapHas.call(self, key) : isSet(self) && setHas.call(self, key)

const change: Note = (recorder, self, [key, value], site) => {
  const { record, location } = entry(recorder, self, key, site)
  const known = contains(self, key)
  // Adding what a Set has already changes nothing.
  if (known && isSet(self)) return recorder.touch(location, READ, site, true)
  recorder.touch(location, WRITE, site, isMap(self) ? given(value) : true)
  if (!known) recorder.addKeyChange(record)
}

const remove: Note = (recorder, self, [key], site) => {
  const { record, location } = entry(recorder, self, key, site)
  if (!contains(self, key)) return recorder.touch(location, READ, site, false)
  recorder.touch(location, WRITE, site, false)
  recorder.addKeyChange(record)
}

const clear: Note = (recorder, self, _, site) => {
  const record = recorder.record(self, site)
  const keys = isMap(self) ? Map.prototype.keys.call(self) : Set.prototype.keys.call(self)
  for (const key of keys) recorder.touch(record.location(entryKey(key, recorder, site)), WRITE, site, undefined)
  recorder.addKeysWrite(self, site)
}

/** What is set to be there is found, or comes to be there. */
const getOrInsert: Note = (recorder, self, [key, value], site) =>
  contains(self, key) ? readKey(recorder, self, [key], site) : change(recorder, self, [key, value], site)

/** All of both sets. */
const both: Note = (recorder, self, [other], site) => {
  recorder.addContentRead(self, site)
  if (isObject(other)) recorder.addContentRead(other, site)
}

export function installCollections(runtime: RuntimeHooks): void {
  const { prototype: map } = Map
  const { prototype: set } = Set
  for (const target of [map.get, map.has, set.has]) operation(runtime, target, readKey)
  for (const target of [map.set, set.add]) operation(runtime, target, change)
  for (const target of [map.delete, set.delete]) operation(runtime, target, remove)
  for (const target of [map.clear, set.clear]) operation(runtime, target, clear)
  const newer = { ...Object.getOwnPropertyDescriptors(map), ...Object.getOwnPropertyDescriptors(set) } as Record<
    string,
    PropertyDescriptor | undefined
  >
  if (newer.getOrInsert) operation(runtime, newer.getOrInsert.value, getOrInsert)
  for (const name of ['union', 'intersection', 'difference', 'symmetricDifference'])
    if (newer[name]) operation(runtime, newer[name].value, both, true)
  for (const name of ['isSubsetOf', 'isSupersetOf', 'isDisjointFrom'])
    if (newer[name]) operation(runtime, newer[name].value, both)
  if (newer.getOrInsertComputed) installComputed(runtime, newer.getOrInsertComputed.value)
  installGrouping(runtime)
  callbackLoop(runtime, map.forEach, function* (self, callback, receiver, site) {
    const iteration = runtime.iterate(self, site) ? yield : runtime.value
    for (;;) {
      const turn = (runtime.next(iteration as never, site) ? yield : runtime.value) as IteratorResult<
        [unknown, unknown]
      >
      if (turn.done) return undefined
      if (runtime.call(callback, receiver, [turn.value[1], turn.value[0], self], site)) yield
    }
  })
  callbackLoop(runtime, set.forEach, function* (self, callback, receiver, site) {
    const iteration = runtime.iterate(self, site) ? yield : runtime.value
    for (;;) {
      const turn = (runtime.next(iteration as never, site) ? yield : runtime.value) as IteratorResult<unknown>
      if (turn.done) return undefined
      if (runtime.call(callback, receiver, [turn.value, turn.value, self], site)) yield
    }
  })
}

/** `Object.groupBy` and `Map.groupBy`. */
function installGrouping(runtime: RuntimeHooks): void {
  for (const owner of [Object, Map] as unknown as Record<string, Function | undefined>[]) {
    if (owner.groupBy === undefined) continue
    callbackLoop(
      runtime,
      owner.groupBy,
      function* (items, callback, _, site) {
        const groups = new Map<unknown, unknown[]>()
        const iteration = (runtime.iterate(items, site) ? yield : runtime.value) as never
        for (let index = 0; ; index++) {
          const turn = (runtime.next(iteration, site) ? yield : runtime.value) as IteratorResult<unknown>
          if (turn.done) break
          let key: unknown
          try {
            key = runtime.call(callback, undefined, [turn.value, index], site) ? yield : runtime.value
            if ((owner as unknown) === Object) key = runtime.propertyKey(key)
          } catch (error) {
            if (runtime.close(iteration, site)) yield
            throw error
          }
          if (typeof key === 'number' && (owner as unknown) === Object) key = String(key)
          const group = groups.get(key)
          if (group === undefined) groups.set(key, runtime.made([turn.value]))
          else group.push(turn.value)
        }
        if ((owner as unknown) === Map) return runtime.identified(groups)
        const result = Object.create(null) as Record<PropertyKey, unknown>
        for (const [key, group] of groups) result[key as PropertyKey] = group
        return runtime.identified(result)
      },
      1,
    )
  }
}

/** `map.getOrInsertComputed(key, compute)`: two threads may both find nothing. */
function installComputed(runtime: RuntimeHooks, target: Function): void {
  function* getOrCompute(
    self: unknown,
    key: unknown,
    compute: unknown,
    site: number,
  ): Generator<unknown, unknown, any> {
    const { has, get, set } = Map.prototype
    if (runtime.call(has, self, [key], site) ? yield : runtime.value)
      return runtime.call(get, self, [key], site) ? yield : runtime.value
    const value = runtime.call(compute, undefined, [key], site) ? yield : runtime.value
    if (runtime.call(set, self, [key, value], site)) yield
    return value
  }
  declare(target, (native, self, args, site) => {
    const [key, compute] = args
    if (isMap(self) && typeof compute === 'function')
      return runtime.push(new Frame(getOrCompute(self, key, compute, site), false, 0), site)
    runtime.value = apply(native, self, args)
    return false
  })
}
