/** The accesses of the step that is running, and, when asked for, the whole story of an execution. */

import { types } from 'node:util'
import { ACQUIRE, type Attempt, addAccess, type Guard, READ, RELEASE, UPDATE, WRITE } from '../engine/index.js'
import { printValue } from '../explain/values.js'
import { ByteLog } from './byte-log.js'
import { IN_PLACE, INSTRUMENTED, infoOf } from './functions.js'
import {
  BUILTIN,
  canonicalKey,
  INSIDE,
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
import { Inheritance } from './inheritance.js'
import { getOwnPropertyDescriptor, getPrototypeOf, hasOwn, isMap, isModuleNamespaceObject, isSet } from './natives.js'
import { isInsideOfNode } from './node-objects.js'
import { behind, innermost } from './proxies.js'
import type { RaceDetector } from './races.js'
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
  readonly inheritance = new Inheritance(this)
  /** Some objects of the program have setters. */
  accessors = false
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

  /** Bytes of memory that threads share, as the steps found them. */
  readonly bytes = new ByteLog()
  /** Steps of threads: what an attempt on memory would have found before an earlier step is asked for. */
  keepsBytes = false
  step = -1

  /** @param step its index; -1: of no task */
  beginStep(step: number): void {
    this.attempt = undefined
    this.guard = undefined
    this.step = step
    this.scheduled = step >= 0
    this.epoch++
    cut(this.footprint)
    this.touches = 0
    this.varied = false
  }

  /** What a declared operation would add to a step now. Between steps only. */
  preview(point: Point): number[] {
    const { log } = this
    this.log = null
    this.beginStep(-1)
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

  /** Set to have races looked for. */
  races: RaceDetector | null = null
  private site = 0

  /** What is recorded within is a guess at what may be accessed, or is about no memory: no access to call a race. */
  withoutRaces(record: () => void): void {
    const { races } = this
    this.races = null
    try {
      record()
    } finally {
      this.races = races
    }
  }

  add(location: number, kind: number): void {
    if (location < 0) return
    if (this.races !== null && this.scheduled) this.races.access(location, kind, this.site)
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

  /** A read of `target[key]`: the property, or that it is not there and what is inherited instead. */
  addRead(target: object, key: Key, site: number, value: unknown = NO_VALUE): void {
    const record = this.record(target, site)
    if (record.shape === Shape.Proxy) {
      const seen = behind(target, 'get')
      if (seen !== target) {
        if (seen !== null) this.addRead(seen, key, site, value)
        return
      }
    }
    this.addAt(record, target, key, READ, site, value)
    if (this.scheduled && record.shape !== Shape.Proxy) this.inheritance.read(target, key, site)
  }

  /** Adds every location an element access touches: one, but for the elements of several bytes of a view. */
  addElement(target: object, key: Key, kind: number, site: number, value: unknown = NO_VALUE): void {
    this.addAt(this.record(target, site), target, key, kind, site, value)
  }

  private addAt(record: ObjectRecord, target: object, key: Key, kind: number, site: number, value: unknown): void {
    switch (record.shape) {
      case Shape.Map:
      case Shape.Set:
        return this.touch(record.location(key === 'size' ? KEYS : canonicalKey(key)), kind, site, value)
      case Shape.View:
        return this.addViewElement(record, target as Uint8Array, key, kind, site, value)
      case Shape.Whole:
        if (key !== 'searchParams') this.touch(record.location(INSIDE), kind, site)
        return
      default:
        this.touch(record.location(canonicalKey(key)), kind, site, value)
    }
  }

  private addViewElement(
    record: ObjectRecord,
    view: Uint8Array,
    key: Key,
    kind: number,
    site: number,
    value: unknown,
  ): void {
    const index = canonicalKey(key)
    const buffer = this.record(view.buffer, site)
    // The length of a view of memory that can grow or shrink is that of the memory.
    const { resizable, growable } = view.buffer as { resizable?: boolean; growable?: boolean }
    if ((resizable || growable) && (typeof index === 'number' || SIZES.has(index)))
      this.touch(buffer.location('byteLength'), READ, site)
    if (typeof index !== 'number') {
      if (!SIZES.has(index)) this.touch(record.location(index), kind, site, value)
      return
    }
    this.addBytes(view, index * view.BYTES_PER_ELEMENT, view.BYTES_PER_ELEMENT, kind, site, value)
  }

  /** Bytes of the memory under a view. */
  addBytes(
    view: ArrayBufferView,
    offset: number,
    size: number,
    kind: number,
    site: number,
    value: unknown = NO_VALUE,
  ): void {
    const buffer = this.record(view.buffer, site)
    const first = view.byteOffset + offset
    this.touch(buffer.location(first), kind, site, value)
    for (let byte = 1; byte < size; byte++) this.add(buffer.location(first + byte), kind)
    if (this.keepsBytes && this.scheduled)
      for (let byte = first; byte < first + size; byte++)
        this.bytes.note(buffer.location(byte), this.step, view.buffer, byte)
  }

  /** The locations of an element of a typed array: those of its bytes. */
  bytesOf(view: Int32Array | BigInt64Array, index: number, site: number): number[] {
    const buffer = this.record(view.buffer, site)
    const size = view.BYTES_PER_ELEMENT
    const first = view.byteOffset + index * size
    return Array.from({ length: size }, (_, byte) => buffer.location(first + byte))
  }

  /** A write to `target[key]`, and what it does to the set of keys. */
  addWrite(target: object, key: Key, value: unknown, site: number): void {
    const record = this.record(target, site)
    switch (record.shape) {
      case Shape.Proxy: {
        const seen = behind(target, 'set')
        if (seen !== null && seen !== target) this.addWrite(seen, key, value, site)
        else if (seen !== null) this.addAt(record, target, key, WRITE, site, given(value))
        return
      }
      case Shape.View:
      case Shape.Whole:
        return this.addAt(record, target, key, WRITE, site, given(value))
      case Shape.Array:
        this.addAt(record, target, key, WRITE, site, given(value))
        return this.addArrayWrite(record, target as unknown[], key, value)
    }
    const own = owns(target, key) || isPrivateKey(key)
    if (this.scheduled) {
      const { inheritance } = this
      if (!own && key === '__proto__') return inheritance.changePrototype(target, site, true)
      const setter = !own
        ? inheritance.shadows(target, key, record)
        : this.accessors
          ? setterOf(target, key)
          : undefined
      if (setter !== undefined) {
        // One of the program says itself what it does; what another keeps, and where, nobody sees.
        const info = infoOf(setter)
        if (info === INSTRUMENTED || info === IN_PLACE) return this.addRead(target, key, site)
        return this.addAt(record, target, key, WRITE, site, given(value))
      }
      inheritance.wrote(record)
    }
    this.addAt(record, target, key, WRITE, site, given(value))
    if (!own) this.addKeyChange(record)
  }

  /** A property comes to be, or changes, whatever is inherited: no setter is called. */
  addDefine(target: object, key: Key, value: unknown, site: number): void {
    const record = this.record(target, site)
    if (record.shape !== Shape.Plain) return this.addWrite(target, key, value, site)
    if (this.scheduled) {
      if (!hasOwn(target, key)) this.inheritance.shadows(target, key, record)
      this.inheritance.wrote(record)
    }
    this.addAt(record, target, key, WRITE, site, given(value))
    if (!hasOwn(target, key)) this.addKeyChange(record)
  }

  private addArrayWrite(record: ObjectRecord, target: unknown[], key: Key, value: unknown): void {
    const { length } = target
    if (key === 'length') {
      this.allElements(target, WRITE, record)
      this.addHoles(record, length, Number(value))
      return
    }
    const index = canonicalKey(key)
    if (typeof index !== 'number' || index < length) return
    this.varied = true
    this.add(record.location('length'), WRITE)
    this.addHoles(record, length, index)
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
    const record = this.record(target, site)
    if (record.shape === Shape.Proxy) {
      const seen = behind(target, 'deleteProperty')
      if (seen !== target) {
        if (seen !== null) this.addRemove(seen, key, site)
        return
      }
    }
    const gone = record.shape !== Shape.Proxy && !owns(target, key)
    // Deleting what isn't there changes nothing, but finds that it isn't there.
    this.addAt(record, target, key, gone ? READ : WRITE, site, NO_VALUE)
    if (gone) this.varied = true
    else if (record.shape === Shape.Plain || record.shape === Shape.Map || record.shape === Shape.Set) {
      this.addKeyChange(record)
      if (this.scheduled) this.inheritance.wrote(record)
    }
  }

  /** What `target` inherits from changes. */
  addPrototypeWrite(target: object, site: number): void {
    this.inheritance.changePrototype(target, site, this.scheduled)
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
    if (record.shape === Shape.Proxy) {
      const seen = behind(target, 'ownKeys')
      if (seen !== target) {
        if (seen !== null) this.addKeysRead(seen, site, ordered)
        return
      }
    }
    if (record.shape === Shape.Array) return this.touch(record.location('length'), READ, site)
    this.addKeysReadOf(record, site, ordered)
  }

  addKeysReadOf(record: ObjectRecord, site: number, ordered: boolean): void {
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
    if (record.shape === Shape.Proxy) {
      const inner = innermost(target)
      if (inner !== target) this.addContentRead(inner, site, ordered)
      return
    }
    if (record.shape === Shape.Array) {
      this.touch(record.location('length'), READ, site)
      for (let index = 0; index < (target as unknown[]).length; index++) this.add(record.location(index), READ)
    } else if (record.shape === Shape.View) {
      for (let index = 0; index < (target as Uint8Array).length; index++) this.addElement(target, index, READ, site)
    } else if (record.shape === Shape.Map) {
      this.addKeysRead(target, site, ordered)
      for (const key of Map.prototype.keys.call(target)) this.add(record.location(entryKey(key, this, site)), READ)
    } else if (record.shape === Shape.Set) this.addKeysRead(target, site, ordered)
    else if (record.shape === Shape.Whole) this.touch(record.location(INSIDE), READ, site)
    else this.addIteratorRead?.(target, site)
  }

  /** What is left of an iteration that a native iterator is in the middle of. */
  addIteratorRead: ((target: object, site: number) => void) | null = null

  /** Everything that can be seen through an object, by something that may look at all of it. */
  addReachableRead(target: object, site: number, ordered: boolean, intoCollections = true, depth?: number): void {
    walk(
      target,
      object => {
        if (recordOf(object) === BUILTIN || typeof object === 'function' || isInsideOfNode(object)) return false
        if (!intoCollections && (isMap(object) || isSet(object))) return false
        if (isMap(object) || isSet(object)) this.addContentRead(object, site, ordered)
        else if (types.isAnyArrayBuffer(object)) this.addBytes(new Uint8Array(object), 0, object.byteLength, READ, site)
        else if (types.isDate(object)) this.touch(this.record(object, site).location(INSIDE), READ, site)
        else this.addPropertiesRead(object, site, ordered)
        return true
      },
      { limit: MOST_LOOKED_AT, depth },
    )
  }

  /** Everything a copy of the own properties sees. */
  addPropertiesRead(target: object, site: number, ordered = true): void {
    const record = this.record(target, site)
    if (record.shape === Shape.Array || record.shape === Shape.View) return this.addContentRead(target, site, ordered)
    if (record.shape === Shape.Proxy) {
      const inner = innermost(target)
      if (inner !== target) return this.addPropertiesRead(inner, site, ordered)
    }
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
    this.site = site
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

const setterOf = (target: object, key: Key): Function | undefined => getOwnPropertyDescriptor(target, key)?.set

/** Of a view of memory. */
const SIZES = new Set<Key>(['length', 'byteLength', 'byteOffset'])

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

/** A module's namespace gives a property's value along with it, which may not be there yet. */
const owns = (target: object, key: Key): boolean =>
  getPrototypeOf(target) === null && isModuleNamespaceObject(target) ? key in target : hasOwn(target, key)
