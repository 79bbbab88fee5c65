/** The accesses of the step that is running, and, when asked for, the whole story of an execution. */

import { ACQUIRE, type Attempt, addAccess, type Guard, READ, RELEASE, UPDATE, WRITE } from '../engine/index.js'
import { printValue } from '../explain/values.js'
import {
  BUILTIN,
  canonicalKey,
  isPrivateKey,
  KEYS,
  type Key,
  type LocationTable,
  type ObjectRecord,
  ORDER,
  recordOf,
  Shape,
  stamp,
  walk,
} from './identity.js'
import { hasOwn, isMap, isSet } from './natives.js'
import { cut } from './reuse.js'
import type { Point, Task } from './task.js'

export { ACQUIRE, READ, RELEASE, UPDATE, WRITE }

/** One access as it happened, for explanations. */
export interface LoggedAccess {
  step: number
  task: Task
  location: number
  kind: number
  site: number
  value: string | undefined
  /** Sites of the calls that led here, innermost first. */
  stack: readonly number[]
}

export class Recorder {
  readonly locations: LocationTable
  /** `location * 8 + kind`, each location once. The array is used again for the next step. */
  readonly footprint: number[] = []
  /** Per location: the step that touched it last, and where in the footprint. */
  private marks: number[] = []
  private places: number[] = []
  /** Counts up for every step of every execution, so that marks need no clearing. */
  private epoch = 0
  /** Set to have accesses logged. */
  log: LoggedAccess[] | null = null
  /** Order-sensitive looks at keys whose insertions were taken as commuting: the exploration must start again. */
  learnedOrder = false
  /** Labels of the objects whose order of keys somebody looks at: insertions into them do not commute. */
  ordered = new Set<string>()
  /** Labels of the objects that got or lost keys in a way that was taken as commuting. */
  private readonly commuted = new Set<string>()
  /** A step of the tasks is running, rather than setup or the invariant. */
  private scheduled = false

  /**
   * @param adopt makes a record for an object that nobody saw being created
   * @param entry completes a log entry with the task, step and call chain
   */
  constructor(
    locations: LocationTable,
    private readonly adopt: (target: object, site: number) => ObjectRecord,
    private readonly entry: (location: number, kind: number, site: number, value: string | undefined) => LoggedAccess,
  ) {
    this.locations = locations
  }

  /** Declared operations in this step, and whether one of them may touch other things when run earlier or later. */
  private touches = 0
  private varied = false

  /** Number of the present execution. */
  execution = 0

  /** What a try-lock of this step would have found earlier. */
  attempt: Attempt | undefined = undefined
  /** What this step had to wait for. */
  guard: Guard | undefined = undefined

  beginStep(scheduled: boolean): void {
    this.attempt = undefined
    this.guard = undefined
    this.scheduled = scheduled
    this.epoch++
    cut(this.footprint)
    this.touches = 0
    this.varied = false
  }

  /** What a declared operation would add to a step now. Between steps only. */
  preview(point: Point): number[] {
    const { log } = this
    this.log = null
    this.beginStep(false)
    try {
      point.perform()
      return this.footprint.slice()
    } finally {
      this.log = log
    }
  }

  /** The step's footprint may depend on when it runs: more than one operation, or one that depends on the state. */
  get isMacro(): boolean {
    return this.varied || this.touches > 1
  }

  /** This step may touch other things when run earlier or later. */
  vary(): void {
    this.varied = true
  }

  add(location: number, kind: number): void {
    if (location < 0) return
    if (this.marks[location] !== this.epoch) {
      this.marks[location] = this.epoch
      this.places[location] = this.footprint.length
      this.footprint.push(location * 8 + kind)
      return
    }
    const place = this.places[location] as number
    const present = (this.footprint[place] as number) & 7
    if (present === kind) return
    if (present >= ACQUIRE || kind >= ACQUIRE) {
      addAccess(this.footprint, location * 8 + kind)
    } else this.footprint[place] = location * 8 + WRITE
  }

