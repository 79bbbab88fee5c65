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

/** Takes a permit when there is one. */
class TakingPermit implements Operation<number, boolean> {
  readonly takes = true
  constructor(private readonly core: Core<number>) {}
  ready(permits: number): boolean {
    return permits > 0
  }
  act(by: object): boolean {
    this.core.set(this.core.state - 1)
    this.core.took(by)
    return true
  }
  giveUp(): boolean {
    return false
  }
  describe(name: string): string {
    return `semaphore ${name}`
  }
}

/**
 * A number of permits, as Python's `threading.Semaphore`: `acquire` takes one, and waits as long as there is none; `release`
 * gives one back, or adds one. Anybody may give back.
 *
 * @example
 * const connections = new Semaphore(2)
 * await connections.withPermit(() => query())
 */
export class Semaphore extends Primitive<number> {
  /**
   * @param permits how many there are at first; a whole number from 0 up
   * @throws RangeError if it is anything else
   */
  constructor(permits = 1) {
    if (!Number.isInteger(permits) || permits < 0)
      throw new RangeError(`frontrun: a semaphore has a whole number of permits from 0 up, not ${String(permits)}`)
    super(() => ({ state: permits, data: null }))
  }

  /** Permits that are free. */
  get value(): number {
    const { core } = worldOf(this)
    core.touch(READ)
    return core.state
  }

  /** Whether no permit is free. */
  get locked(): boolean {
    return this.value === 0
  }

  /**
   * Takes a permit, once there is one. `true`, or `false` if its time-out (milliseconds; virtual in an exploration) has
   * passed before that.
   */
  acquire(options?: BlockingOptions): Promise<boolean> {
    return performAsync(taking(this, options))
  }

  /**
   * Takes a permit, blocking the thread until there is one.
   *
   * @throws Error outside an exploration if there is none: on one thread nobody could ever give one back. With a time-out,
   *   the answer is `false` at once
   */
  acquireSync(options?: BlockingOptions): boolean {
    return performSync('Semaphore.acquireSync', taking(this, options))
  }

  /** Takes a permit if there is one, and tells whether it did. */
  tryAcquire(): boolean {
    return performSync('Semaphore.tryAcquire', taking(this, { timeout: 0 }))
  }

  /**
   * Gives permits back.
   *
   * @param count how many, from 1 up
   */
  release(count = 1): void {
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`frontrun: Semaphore.release: count must be a whole number from 1 up, not ${String(count)}`)
    const { core } = worldOf(this)
    core.touch(RELEASE)
    for (let i = 0; i < count; i++) core.gaveBack(inside() ? currentOwner() : null)
    core.set(core.state + count)
  }

  /** Runs an async function while holding a permit; returns what it returns. */
  async withPermit<T>(run: () => T | PromiseLike<T>): Promise<T> {
    await this.acquire()
    try {
      return await run()
    } finally {
      this.release()
    }
  }

  /** Runs a function while holding a permit; returns what it returns. */
  withPermitSync<T>(run: () => T): T {
    this.acquireSync()
    try {
      return run()
    } finally {
      this.release()
    }
  }
}

function taking(semaphore: Semaphore, options?: BlockingOptions): Request<number, boolean> {
  const { core } = worldOf(semaphore)
  return { core, operation: new TakingPermit(core), timeout: timeLeft('Semaphore.acquire', options) }
}

const { acquire, acquireSync, tryAcquire, release, withPermit, withPermitSync } = Semaphore.prototype
declareConstruction(Semaphore)
declareWaiting<Semaphore>(acquire, acquireSync, (semaphore, [options]) => taking(semaphore, options))
declareInstant(tryAcquire, release)
declareHolding([withPermit, acquire], [withPermitSync, acquireSync])
