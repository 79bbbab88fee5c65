import { READ, WRITE } from '../runtime/recorder.js'
import { cannotBlock, declareArriving, parkedIn, wouldWaitForever } from './arriving.js'
import type { Core } from './core.js'
import { Empty, Full, ShutDown } from './errors.js'
import { type Operation, timeoutOf, type WaitOptions } from './operation.js'
import { type Arrival, Parties, promiseOf } from './parties.js'
import { declareInstant, declareWaiting, performAsync, performSync, type Request } from './perform.js'
import { inside, Primitive, worldOf } from './primitive.js'

/** Where a queue keeps its items: in which order they come out. */
export interface Store<T> {
  readonly size: number
  add(item: T): void
  take(): T
}

/** First in, first out. */
class Line<T> implements Store<T> {
  private items: T[] = []
  private first = 0

  get size(): number {
    return this.items.length - this.first
  }
  add(item: T): void {
    this.items.push(item)
  }
  take(): T {
    const item = this.items[this.first] as T
    this.items[this.first++] = undefined as T
    // Moved seldom enough to cost nothing in the long run.
    if (this.first > 32 && this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first)
      this.first = 0
    }
    return item
  }
}

interface Content {
  readonly size: number
  readonly closed: boolean
}

interface Inside<T> {
  readonly store: Store<T>
  /** Those who wait until every item is done. */
  readonly joining: Parties<void>
  unfinished: number
}

export interface QueueOptions extends WaitOptions {
  /** `false`: as with `timeout: 0`. Default `true`. */
  block?: boolean
}

/**
 * A queue between tasks or threads, as Python's `queue.Queue`: first in, first out. `get` waits for an item, `put` for room,
 * where there is a `maxsize`.
 *
 * @example
 * const jobs = new Queue<Job>(10)
 * // producer:               // worker:
 * await jobs.put(job)        const job = await jobs.get()
 *                            await run(job)
 *                            jobs.taskDone()
 */
export class Queue<T = unknown> extends Primitive<Content, Inside<T>> {
  /** How many items there may be; 0: any number. */
  readonly maxsize: number

  /**
   * @param maxsize how many items there may be; 0 (the default) or less: any number
   * @param makeStore in which order items come out; for subclasses
   */
  constructor(maxsize = 0, makeStore: () => Store<T> = () => new Line<T>()) {
    super(() => ({
      state: { size: 0, closed: false },
      data: { store: makeStore(), joining: new Parties(), unfinished: 0 },
    }))
    this.maxsize = maxsize
  }

  /** How many items there are. */
  qsize(): number {
    const { core } = worldOf(this)
    core.touch(READ)
    return core.state.size
  }

  empty(): boolean {
    return this.qsize() === 0
  }

  full(): boolean {
    return this.maxsize > 0 && this.qsize() >= this.maxsize
  }

  /**
   * Adds an item, once there is room.
   *
   * @throws Full if there is none, and it is not to wait, or the time-out (milliseconds; virtual in an exploration) has passed
   * @throws ShutDown if the queue was shut down
   */
  put(item: T, options?: QueueOptions): Promise<void> {
    return performAsync(putting(this, item, options))
  }

  /** The same, blocking the thread. Outside an exploration it throws if there is no room: on one thread nobody could make any. */
  putSync(item: T, options?: QueueOptions): void {
    performSync('Queue.putSync', putting(this, item, options))
  }

  /** Adds an item if there is room. @throws Full, ShutDown */
  putNowait(item: T): void {
    performSync('Queue.putNowait', putting(this, item, { timeout: 0 }))
  }

  /**
   * Takes an item, once there is one.
   *
   * @throws Empty if there is none, and it is not to wait, or the time-out (milliseconds; virtual in an exploration) has passed
   * @throws ShutDown if the queue was shut down and is empty
   */
  get(options?: QueueOptions): Promise<T> {
    return performAsync(getting(this, options))
  }

  /** The same, blocking the thread. Outside an exploration it throws if there is no item: on one thread nobody could add any. */
  getSync(options?: QueueOptions): T {
    return performSync('Queue.getSync', getting(this, options))
  }

  /** Takes an item if there is one. @throws Empty, ShutDown */
  getNowait(): T {
    return performSync('Queue.getNowait', getting(this, { timeout: 0 }))
  }