  record(target: object, site: number): ObjectRecord {
    const known = recordOf(target)
    if (known !== undefined && (known.table === this.locations || known === BUILTIN)) {
      if (known.sighted >= 0 && known.sighted !== this.execution) {
        known.sighted = this.execution
        known.persistent = true
      }
      return known
    }
    const made = this.adopt(target, site)
    stamp(target, made)
    return made
  }

  /** Whether the object has its identity already, in this exploration. */
  knows(target: object): boolean {
    const record = recordOf(target)
    return record !== undefined && (record.table === this.locations || record === BUILTIN)
  }

  /** Adds every location an element access touches: one, but for the elements of several bytes of a view. */
  addElement(target: object, key: Key, kind: number, site: number, value: unknown = NO_VALUE): void {
    const record = this.record(target, site)
    const canonical =
      key === 'size' && (record.shape === Shape.Map || record.shape === Shape.Set) ? KEYS : canonicalKey(key)
    if (record.shape !== Shape.View || typeof canonical !== 'number') {
      this.touch(record.location(canonical), kind, site, value)
      return
    }
    const view = target as Uint8Array
    const buffer = this.record(view.buffer, site)
    const first = view.byteOffset + canonical * view.BYTES_PER_ELEMENT
    this.touch(buffer.location(first), kind, site, value)
    for (let byte = 1; byte < view.BYTES_PER_ELEMENT; byte++) this.add(buffer.location(first + byte), kind)
  }

  /** Bytes of the memory under a view. */
  addBytes(view: ArrayBufferView, offset: number, size: number, kind: number, site: number): void {
    const buffer = this.record(view.buffer, site)
    const first = view.byteOffset + offset
    this.touch(buffer.location(first), kind, site)
    for (let byte = 1; byte < size; byte++) this.add(buffer.location(first + byte), kind)
  }

  /** A write to `target[key]`, and what it does to the set of keys. */
  addWrite(target: object, key: Key, value: unknown, site: number): void {
    this.addElement(target, key, WRITE, site, given(value))
    const record = recordOf(target) as ObjectRecord
    if (record.shape === Shape.View || record.shape === Shape.Proxy) return
    if (record.shape === Shape.Array) {
      const { length } = target as unknown[]
      if (key === 'length') {
        this.allElements(target as unknown[], WRITE, record)
        this.addHoles(record, length, Number(value))
      } else {
        const index = canonicalKey(key)
        if (typeof index === 'number' && index >= length) {
          this.varied = true
          this.add(record.location('length'), WRITE)
          this.addHoles(record, length, index)
        }
      }
      return
    }
    if (!hasOwn(target, key) && !isPrivateKey(key)) this.addKeyChange(record)
  }

  /**
   * Elements that the length comes to cover, though nothing is put there: a write to one of them would have moved the
   * length before, and no longer does.
   */
  private addHoles(record: ObjectRecord, from: number, to: number): void {
    const end = Math.min(to, from + MOST_HOLES)
    for (let index = from; index < end; index++) this.add(record.location(index), WRITE)
  }

  addRemove(target: object, key: Key, site: number): void {
    this.addElement(target, key, WRITE, site)
    const record = recordOf(target) as ObjectRecord
    if (record.shape !== Shape.Proxy && record.shape !== Shape.Array && hasOwn(target, key)) this.addKeyChange(record)
  }

  /** A key comes or goes. */
  addKeyChange(record: ObjectRecord): void {
    this.varied = true
    if (this.scheduled) this.commuted.add(record.label)
    this.add(record.location(KEYS), UPDATE)
    this.add(record.location(ORDER), this.ordered.has(record.label) ? WRITE : UPDATE)
  }

  /** Somebody looks which keys there are, and in which order. */
  addKeysRead(target: object, site: number, ordered = true): void {
    const record = this.record(target, site)
    if (record.shape === Shape.Array) return this.touch(record.location('length'), READ, site)
    this.touch(record.location(KEYS), READ, site)
    if (!ordered) return
    this.add(record.location(ORDER), READ)
    if (!this.ordered.has(record.label)) {
      this.ordered.add(record.label)
      if (this.commuted.has(record.label)) this.learnedOrder = true
    }
  }

