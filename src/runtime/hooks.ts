/** What emitted code calls: the recorder's side of every construct. See docs/internals.md for the emitted forms. */
import { noteConversion } from './builtins/conversions.js'
import { Cell } from './cell.js'
import { HINTS, type Hint, primitive } from './conversions.js'
import type { Execution } from './execution.js'
import { Frame } from './frame.js'
import { Guarding } from './guarding.js'
import { isPrivateKey, type Key, ObjectRecord, Shape, stampLiteral } from './identity.js'
import { isNamespace, liveVariables } from './live-bindings.js'
import { apply, hasOwn, isObject, isProxy } from './natives.js'
import { peek } from './peek.js'
import { ReadPoint, VariablePoint, WritePoint } from './points.js'
import { rememberProxy } from './proxies.js'
import { given, NO_VALUE, READ, type Recorder, WRITE } from './recorder.js'
import { Command } from './runtime.js'
import type { FileDescription } from './sites.js'
import type { Point, Task } from './task.js'

/** A scope's variables. Scopes of module level and of code that ran before the exploration get their record late. */
export class Scope {
  constructor(
    readonly name: string,
    public record: ObjectRecord | null,
    /** The value that a variable of it has now; throws before the variable is initialised. */
    readonly show: ((name: string) => unknown) | null = null,
  ) {}
}

export class Hooks extends Guarding {
  file(description: FileDescription): number {
    if (description.accessors) this.hasAccessors = true
    if (description.live !== undefined) this.live = true
    return this.sites.add(description)
  }

  // --- properties ----------------------------------------------------------------------------------------------

  /** Some module assigns variables that it exports. */
  live = false

  /** Before an imported variable is read, `namespace[name]`. */
  readImport(namespace: unknown, name: Key, site: number): boolean {
    if ((this.task === null && !this.inside()) || !isObject(namespace)) return false
    const variables = liveVariables(this.sites.files, namespace, name)
    const [first] = variables
    if (first === undefined) return false
    if (variables.length === 1) return this.readVar(first.scope as Scope, first.name, site)
    const note = (): void => {
      for (const each of variables) this.noteVariable(each.scope as Scope, each.name, READ, site, NO_VALUE)
    }
    if (this.points && this.nested === 0) return this.declare(site, note, true)
    note()
    return false
  }

  /** Before `target[key]` is read. */
  read(target: unknown, key: Key, site: number): boolean {
    if (this.task === null || !isObject(target)) return false
    if (this.live && isNamespace(target)) return this.readImport(target, key, site)
    if (this.points && this.nested === 0) return this.setPoint(new ReadPoint(this, target, key, site))
    this.noteRead(target, key, site)
    return false
  }

  /** Before `target[key]` is read to be called. Inherited methods are taken as unchanging until one changes. */
  readMethod(target: unknown, key: Key, site: number): boolean {
    if (this.task === null || !isObject(target)) return false
    const recorder = this.recorder as Recorder
    const record = recorder.record(target, site)
    if (record.shape === Shape.Proxy) return false
    const own = record.shape === Shape.Plain && (hasOwn(target, key) || isPrivateKey(key))
    if (!own && !recorder.inheritance.isLive(target, key, record)) return false
    return this.read(target, key, site)
  }

  /** Before `super[key]` is read in a method of `self`. */
  readSuper(self: unknown, key: Key, site: number): boolean {
    if (this.task === null || !isObject(self) || isProxy(self)) return false
    const { inheritance } = this.recorder as Recorder
    return inheritance.isSuperLive(self) && this.act(self, site, () => inheritance.readSuper(self, key, site))
  }

  noteRead(target: object, key: Key, site: number): void {
    const recorder = this.recorder as Recorder
    recorder.addRead(target, key, site, recorder.log === null ? NO_VALUE : given(peek(target, key)))
  }

  /** Before `target[key] = value`. */
  write(target: unknown, key: Key, value: unknown, site: number): boolean {
    if (this.task === null || !isObject(target)) return false
    if (this.points && this.nested === 0) return this.setPoint(new WritePoint(this, target, key, value, site))
    ;(this.recorder as Recorder).addWrite(target, key, value, site)
    return false
  }

