/** A promise whose settling the scheduler sees: made by instrumented code, or a foreign promise being watched. */

import type { ObjectRecord } from './identity.js'
import type { LockCall } from './known-locks.js'
import { Anchor, apply, NativePromise, nativeThen } from './natives.js'
import type { Task } from './task.js'

export enum CellState {
  Pending = 0,
  Fulfilled = 1,
  Rejected = 2,
}

class CellStamp extends Anchor {
  #cell: Cell
  constructor(promise: object, cell: Cell) {
    super(promise)
    this.#cell = cell
  }
  static of(promise: object): Cell | undefined {
    return #cell in promise ? promise.#cell : undefined
  }
}

export class Cell {
  state: CellState = CellState.Pending
  value: unknown = undefined
  /** Resolved with another promise, or settled: a later resolve changes nothing. */
  resolved = false
  /** Steps that happen before whatever waits for this. */
  causes: number[] = []
  waiters: Task[] | null = null
  followers: (() => void)[] | null = null
  /** Somebody looks at a rejection. */
  handled = false
  /** Foreign code may hold the promise. */
  escaped = false
  /** The task that will settle it by ending. */
  producer: Task | null = null
  /** Identity of the settling, where more than one may settle it. */
  record: ObjectRecord | null = null
  site = 0
  /** What made the promise, where that takes a lock of a package which is not traced. */
  lockCall: LockCall | null = null
  #promise: Promise<unknown> | null = null
  #resolve: ((value: unknown) => void) | null = null
  #reject: ((reason: unknown) => void) | null = null

  static of(promise: object): Cell | undefined {
    return CellStamp.of(promise)
  }

  /** The cell that stands for a promise made elsewhere. */
  static watch(promise: Promise<unknown>): Cell {
    const cell = new Cell()
    cell.#promise = promise
    cell.escaped = true
    new CellStamp(promise, cell)
    return cell
  }

  /** The real promise, for the program to hold. */
  get promise(): Promise<unknown> {
    if (this.#promise !== null) return this.#promise
    const promise = new NativePromise<unknown>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#promise = promise
    new CellStamp(promise, this)
    if (this.state !== CellState.Pending) this.settleNative()
    return promise
  }

  /** The real promise, for foreign code. */
  escape(): Promise<unknown> {
    this.escaped = true
    return this.promise
  }

  /** Leaves it to the engine what becomes of the promise. */
  resolveNatively(value: unknown, isError: boolean): void {
    void this.promise
    if (isError) this.#reject?.(value)
    else this.#resolve?.(value)
  }

  get materialised(): boolean {
    return this.#resolve !== null
  }

  /** Lets foreign holders of the promise see the outcome. */
  settleNative(): void {
    if (this.#resolve === null) return
    if (this.state === CellState.Fulfilled) {
      // A fulfilled value is never a thenable by now, or it was wrapped on purpose: hide `then` from the native resolve.
      this.#resolve(this.value)
    } else {
      // A rejection that nobody handles is reported by the exploration, not by the process.
      if (this.#promise !== null) apply(nativeThen, this.#promise, [undefined, ignore])
      this.#reject?.(this.value)
    }
  }
}

const ignore = (): void => {}
