/** Names for people: how a location is reached from the state or from a module's variables. */
import {
  DELIVERIES,
  HELD,
  INSIDE,
  isPrivateKey,
  KEYS,
  LISTENERS,
  MEMBERS,
  MESSAGES,
  type ObjectRecord,
  ORDER,
  recordOf,
  SETTLE,
  Shape,
  WAITERS,
} from '../runtime/identity.js'
import { runtime } from '../runtime/index.js'
import { isMap, isObject, isProxy, isSet, isTypedArray } from '../runtime/natives.js'
import { Resource } from '../runtime/outside/resource.js'
import type { Scheduler } from '../runtime/scheduler.js'

const OF_MESSAGES = new Set<PropertyKey>([DELIVERIES, LISTENERS, MEMBERS, MESSAGES])

const MOST_OBJECTS = 20_000

export class LocationNames {
  private readonly paths = new Map<ObjectRecord, string>()
  /** Of memory: how the first view of it that was found divides it. */
  private readonly views = new Map<ObjectRecord, { path: string; first: number; size: number }>()

  /** What one root leads to has its name by then: the next one need not go there. */
  private readonly visited = new Set<object>()

  constructor(
    private readonly scheduler: Scheduler,
    state: unknown,
  ) {
    if (isObject(state)) this.walk(state, rootName(state))
    for (const file of runtime.sites.files) {
      try {
        for (const [name, value] of Object.entries(file.roots())) if (isObject(value)) this.walk(value, name)
      } catch {
        // A module whose bindings cannot be read yet has no names to give.
      }
    }
  }

  parts(location: number): { record: ObjectRecord; key: PropertyKey } {
    const { locations } = this.scheduler
    return { record: locations.records[location] as ObjectRecord, key: locations.keys[location] as PropertyKey }
  }

  ofRecord(record: ObjectRecord): string | undefined {
    return this.paths.get(record)
  }

  of(location: number): string {
    const { record, key } = this.parts(location)
    if (record === undefined) return `location ${location}`
    if (record.shape === Shape.Scope) return String(key)
    if (record instanceof Resource) return record.nameOf(key)
    if (record.label === 'clock') return 'the clock'
    if (key === SETTLE) return 'the promise'
    if (key === 'timer') return 'the timer'
    if (key === 'state' && record.label === 'code that is not instrumented') return record.label
    const path = this.paths.get(record) ?? nameless(record)
    if (key === HELD || key === INSIDE) return path
    if (key === KEYS)
      return record.shape === Shape.Map || record.shape === Shape.Set ? `${path}.size` : `the keys of ${path}`
    if (key === ORDER) return `the order of ${path}`
    if (record.shape === Shape.Map || record.shape === Shape.Set) return entryName(path, record.shape, key)
    const view = this.views.get(record)
    if (view !== undefined && typeof key === 'number') return elementName(view, key)
    if (view !== undefined && typeof key === 'string' && key.startsWith(WAITERS))
      return `who waits on ${elementName(view, Number(key.slice(WAITERS.length)))}`
    if (typeof key === 'number') return `${path}[${key}]`
    if (OF_MESSAGES.has(key)) return `the ${(key as symbol).description} of ${path}`
    if (typeof key === 'symbol') return `${path}[${String(key)}]`
    if (isPrivateKey(key)) return `${path}${key as string}`
    return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key as string)
      ? `${path}.${key as string}`
      : `${path}[${JSON.stringify(key)}]`
  }

  private addView(view: Uint8Array, path: string, queue: [object, string][]): void {
    const memory = recordOf(view.buffer)
    if (memory !== undefined && !this.views.has(memory))
      this.views.set(memory, { path, first: view.byteOffset, size: view.BYTES_PER_ELEMENT })
    queue.push([view.buffer, path])
  }

  /** Breadth first, so that the shortest path names an object. */
  private walk(root: object, name: string): void {
    const queue: [object, string][] = [[root, name]]
    const { visited } = this
    for (let next = 0; next < queue.length && next < MOST_OBJECTS; next++) {
      const [object, path] = queue[next] as [object, string]
      if (visited.has(object)) continue
      visited.add(object)
      const record = recordOf(object)
      if (record !== undefined && !this.paths.has(record)) this.paths.set(record, path)
      if (isProxy(object) || isTypedArray(object)) {
        if (isTypedArray(object)) this.addView(object as Uint8Array, path, queue)
        continue
      }
      if (isMap(object))
        for (const [key, value] of Map.prototype.entries.call(object))
          if (isObject(value)) queue.push([value, `${path}.get(${print(key)})`])
      if (isSet(object))
        for (const value of Set.prototype.values.call(object))
          if (isObject(value)) queue.push([value, `an element of ${path}`])
      for (const key of Reflect.ownKeys(object)) {
        const descriptor = Object.getOwnPropertyDescriptor(object, key)
        if (descriptor === undefined || !('value' in descriptor) || !isObject(descriptor.value)) continue
        if (key === 'prototype' && typeof object === 'function') continue
        queue.push([
          descriptor.value,
          Array.isArray(object) && typeof key === 'string' ? `${path}[${key}]` : `${path}.${String(key)}`,
        ])
      }
    }
  }
}

/** Memory is told by its elements: a location is one byte. */
function elementName({ path, first, size }: { path: string; first: number; size: number }, byte: number): string {
  const offset = byte - first
  const rest = ((offset % size) + size) % size
  if (offset < 0) return `byte ${byte} of the memory of ${path}`
  return rest === 0 ? `${path}[${offset / size}]` : `byte ${rest} of ${path}[${(offset - rest) / size}]`
}

function nameless(record: ObjectRecord): string {
  switch (record.shape) {
    case Shape.Array:
      return 'an array'
    case Shape.Map:
      return 'a Map'
    case Shape.Set:
      return 'a Set'
    default:
      return /^(the broadcast channel|lock) '/.test(record.label) ? record.label : 'an object'
  }
}

const print = (key: unknown): string => (typeof key === 'string' ? `'${key}'` : isObject(key) ? '…' : String(key))

function entryName(path: string, shape: Shape, key: PropertyKey): string {
  const text = String(key)
  const shown = text.startsWith('s:') ? `'${text.slice(2)}'` : text.slice(text.indexOf(':') + 1)
  return `${path}.${shape === Shape.Map ? 'get' : 'has'}(${shown})`
}

/** `account` for a BankAccount, `state` for a plain object: what people would call it. */
function rootName(state: object): string {
  const name = (Object.getPrototypeOf(state) as { constructor?: { name?: string } } | null)?.constructor?.name
  if (name === undefined || name === '' || name === 'Object' || name === 'Function') return 'state'
  if (Array.isArray(state)) return 'state'
  const words = name.match(/[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])/g)
  return (words?.at(-1) ?? name).toLowerCase()
}