  /** Before `delete target[key]`. */
  remove(target: unknown, key: Key, site: number): boolean {
    return this.act(target, site, (recorder, object) => recorder.addRemove(object, key, site))
  }

  /** Before `key in target`. */
  has(target: unknown, key: Key, site: number): boolean {
    return this.act(target, site, (_, object) => this.noteRead(object, key, site))
  }

  /** Before the keys of `target` are enumerated. */
  readKeys(target: unknown, site: number): boolean {
    return this.act(target, site, (recorder, object) => {
      recorder.addKeysRead(object, site)
      if (!isProxy(object)) recorder.inheritance.readKeys(object, site)
    })
  }

  /** Before the iterable `target` is spread. */
  spread(target: unknown, site: number): boolean {
    if (this.task !== null) (this.execution as Execution).polling.called(this.task, target, [])
    return this.act(target, site, (recorder, object) => recorder.addContentRead(object, site))
  }

  /** Before the own properties of `target` are copied. */
  spreadObject(target: unknown, site: number): boolean {
    return this.act(target, site, (recorder, object) => recorder.addPropertiesRead(object, site))
  }

  /** Several accesses in one go; in threads, one step. */
  act(target: unknown, site: number, note: (recorder: Recorder, object: object) => void): boolean {
    if (this.task === null || !isObject(target)) return false
    if (this.points && this.nested === 0) return this.declare(site, () => note(this.recorder as Recorder, target), true)
    note(this.recorder as Recorder, target)
    return false
  }

  declare(site: number, perform: () => unknown, onlyNotes = false): true {
    return this.setPoint({ site, awaited: false, perform, onlyNotes })
  }

  private setPoint(point: Point): true {
    this.command = Command.Point
    this.point = point
    this.site = point.site
    return true
  }

  /** A computed key, converted once as the language does. */
  key(key: unknown, target: unknown): Key {
    // Nothing is converted for an access that is about to fail.
    return target === null || target === undefined ? (key as Key) : this.propertyKey(key)
  }

  propertyKey(key: unknown): Key {
    if (typeof key !== 'object' && typeof key !== 'function') return key as Key
    if (key === null) return 'null'
    const primitive = toPrimitive(key)
    return typeof primitive === 'symbol' ? primitive : String(primitive)
  }

  /** Before an operator or a template turns `value` into what the hint (its number in HINTS) says. */
  to(value: unknown, hint: number, site: number): boolean {
    if (this.task !== null && isObject(value)) return primitive(this, value, HINTS[hint] as Hint, site)
    this.value = value
    return false
  }

  /** The same in code that can't be suspended. */
  converts(value: unknown, site: number): void {
    if (isObject(value) && !isProxy(value) && this.inside()) noteConversion(this.recorder as Recorder, value, site)
  }

  // --- variables -----------------------------------------------------------------------------------------------

  scope(name = '', show: ((name: string) => unknown) | null = null): Scope {
    if (this.task === null) return new Scope(name, null, show)
    const record = (this.execution as Execution).newRecord()
    record.shape = Shape.Scope
    return new Scope(name, record, show)
  }

  private variable(scope: Scope, name: string): number {
    const recorder = this.recorder as Recorder
    // A variable that no file declares is a property of the global object.
    if (scope.name === '<global>') return recorder.record(globalThis, 0).location(name)
    let { record } = scope
    if (record === null || record.table !== recorder.locations) {
      record = new ObjectRecord(`scope ${scope.name}`, recorder.locations)
      record.shape = Shape.Scope
      scope.record = record
    }
    return record.location(name)
  }

  readVar(scope: Scope, name: string, site: number): boolean {
    if (this.task === null && !this.inside()) return false
    if (this.points && this.nested === 0)
      return this.setPoint(new VariablePoint(this, scope, name, READ, NO_VALUE, site))
    this.noteVariable(scope, name, READ, site, NO_VALUE)
    return false
  }