  /**
   * Tells that the work on an item which was taken is done; see `join`.
   *
   * @throws RangeError if it is told more often than items were put in
   */
  taskDone(): void {
    const { core, data } = worldOf(this)
    core.touch(WRITE)
    if (data.unfinished === 0)
      throw new RangeError('frontrun: Queue.taskDone was called more often than there were items')
    finish(data, 1)
  }

  /** Waits until every item that was put in is done: `taskDone` was called for it. */
  join(): Promise<void> {
    return promiseOf(joining(this))
  }

  /** The same, blocking the thread. Outside an exploration it throws if items are unfinished. */
  joinSync(): void {
    const { core, data } = worldOf(this)
    core.touch(READ)
    if (data.unfinished === 0) return
    throw inside() ? cannotBlock() : wouldWaitForever('Queue.joinSync')
  }

  /**
   * Ends the queue, as Python 3.13 does: `put` throws `ShutDown`, and `get` once the queue is empty. Whoever waits is told.
   *
   * @param options `immediate`: the items that are left are thrown away, and count as done
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    const { core, data } = worldOf(this)
    core.touch(WRITE)
    if (immediate) {
      const left = data.store.size
      while (data.store.size > 0) data.store.take()
      finish(data, Math.min(left, data.unfinished))
    }
    core.set({ size: data.store.size, closed: true })
  }
}

function finish(data: Inside<any>, count: number): void {
  data.unfinished -= count
  if (data.unfinished === 0) for (const party of data.joining.take()) party.wake(() => undefined)
}

class Putting<T> implements Operation<Content, void> {
  readonly takes = false
  constructor(
    private readonly core: Core<Content>,
    private readonly data: Inside<T>,
    private readonly maxsize: number,
    private readonly item: T,
  ) {}
  ready({ size, closed }: Content): boolean {
    return closed || this.maxsize <= 0 || size < this.maxsize
  }
  act(): void {
    if (this.core.state.closed) throw new ShutDown('frontrun: the queue was shut down')
    this.data.store.add(this.item)
    this.data.unfinished++
    this.core.set({ size: this.data.store.size, closed: false })
  }
  giveUp(): never {
    throw new Full('frontrun: the queue is full')
  }
  describe(name: string): string {
    return `queue ${name} to have room`
  }
}

class Getting<T> implements Operation<Content, T> {
  readonly takes = false
  constructor(
    private readonly core: Core<Content>,
    private readonly data: Inside<T>,
  ) {}
  ready({ size, closed }: Content): boolean {
    return closed || size > 0
  }
  act(): T {
    const { store } = this.data
    if (store.size === 0) throw new ShutDown('frontrun: the queue was shut down')
    const item = store.take()
    this.core.set({ size: store.size, closed: this.core.state.closed })
    return item
  }
  giveUp(): never {
    throw new Empty('frontrun: the queue is empty')
  }
  describe(name: string): string {
    return `queue ${name} to have an item`
  }
}

const timeLeft = (api: string, options: QueueOptions | undefined): number | undefined =>
  options?.block === false ? 0 : timeoutOf(api, options)

function putting<T>(queue: Queue<T>, item: T, options: QueueOptions | undefined): Request<Content, void> {
  const { core, data } = worldOf(queue)
  return { core, operation: new Putting(core, data, queue.maxsize, item), timeout: timeLeft('Queue.put', options) }
}

function getting<T>(queue: Queue<T>, options: QueueOptions | undefined): Request<Content, T> {
  const { core, data } = worldOf(queue)
  return { core, operation: new Getting(core, data), timeout: timeLeft('Queue.get', options) }
}

function joining(queue: Queue<any>): Arrival<void> {
  const { core, data } = worldOf(queue)
  core.touch(READ)
  if (data.unfinished === 0) return { give: () => undefined }
  return {
    party: data.joining.add(
      core,
      name => `queue ${name} to be done`,
      undefined,
      () => {},
    ),
  }
}

const { put, putSync, putNowait, get, getSync, getNowait, taskDone, join, joinSync, shutdown, qsize, empty, full } =
  Queue.prototype
declareWaiting<Queue>(put, putSync, (queue, [item, options]) => putting(queue, item, options))
declareWaiting<Queue>(get, getSync, (queue, [options]) => getting(queue, options))
declareInstant(putNowait, getNowait, taskDone, shutdown, qsize, empty, full)
declareArriving<Queue, void>(join, joinSync, queue => {
  const arrival = joining(queue)
  return { arrival, guard: parkedIn(arrival) }
})
