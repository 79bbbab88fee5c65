/**
 * Identity: which object, array element, variable or key an access is about, as an integer that is the same in every
 * execution in which the creating task behaved the same.
 *
 * An object's record is looked up by (creating task, creation number) and outlives the execution, so that equal
 * traces speak of equal locations, as sleep sets and wakeup trees require. Objects that exist before the exploration
 * (module state) keep one record for good.
 */
import {
  Anchor,
  getPrototypeOf,
  hasOwn,
  isDataView,
  isMap,
  isObject,
  isPromise,
  isProxy,
  isSet,
  isTypedArray,
} from './natives.js'
import { innermost } from './proxies.js'

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
/** Of what messages arrive at: how far their delivery is, what was sent, who listens; and who has a broadcast channel open. */
export const DELIVERIES = Symbol('deliveries')
export const MESSAGES = Symbol('messages')
export const LISTENERS = Symbol('listeners')
export const MEMBERS = Symbol('members')
/** Who waits on an element of shared memory, by `Atomics.wait`. Nothing else has such a key in it. */
export const waitersKey = (byte: number): string => `${WAITERS}${byte}`
export const WAITERS = 'waiters of byte '

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
  /** A native object whose properties are all about one hidden state, such as a URL. */
  Whole = 8,
}

/** What is known of one object, or of one scope's variables. */
export class ObjectRecord {
  shape: Shape = Shape.Plain
  /** Objects that nobody saw being made: the execution in which it was met last; -1 for all others. */
  sighted = -1
  /** Met in more than one execution: the object outlives them, and its record is taken for good. */
  persistent = false
  /** Others inherit from it, and were read. */
  inherited = false
  /** A task wrote to it. */
  written = false
  /** Names of inherited methods that a task hid by properties of its own. */
  shadowed: Set<Key> | null = null
  /** Of an object with a state of its own that is a view of this one's. */
  part: ObjectRecord | null = null
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
  #consulted = false
  #called = false
  private constructor(target: object, record: ObjectRecord) {
    super(target)
    this.#record = record
  }
  static of(target: object): ObjectRecord | undefined {
    return #record in target ? target.#record : undefined
  }
  static put(target: object, record: ObjectRecord): void {
    if (#record in target) {
      target.#record = record
      target.#consulted = false
      target.#called = false
    } else new RecordStamp(target, record)
  }
  static consulted(target: object): boolean {
    return #record in target ? target.#consulted : unstampable.has(target)
  }
  static consults(target: object): void {
    if (#record in target) target.#consulted = true
  }
  static called(target: object): boolean {
    return #record in target ? target.#called : true
  }
  static calls(target: object): void {
    if (#record in target) target.#called = true
  }
}

/**
 * Objects that can't take a private field (an engine may refuse it to non-extensible ones), and builtin prototypes: V8
 * does regular expressions two to four times slower once RegExp.prototype is not as it was made.
 */
const unstampable = new WeakMap<object, ObjectRecord>()

/**
 * `consulted`: it is known that others inherit from the object; always so of what is built in. `called`: a method that it
 * inherits was called, which was no access.
 */
export const { consulted, consults, called, calls } = RecordStamp

export function recordOf(target: object): ObjectRecord | undefined {
  return RecordStamp.of(target) ?? unstampable.get(target)
}

export function stamp(target: object, record: ObjectRecord): void {
  if (record !== BUILTIN) {
    record.shape = shapeOf(target)
    if (record.shape === Shape.Whole) joinParts(target, record)
  }
  put(target, record)
}

/** The same for an object that a literal has just made. */
export function stampLiteral(target: object, record: ObjectRecord): void {
  record.shape = Array.isArray(target) ? Shape.Array : Shape.Plain
  put(target, record)
}

function put(target: object, record: ObjectRecord): void {
  try {
    // The engine looks properties of the global object up in its own way, which a private field might spoil.
    if (target === globalThis) unstampable.set(target, record)
    else if (record === BUILTIN && typeof target !== 'function' && hasOwn(target, 'constructor')) {
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
  if (isProxy(target)) return Shape.Proxy
  return wholes.has(getPrototypeOf(target)) ? Shape.Whole : Shape.Plain
}

const wholes = new Set<unknown>([URL.prototype, URLSearchParams.prototype])

/** The parameters of a URL are a view of it. */
function joinParts(target: object, record: ObjectRecord): void {
  const params = searchParamsOf(target)
  if (params === undefined) return
  record.part ??= new ObjectRecord(`${record.label}.searchParams`, record.table)
  record.part.shape = Shape.Whole
  record.part.locations.set(INSIDE, record.location(INSIDE))
  put(params, record.part)
}

function searchParamsOf(target: object): URLSearchParams | undefined {
  try {
    return target instanceof URL ? target.searchParams : undefined
  } catch {
    return undefined
  }
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

export interface WalkOptions {
  /** Most objects to visit. Default 100 000. */
  limit?: number
  /** Steps away from the root. Default: any number. */
  depth?: number
  /** Also what objects inherit from. */
  prototypes?: boolean
}

/** Calls `visit` for every object reachable from `root` by own data properties and collection entries, breadth first. */
export function walk(root: unknown, visit: (value: object) => boolean, options: WalkOptions = {}): void {
  const { limit = 100_000, depth = Number.POSITIVE_INFINITY, prototypes = false } = options
  const queue: object[] = []
  const seen = new Set<object>()
  const push = (value: unknown): void => {
    if (isObject(value) && !seen.has(value) && seen.size < limit) {
      seen.add(value)
      queue.push(value)
    }
  }
  push(root)
  let level = 0
  let levelEnds = queue.length
  for (let next = 0; next < queue.length; next++) {
    if (next === levelEnds) {
      level++
      levelEnds = queue.length
    }
    const value = queue[next] as object
    if (!visit(value) || level >= depth) continue
    if (isProxy(value)) {
      const inner = innermost(value)
      if (inner !== value) push(inner)
      continue
    }
    if (prototypes) push(getPrototypeOf(value))
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