  writeVar(scope: Scope, name: string, value: unknown, site: number): boolean {
    if (this.task === null && !this.inside()) return false
    if (this.points && this.nested === 0) return this.setPoint(new VariablePoint(this, scope, name, WRITE, value, site))
    this.noteVariable(scope, name, WRITE, site, value)
    return false
  }

  noteVariable(scope: Scope, name: string, kind: number, site: number, value: unknown): void {
    const recorder = this.recorder as Recorder
    const shown = kind === WRITE ? value : recorder.log === null ? NO_VALUE : valueIn(scope, name)
    recorder.touch(this.variable(scope, name), kind, site, shown)
  }

  // --- values --------------------------------------------------------------------------------------------------

  /** An object or array literal: gives it its identity. */
  made<T extends object>(value: T): T {
    if (this.task !== null) stampLiteral(value, (this.execution as Execution).newRecord())
    return value
  }

  /** The same for what was made otherwise. */
  identified<T>(value: T): T {
    this.identify(value)
    return value
  }

  /** `new Proxy(target, handler)` in code that is not recorded. Called without the runtime as its `this`. */
  readonly proxied = (target: object, handler: ProxyHandler<object>): object =>
    rememberProxy(new Proxy(target, handler), target, handler)

  /** Throws what destructuring throws for null and undefined. */
  object<T>(value: T): T {
    if (value === null || value === undefined) throw new TypeError(`Cannot destructure '${value}' as it is ${value}.`)
    return value
  }

  /** `const { a, ...rest } = source`: everything but `keys`. */
  rest(source: unknown, keys: Key[], site: number): boolean {
    const excluded = new Set(keys.map(key => (typeof key === 'symbol' ? key : String(key))))
    const copy = (): object => {
      const result: Record<Key, unknown> = {}
      for (const key of Reflect.ownKeys(Object(source))) {
        if (excluded.has(key) || !Object.prototype.propertyIsEnumerable.call(source, key)) continue
        Object.defineProperty(result, key, {
          value: (source as Record<Key, unknown>)[key],
          writable: true,
          enumerable: true,
          configurable: true,
        })
      }
      return this.made(result)
    }
    if (this.task !== null && isObject(source)) {
      if (this.points && this.nested === 0) {
        return this.declare(site, () => {
          ;(this.recorder as Recorder).addPropertiesRead(source, site)
          return copy()
        })
      }
      ;(this.recorder as Recorder).addPropertiesRead(source, site)
    }
    this.value = copy()
    return false
  }

  /** The promise of `import(…)`. */
  imported<T extends object>(promise: T): T {
    this.eventLoop?.fromOutside(promise)
    return promise
  }

  /** At every turn of a loop: true when this step has taken too many. */
  turn(site: number): boolean {
    if (this.task === null || --this.turnsLeft > 0) return false
    this.command = Command.Abandon
    this.site = site
    return true
  }

  /** A loop that may wait for others begins. */
  loop(site: number): number {
    if (this.task !== null) (this.execution as Execution).polling.enter(this.task, this.current, site)
    return 0
  }

  /** Before each look at its condition: true when this step has taken too many turns. */
  poll(site: number, closed: number): boolean {
    const { task } = this
    if (task === null) return false
    if (this.turn(site)) return true
    const { polling, step, stepped } = this.execution as Execution
    polling.turn(task, this.current, site, closed === 1, step, stepped ?? task)
    return false
  }

  // --- markers -------------------------------------------------------------------------------------------------

  /** Before the code that the marker `name` gates: true when the task has to stop there. */
  marker(name: string, site: number): boolean {
    if (this.task === null || !(this.execution as Execution).markers?.stops(this.task)) return false
    if (this.nested > 0) throw this.unstoppable(name, site)
    this.command = Command.Marker
    this.marked = name
    this.site = site
    return true
  }

  /** A marker in code that is recorded in place. */
  markerInPlace(name: string, site: number): void {
    if (!this.inside()) return
    const { markers, stepped } = this.execution as Execution
    if (markers?.stops((this.task ?? stepped) as Task)) throw this.unstoppable(name, site)
  }

