/**
 * Identity: which object, array element, variable or key an access is about, as an integer that is the same in every
 * execution in which the creating task behaved the same.
 *
 * An object's record is looked up by (creating task, creation number) and outlives the execution, so that equal
 * traces speak of equal locations, as sleep sets and wakeup trees require. Objects that exist before the exploration
 * (module state) keep one record for good.
 */
import { Anchor, hasOwn, isDataView, isMap, isObject, isPromise, isProxy, isSet, isTypedArray } from './natives.js'

/** A location's key inside its object. The symbols stand for what has no property key of its own. */
export type Key = PropertyKey
/** Which keys there are, and how many: `Object.keys`, `map.size`, iteration. */
export const KEYS = Symbol('keys')
/** In which order the keys stand. */
export const ORDER = Symbol('order')
/** Who holds a lock. */
export const HELD = Symbol('held')
/** What only an object's own methods see, of an object whose code is not instrumented. */
export const INSIDE = Symbol('inside')
/** That somebody settles a promise. */
export const SETTLE = Symbol('settle')

export enum Shape {
  Plain = 0,
  Array = 1,
  View = 2,
  Map = 3,
  Set = 4,
  Proxy = 5,
  /** A scope's variables. */
  Scope = 6,
  /** Of the outside world (see outside/resource.ts). */
  Outside = 7,
}

/** What is known of one object, or of one scope's variables. */
export class ObjectRecord {
  shape: Shape = Shape.Plain
  /** Objects that nobody saw being made: the execution in which it was met last; -1 for all others. */
  sighted = -1
  /** Met in more than one execution: the object outlives them, and its record is taken for good. */
  persistent = false
  readonly locations = new Map<Key, number>()
  constructor(
    readonly label: string,
    readonly table: LocationTable,
  ) {}

  location(key: Key): number {
    const known = this.locations.get(key)
    if (known !== undefined) return known
    const location = this.table.add(this, key)
    this.locations.set(key, location)
    return location
  }
}

/** Objects of the language and the platform: taken as never changing, so that reading them is no access. */
class BuiltinRecord extends ObjectRecord {
  override location(): number {
    return -1
  }
}

/** All locations of one exploration: number → (record, key). */
export class LocationTable {
  readonly records: ObjectRecord[] = []
  readonly keys: Key[] = []
  add(record: ObjectRecord, key: Key): number {
    this.records.push(record)
    this.keys.push(key)
    return this.keys.length - 1
  }
}

export const BUILTIN: ObjectRecord = new BuiltinRecord('builtin', new LocationTable())

class RecordStamp extends Anchor {
  #record: ObjectRecord
  private constructor(target: object, record: ObjectRecord) {
    super(target)
    this.#record = record
  }
  static of(target: object): ObjectRecord | undefined {
    return #record in target ? target.#record : undefined
  }
  static put(target: object, record: ObjectRecord): void {
    if (#record in target) target.#record = record
    else new RecordStamp(target, record)
  }
}

/**
 * Objects that can't take a private field (an engine may refuse it to non-extensible ones), and builtin prototypes: V8
 * does regular expressions two to four times slower once RegExp.prototype is not as it was made.
 */
const unstampable = new WeakMap<object, ObjectRecord>()

export function recordOf(target: object): ObjectRecord | undefined {
  return RecordStamp.of(target) ?? unstampable.get(target)
}

export function stamp(target: object, record: ObjectRecord): void {
  if (record !== BUILTIN) record.shape = shapeOf(target)
  try {
    if (record === BUILTIN && typeof target !== 'function' && hasOwn(target, 'constructor')) {
      unstampable.set(target, record)
    } else RecordStamp.put(target, record)
  } catch {
    unstampable.set(target, record)
  }
}

function shapeOf(target: object): Shape {
  if (Array.isArray(target)) return isProxy(target) ? Shape.Proxy : Shape.Array
  if (typeof target === 'function') return isProxy(target) ? Shape.Proxy : Shape.Plain
  if (isTypedArray(target) || isDataView(target)) return Shape.View
  if (isMap(target)) return Shape.Map
  if (isSet(target)) return Shape.Set
  return isProxy(target) ? Shape.Proxy : Shape.Plain
}

/** Emitted for the private field `#p`, which no object gets or loses later: `.#p`. */
export const isPrivateKey = (key: Key): boolean =>
  typeof key === 'string' && key.charCodeAt(0) === 46 && key.charCodeAt(1) === 35

/** `a['0']` and `a[0]` are one location. */
export function canonicalKey(key: Key): Key {
  if (typeof key !== 'string') return typeof key === 'number' && !isIndex(key) ? String(key) : key
  const first = key.charCodeAt(0)
  if (first < 48 || first > 57 || key.length > 10) return key
  const index = Number(key)
  return String(index) === key && isIndex(index) ? index : key
}

const isIndex = (value: number): boolean => value >= 0 && value < 4294967295 && Number.isInteger(value)

/** Under which Node keeps its own state on the objects of asynchronous operations. */
const NODE_KEYS = new Set(['kResourceStore', 'async_id_symbol', 'trigger_async_id_symbol', 'asyncId', 'triggerId'])

/** Calls `visit` for every object reachable from `root` by own data properties and collection entries, breadth first. */
export function walk(root: unknown, visit: (value: object) => boolean, limit = 100_000): void {
  const queue: object[] = []
  const seen = new Set<object>()
  const push = (value: unknown): void => {
    if (isObject(value) && !seen.has(value) && seen.size < limit) {
      seen.add(value)
      queue.push(value)
    }
  }
  push(root)
  for (let next = 0; next < queue.length; next++) {
    const value = queue[next] as object
    if (!visit(value) || isProxy(value)) continue
    if (isTypedArray(value) || isDataView(value)) {
      push(value.buffer)
      continue
    }
    if (isMap(value)) for (const pair of Map.prototype.entries.call(value)) pair.forEach(push)
    else if (isSet(value)) for (const entry of Set.prototype.values.call(value)) push(entry)
    // Promises have nothing of their own but what Node keeps on them.
    if (isPromise(value)) continue
    const isFunction = typeof value === 'function'
    for (const key of Reflect.ownKeys(value)) {
      // What calls a sloppy function at the moment: slow to find out, and never part of its state.
      if (isFunction && (key === 'arguments' || key === 'caller')) continue
      if (typeof key === 'symbol' && NODE_KEYS.has(key.description ?? '')) continue
      const descriptor = Object.getOwnPropertyDescriptor(value, key)
      if (descriptor !== undefined && 'value' in descriptor) push(descriptor.value)
    }
  }
}
