import { READ, RELEASE } from '../runtime/recorder.js'
import type { Core } from './core.js'
import { currentOwner } from './explored.js'
import type { Operation } from './operation.js'
import {
  type BlockingOptions,
  declareConstruction,
  declareHolding,
  declareInstant,
  declareWaiting,
  performAsync,
  performSync,
  type Request,
  timeLeft,
} from './perform.js'
import { inside, Primitive, worldOf } from './primitive.js'

/** Takes the lock when it is free. */
export class Taking implements Operation<boolean, boolean> {
  readonly takes = true
  constructor(
    private readonly core: Core<boolean>,
    private readonly result = (): boolean => true,
  ) {}
  ready(held: boolean): boolean {
    return !held
  }
  act(by: object): boolean {
    this.core.set(true)
    this.core.took(by)
    return this.result()
  }
  giveUp(): boolean {
    return false
  }
  describe(name: string): string {
    return `lock ${name}`
  }
}

/**
 * A mutual exclusion lock, for tasks (`acquire`, `withLock`) and for threads (`acquireSync`, `withLockSync`), as Python's
 * `threading.Lock`. Not re-entrant; it may be released by another task than the one that took it. Waiting tasks get it in
 * the order in which they asked outside an exploration, and in every order inside one.
 *
 * @example
 * const lock = new Lock()
 * await lock.withLock(async () => {
 *   account.balance = (await load()) + 50
 * })
 */
export class Lock extends Primitive<boolean> {
  constructor() {
    super(() => ({ state: false, data: null }))
  }

  /** Whether somebody holds the lock. */
  get locked(): boolean {
    const { core } = worldOf(this)
    core.touch(READ)
    return core.state
  }

  /**
   * Takes the lock, once it is free. `true`, or `false` if its time-out (milliseconds; virtual in an exploration) has passed
   * before that.
   */
  acquire(options?: BlockingOptions): Promise<boolean> {
    return performAsync(taking(this, options))
  }

  /**
   * Takes the lock, blocking the thread until it is free.
   *
   * @throws Error outside an exploration if the lock is held: on one thread nobody could ever release it. With a time-out,
   *   the answer is `false` at once
   */
  acquireSync(options?: BlockingOptions): boolean {
    return performSync('Lock.acquireSync', taking(this, options))
  }

  /** Takes the lock if it is free, and tells whether it did. */
  tryAcquire(): boolean {
    return performSync('Lock.tryAcquire', taking(this, { timeout: 0 }))
  }

  /**
   * Gives the lock back.
   *
   * @throws Error if nobody holds it
   */
  release(): void {
    const { core } = worldOf(this)
    core.touch(RELEASE)
    if (!core.state) throw new Error('frontrun: Lock.release: the lock is not held')
    core.gaveBack(inside() ? currentOwner() : null)
    core.set(false)
  }

  /** Runs an async function while holding the lock; returns what it returns. */
  async withLock<T>(run: () => T | PromiseLike<T>): Promise<T> {
    await this.acquire()
    try {
      return await run()
    } finally {
      this.release()
    }
  }

  /** Runs a function while holding the lock; returns what it returns. */
  withLockSync<T>(run: () => T): T {
    this.acquireSync()
    try {
      return run()
    } finally {
      this.release()
    }
  }
}

function taking(lock: Lock, options?: BlockingOptions): Request<boolean, boolean> {
  const { core } = worldOf(lock)
  return { core, operation: new Taking(core), timeout: timeLeft('Lock.acquire', options) }
}

const { acquire, acquireSync, tryAcquire, release, withLock, withLockSync } = Lock.prototype
declareConstruction(Lock)
declareWaiting<Lock>(acquire, acquireSync, (lock, [options]) => taking(lock, options))
declareInstant(tryAcquire, release)
declareHolding([withLock, acquire], [withLockSync, acquireSync])
