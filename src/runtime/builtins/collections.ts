/** Map and Set: one location per key, one for the set of keys, one for their order. */
import type { ObjectRecord } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { isMap, isSet } from '../natives.js'
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

const iterate: Note = (recorder, self, _, site) => recorder.addContentRead(self, site)

export function installCollections(runtime: RuntimeHooks): void {
  const { prototype: map } = Map
  const { prototype: set } = Set
  for (const target of [map.get, map.has, set.has]) operation(runtime, target, readKey)
  for (const target of [map.set, set.add]) operation(runtime, target, change)
  for (const target of [map.delete, set.delete]) operation(runtime, target, remove)
  for (const target of [map.clear, set.clear]) operation(runtime, target, clear)
  // An iterator taken by hand sees the collection as it is now and later: recorded when it is made.
  for (const target of [map.entries, map.keys, map.values, set.entries, set.values]) operation(runtime, target, iterate)
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
