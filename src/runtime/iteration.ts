/** Iteration at emitted `for…of`, `for await` and array patterns. */
import { Disposal } from './disposal.js'
import type { Execution } from './execution.js'
import { Frame } from './frame.js'
import { INSTRUMENTED, infoOf } from './functions.js'
import { recordOf, Shape } from './identity.js'
import { apply, isMap, isObject, isSet } from './natives.js'
import { entryKey, READ, type Recorder } from './recorder.js'
import { notAnObject } from './runtime.js'

const nativeArrayIterator = Array.prototype[Symbol.iterator]
const nativeMapIterator = Map.prototype[Symbol.iterator]
const nativeSetIterator = Set.prototype[Symbol.iterator]

/** An iteration under way. Arrays are walked by index, so that each turn reads just what it reads. */
interface Iteration {
  readonly iterator: any
  readonly next: unknown
  /** The array, or the collection whose native iterator `iterator` is. */
  readonly source: object | null
  index: number
  /** A sync iterator under `for await`. */
  readonly wrapped: boolean
}

export class RuntimeHooks extends Disposal {
  /** Notes what is left of an iteration by a native iterator. */
  noteIterator: ((recorder: Recorder, iterator: object, site: number) => void) | null = null

  /** Begins an iteration of `iterable`. */
  iterate(iterable: any, site: number): boolean {
    const method = iterable?.[Symbol.iterator]
    if (typeof method !== 'function') throw new TypeError(`${describe(iterable)} is not iterable`)
    const source = isNativelyIterable(iterable, method) ? iterable : null
    if (source === null && this.task !== null) (this.execution as Execution).polling.called(this.task, iterable, [])
    if (source !== null && Array.isArray(source))
      return this.give({ iterator: null, next: null, source, index: 0, wrapped: false })
    const info = this.task === null ? undefined : infoOf(method)
    if (info === INSTRUMENTED || (source === null && typeof info === 'function'))
      return this.push(new Frame(this.open(iterable, method, site, false), false, 0), site)
    const iterator = apply(method, iterable, [])
    return this.give(started(iterator, source, false))
  }

  private give(value: unknown): false {
    this.value = value
    return false
  }

  private *open(
    iterable: unknown,
    method: Function,
    site: number,
    wrapped: boolean,
  ): Generator<unknown, Iteration, unknown> {
    const iterator = this.call(method, iterable, [], site) ? yield : this.value
    return started(iterator, null, wrapped)
  }

  /** One turn: the result object. */
  next(iteration: Iteration, site: number): boolean {
    const { source } = iteration
    if (source === null) return this.step(iteration.next, iteration.iterator, site)
    if (this.task !== null && this.points && this.nested === 0)
      return this.declare(site, () => this.advance(iteration, source, site))
    return this.give(this.advance(iteration, source, site))
  }

  private advance(iteration: Iteration, source: object, site: number): IteratorResult<unknown> {
    const recorder = this.task === null ? null : this.recorder
    if (Array.isArray(source)) {
      if (recorder !== null) recorder.touch(recorder.record(source, site).location('length'), READ, site)
      if (iteration.index >= source.length) return { done: true, value: undefined }
      const index = iteration.index++
      if (recorder !== null) recorder.addRead(source, index, site, source[index])
      return { done: false, value: source[index] }
    }
    recorder?.addKeysRead(source, site)
    const result = apply(iteration.next as Function, iteration.iterator, []) as IteratorResult<unknown>
    if (recorder !== null && !result.done && recordOf(source)?.shape === Shape.Map) {
      const [key] = result.value as [unknown, unknown]
      recorder.touch(recorder.record(source, site).location(entryKey(key, recorder, site)), READ, site)
    }
    return result
  }

  /** The loop was left early. */
  close(iteration: Iteration, site: number): boolean {
    if (iteration.source !== null) return false
    const method = iteration.iterator.return
    if (method === undefined || method === null) return this.give(undefined)
    return this.step(method, iteration.iterator, site)
  }

  /** Calls `next` or `return` of an iterator, which must give an object. */
  private step(method: unknown, iterator: unknown, site: number): boolean {
    if (this.call(method, iterator, [], site)) {
      if (this.entered !== null) this.entered.yieldsObject = true
      return true
    }
    if (!isObject(this.value)) throw notAnObject(this.value)
    return false
  }

  iterateAsync(iterable: any, site: number): boolean {
    const method = iterable?.[Symbol.asyncIterator]
    if (method === undefined || method === null) {
      const sync = iterable?.[Symbol.iterator]
      if (typeof sync !== 'function') throw new TypeError(`${describe(iterable)} is not async iterable`)
      return this.push(new Frame(this.open(iterable, sync, site, true), false, 0), site)
    }
    return this.push(new Frame(this.open(iterable, method, site, false), false, 0), site)
  }

  /** Like `await`: always followed by a yield. */
  nextAsync(iteration: Iteration, site: number): void {
    if (iteration.wrapped) this.callFrame(this.nextWrapped(iteration, site), site)
    else this.callAwait(iteration.next, iteration.iterator, [], site)
  }

  private callFrame(body: Generator<unknown, unknown, unknown>, site: number): void {
    this.push(new Frame(body, true, 0), site)
    this.awaitCall()
  }

  private *nextWrapped(iteration: Iteration, site: number): Generator<unknown, unknown, unknown> {
    const result = (
      this.call(iteration.next, iteration.iterator, [], site) ? yield : this.value
    ) as IteratorResult<unknown>
    if (!isObject(result)) throw notAnObject(result)
    const value = yield this.wait(result.value, site)
    return { done: result.done, value }
  }

  private *closeWrapped(iteration: Iteration, site: number): Generator<unknown, unknown, unknown> {
    const method = iteration.iterator.return
    if (method === undefined || method === null) return NOTHING
    const result = this.call(method, iteration.iterator, [], site) ? yield : this.value
    if (!isObject(result)) throw notAnObject(result)
    yield this.wait((result as IteratorResult<unknown>).value, site)
    return NOTHING
  }

  /** What an async iterator gave, once it was awaited. */
  iterationResult(value: unknown): unknown {
    if (!isObject(value)) throw notAnObject(value)
    return value
  }

  closeAsync(iteration: Iteration, site: number): void {
    if (iteration.wrapped) return this.callFrame(this.closeWrapped(iteration, site), site)
    const method = iteration.iterator.return
    if (method === undefined || method === null) this.goOn(NOTHING)
    else this.callAwait(method, iteration.iterator, [], site)
  }
}

/** The result of closing where there was nothing to close. */
const NOTHING = {}

function started(iterator: unknown, source: object | null, wrapped: boolean): Iteration {
  if (!isObject(iterator)) throw new TypeError('Result of the Symbol.iterator method is not an object')
  return { iterator, next: (iterator as { next?: unknown }).next, source, index: 0, wrapped }
}

function isNativelyIterable(iterable: unknown, method: unknown): iterable is object {
  if (Array.isArray(iterable)) return method === nativeArrayIterator
  if (isMap(iterable)) return method === nativeMapIterator
  return isSet(iterable) && method === nativeSetIterator
}

const describe = (value: unknown): string => (isObject(value) ? 'object' : String(value))