  /** Every key goes. */
  addKeysWrite(target: object, site: number): void {
    const record = this.record(target, site)
    this.touch(record.location(KEYS), WRITE, site)
    this.add(record.location(ORDER), WRITE)
  }

  /** Everything an iteration of a collection sees. */
  addContentRead(target: object, site: number, ordered = true): void {
    const record = this.record(target, site)
    if (record.shape === Shape.Array) {
      this.touch(record.location('length'), READ, site)
      for (let index = 0; index < (target as unknown[]).length; index++) this.add(record.location(index), READ)
    } else if (record.shape === Shape.View) {
      for (let index = 0; index < (target as Uint8Array).length; index++) this.addElement(target, index, READ, site)
    } else if (record.shape === Shape.Map) {
      this.addKeysRead(target, site, ordered)
      for (const key of Map.prototype.keys.call(target)) this.add(record.location(entryKey(key, this, site)), READ)
    } else if (record.shape === Shape.Set) this.addKeysRead(target, site, ordered)
  }

  /** Everything that can be seen through an object, by something that may look at all of it. */
  addReachableRead(target: object, site: number, ordered: boolean, intoCollections = true): void {
    walk(
      target,
      object => {
        if (recordOf(object) === BUILTIN || typeof object === 'function') return false
        if (!intoCollections && (isMap(object) || isSet(object))) return false
        if (isMap(object) || isSet(object)) this.addContentRead(object, site, ordered)
        else this.addPropertiesRead(object, site, ordered)
        return true
      },
      MOST_LOOKED_AT,
    )
  }

  /** Everything a copy of the own properties sees. */
  addPropertiesRead(target: object, site: number, ordered = true): void {
    const record = this.record(target, site)
    if (record.shape === Shape.Array || record.shape === Shape.View) return this.addContentRead(target, site, ordered)
    this.addKeysRead(target, site, ordered)
    if (record.shape !== Shape.Proxy)
      for (const key of Reflect.ownKeys(target)) this.addElement(target, key, READ, site)
  }

  private allElements(target: ArrayLike<unknown>, kind: number, record: ObjectRecord): void {
    this.varied = true
    this.add(record.location('length'), kind)
    for (let index = 0; index < target.length; index++) this.add(record.location(index), kind)
  }

  /** `add`, told with its site and value when the story is wanted. */
  touch(location: number, kind: number, site: number, value: unknown = NO_VALUE): void {
    if (location < 0) return
    this.touches++
    this.add(location, kind)
    if (this.log !== null)
      this.log.push(
        this.entry(
          location,
          kind,
          site,
          value === NO_VALUE ? undefined : printValue(value === UNDEFINED ? undefined : value),
        ),
      )
  }
}

/**
 * A Map's or Set's key as a location key. It may be any value: objects stand for themselves by their identity; the
 * prefix keeps keys apart from the properties of the collection object.
 */
export function entryKey(key: unknown, recorder: Recorder, site: number): Key {
  switch (typeof key) {
    case 'string':
      return `s:${key}`
    case 'symbol':
      return key
    case 'object':
    case 'function':
      return key === null ? 'null' : `o:${recorder.record(key, site).label}`
    default:
      return `${typeof key}:${String(Object.is(key, -0) ? 0 : key)}`
  }
}

/** Objects that a function which looks at everything it is given is taken to look at. */
const MOST_LOOKED_AT = 500

/** Holes that one write to an array leaves, as far as they are told apart. */
const MOST_HOLES = 100_000

/** Stands for "there is no value to show". */
export const NO_VALUE = Symbol('no value')
/** Stands for the value undefined, where leaving a value out means that there is none to show. */
const UNDEFINED = Symbol('undefined')

/** A value to show, whatever it is. */
export const given = (value: unknown): unknown => (value === undefined ? UNDEFINED : value)
