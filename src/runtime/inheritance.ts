/**
 * Reads that end on a prototype. Classes are written once and for all in nearly every program, so what is inherited is
 * taken as unchanging until an object is seen that others inherit from and that a task writes to. Then the exploration
 * starts again, and from there on a read of such an object's properties, through whatever inherits them, is an access.
 */
import {
  BUILTIN,
  called,
  calls,
  canonicalKey,
  consulted,
  consults,
  isPrivateKey,
  type Key,
  ObjectRecord,
  recordOf,
  stamp,
} from './identity.js'
import { getOwnPropertyDescriptor, getPrototypeOf, hasOwn, isProxy } from './natives.js'
import { READ, type Recorder, WRITE } from './recorder.js'

/** The location of what an object inherits from. */
const PROTOTYPE = '__proto__'
const plainPrototype = Object.prototype
const arrayPrototype = Array.prototype

/** Whether others are known to inherit from `prototype`; the most common ones are built in. */
const isKnown = (prototype: object | null): boolean =>
  prototype === plainPrototype || prototype === arrayPrototype || prototype === null || consulted(prototype)

export class Inheritance {
  /** Labels of objects that are written to and inherited from, or whose own prototype changes. */
  live = new Set<string>()
  /** Others that turned out to be so: the exploration must start again. */
  readonly learned = new Set<string>()
  private unnamed = 0

  constructor(private readonly recorder: Recorder) {}

  /** After a read of `target[key]`: notes where the property was looked for further on. `target` is no proxy. */
  read(target: object, key: Key, site: number): void {
    const prototype = getPrototypeOf(target)
    if (this.live.size > 0) this.readLive(target, key, site)
    else if (!isKnown(prototype)) this.consult(prototype as object)
  }

  /** Whether calling the inherited method `target[key]` is an access. */
  isLive(target: object, key: Key, record: ObjectRecord): boolean {
    calls(target)
    if (record.shadowed?.has(key)) this.learn(record)
    if (this.live.size === 0) {
      const prototype = getPrototypeOf(target)
      if (!isKnown(prototype)) this.consult(prototype as object)
      return false
    }
    for (let object: object | null = target; object !== null && !isProxy(object); object = getPrototypeOf(object)) {
      if (this.isInherited(object, object !== target)) return true
      if (hasOwn(object, key)) return false
    }
    return false
  }

  /** Once something is live: whether `object` is. */
  private isInherited(object: object, inherited: boolean): boolean {
    const record = recordOf(object)
    if (record === undefined || record === BUILTIN) return false
    if (this.live.has(record.label)) return true
    if (inherited) {
      record.inherited = true
      if (record.written) this.learn(record)
    }
    return false
  }

  /** Notes that `prototype` and what it inherits from are inherited from. */
  private consult(prototype: object): void {
    for (let object: object | null = prototype; object !== null; object = getPrototypeOf(object)) {
      if (isProxy(object) || recordOf(object) === BUILTIN || consulted(object)) return
      // Not numbered with the other objects: whoever comes first would number it.
      if (!this.recorder.knows(object))
        stamp(object, new ObjectRecord(`inherited#${this.unnamed++}`, this.recorder.locations))
      const record = recordOf(object) as ObjectRecord
      consults(object)
      record.inherited = true
      if (record.written) this.learn(record)
    }
  }

  private readLive(target: object, key: Key, site: number): void {
    if (isPrivateKey(key)) return
    const { recorder } = this
    for (let object: object | null = target; object !== null; object = getPrototypeOf(object)) {
      if (isProxy(object)) return
      const record = recorder.record(object, site)
      if (record === BUILTIN) return
      const live = this.isInherited(object, object !== target)
      if (live && object !== target) recorder.touch(record.location(canonicalKey(key)), READ, site)
      if (hasOwn(object, key)) return
      if (live) recorder.touch(record.location(PROTOTYPE), READ, site)
    }
  }

  /** Whether anything that `self` inherits from is live: nothing tells from which of them `super` goes on. */
  isSuperLive(self: object): boolean {
    const prototype = getPrototypeOf(self)
    if (this.live.size === 0) {
      if (prototype !== null && !consulted(prototype)) this.consult(prototype)
      return false
    }
    for (let object = prototype; object !== null && !isProxy(object); object = getPrototypeOf(object))
      if (this.isInherited(object, true)) return true
    return false
  }

  readSuper(self: object, key: Key, site: number): void {
    for (let object = getPrototypeOf(self); object !== null && !isProxy(object); object = getPrototypeOf(object)) {
      const record = this.recorder.record(object, site)
      if (!this.isInherited(object, true)) continue
      this.recorder.touch(record.location(canonicalKey(key)), READ, site)
      this.recorder.touch(record.location(PROTOTYPE), READ, site)
    }
  }

  /** The keys that `for…in` finds on prototypes. */
  readKeys(target: object, site: number): void {
    const prototype = getPrototypeOf(target)
    if (this.live.size === 0) {
      if (!isKnown(prototype)) this.consult(prototype as object)
      return
    }
    for (let object = target, next = prototype; ; object = next, next = getPrototypeOf(object)) {
      const record = this.recorder.record(object, site)
      if (this.isInherited(object, object !== target)) {
        if (object !== target) this.recorder.addKeysRead(object, site)
        this.recorder.touch(record.location(PROTOTYPE), READ, site)
      }
      if (next === null || isProxy(next) || recordOf(next) === BUILTIN) return
    }
  }

  /** A task writes to the object of `record`. */
  wrote(record: ObjectRecord): void {
    record.written = true
    if (record.inherited) this.learn(record)
  }

  /**
   * A task gives `target` a property of its own, `target[key]`, unless an inherited setter is called instead, which is
   * returned. A method that was inherited until then may have been called before: that was no access.
   */
  shadows(target: object, key: Key, record: ObjectRecord): Function | undefined {
    for (let object = getPrototypeOf(target); object !== null && !isProxy(object); object = getPrototypeOf(object)) {
      const descriptor = getOwnPropertyDescriptor(object, key)
      if (descriptor === undefined) continue
      if (descriptor.set !== undefined || descriptor.get !== undefined) return descriptor.set ?? descriptor.get
      if (typeof descriptor.value !== 'function') return undefined
      record.shadowed ??= new Set()
      record.shadowed.add(key)
      if (called(target)) this.learn(record)
      return undefined
    }
    return undefined
  }

  /** What `target` inherits from changes. */
  changePrototype(target: object, site: number, scheduled: boolean): void {
    const record = this.recorder.record(target, site)
    this.recorder.touch(record.location(PROTOTYPE), WRITE, site)
    if (scheduled) this.learn(record)
  }

  private learn(record: ObjectRecord): void {
    if (record !== BUILTIN && !this.live.has(record.label)) this.learned.add(record.label)
  }
}