  private unstoppable(name: string, site: number): Error {
    const place = this.sites.describe(site)
    const where = place === undefined ? '' : ` (${place.file}:${place.line})`
    return new Error(
      `frontrun: the marker '${name}'${where} was reached where nothing can be suspended: in a callback of native code or of code that is not instrumented, or in a constructor, an accessor or a generator. Put the marker before the call that leads there.`,
    )
  }

  /** An operation that is a step of its own in threads. */
  pointwise(site: number, perform: () => unknown): boolean {
    if (this.points && this.nested === 0) return this.declare(site, perform)
    this.value = perform()
    this.eventLoop?.serve()
    return false
  }

  /** Runs a coroutine of the library itself as if it were an instrumented function. */
  coroutine(body: Generator<unknown, unknown, unknown>, isAsync: boolean, site: number): true {
    return this.push(new Frame(body, isAsync, 0), site)
  }

  // --- in place: code that can't be suspended --------------------------------------------------------------------

  private inside(): boolean {
    return this.on && this.enters()
  }

  g<T>(target: T, key: Key, site: number): T {
    if (this.on && isObject(target) && this.enters()) this.noteRead(target, key, site)
    return target
  }
  s<T>(target: T, key: Key, site: number): T {
    if (this.on && isObject(target) && this.enters()) (this.recorder as Recorder).addWrite(target, key, NO_VALUE, site)
    return target
  }
  u<T>(target: T, key: Key, site: number): T {
    this.g(target, key, site)
    return this.s(target, key, site)
  }
  ge(target: any, key: unknown, site: number): unknown {
    if (!this.on || !isObject(target)) return target[key as Key]
    const property = this.propertyKey(key)
    this.g(target, property, site)
    return (target as any)[property]
  }
  sk<T>(target: T, key: unknown, site: number): T {
    return this.on ? this.s(target, this.propertyKey(key), site) : target
  }

  nc(target: unknown, self: unknown, args: unknown[], site: number): unknown {
    return this.inPlace(
      site,
      target,
      () => this.call(target, self, args, site),
      () => apply(target as Function, self, args),
    )
  }

  nn(target: unknown, args: unknown[], site: number): unknown {
    return this.inPlace(
      site,
      target,
      () => this.construct(target, args, site),
      () => Reflect.construct(target as Function, args),
    )
  }

  private inPlace(site: number, target: unknown, run: () => boolean, natively: () => unknown): unknown {
    if (!this.inside()) {
      if (typeof target !== 'function') throw new TypeError(`${this.sites.text(site)} is not a function`)
      return natively()
    }
    this.bound = false
    const execution = this.execution as Execution
    const outside = this.task === null
    if (outside) execution.beginForeign()
    this.nested++
    try {
      if (!run()) return this.value
      if (this.command !== Command.Call)
        throw new Error('frontrun: a blocking operation where nothing can be suspended')
      const frame = this.entered as Frame
      this.entered = null
      return this.runNested(frame)
    } finally {
      this.nested--
      if (outside) execution.endForeign()
    }
  }

  /** A promise that is fulfilled already. */
  fulfilled(): Promise<unknown> {
    const cell = new Cell()
    ;(this.execution as Execution).resolve(cell, undefined, false)
    return cell.promise
  }

  /** An explicit scheduling point in code that is not instrumented. */
  foreignPoint(): Promise<void> {
    return (this.execution as Execution).point()
  }

  /** `await` in an async generator: a native promise that is settled when the scheduler lets it. */
  gate(operand: unknown, site: number): unknown {
    return this.inside() ? (this.execution as Execution).gate(operand, site) : operand
  }
}

function toPrimitive(value: object): unknown {
  const exotic = (value as { [Symbol.toPrimitive]?: (hint: string) => unknown })[Symbol.toPrimitive]
  if (exotic !== undefined && exotic !== null) return exotic.call(value, 'string')
  return String(value)
}

function valueIn(scope: Scope, name: string): unknown {
  try {
    return scope.show === null ? NO_VALUE : given(scope.show(name))
  } catch {
    return NO_VALUE
  }
}
