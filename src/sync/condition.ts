import { declare } from '../runtime/functions.js'
import { runtime } from '../runtime/index.js'
import { READ, WRITE } from '../runtime/recorder.js'
import { cannotBlock, declareArriving, wouldWaitForever } from './arriving.js'
import { type GivenUp, giveUp, isHeld } from './condition-lock.js'
import { callSite, type RealCore } from './core.js'
import type { Lock } from './lock.js'
import { timeoutOf, type WaitOptions } from './operation.js'
import { type Give, type ParkedParty, Parties, type Party, promiseOf } from './parties.js'
import { type BlockingOptions, declareInstant, doing } from './perform.js'
import { inside, Primitive, worldOf } from './primitive.js'
import { doReal } from './real.js'
import { RLock } from './rlock.js'
import { declareWaitFor } from './wait-for.js'

interface Waiters {
  readonly parties: Parties<boolean>
  /** Somebody has waited with a time-out: from then on the order of notifying and firing matters. */
  timed: boolean
}

/**
 * A condition variable, as Python's `threading.Condition`: a lock, and a way to wait for what others do while they hold it.
 * `wait` gives the lock up, waits to be notified, and takes the lock back before it goes on, in competition with whoever else
 * wants it. `notify` wakes those who have waited longest.
 *
 * @example
 * const changed = new Condition()
 * // the consumer:
 * await changed.withLock(async () => {
 *   await changed.waitFor(() => items.length > 0)
 *   use(items.shift())
 * })
 * // the producer:
 * await changed.withLock(() => {
 *   items.push(item)
 *   changed.notify()
 * })
 */
export class Condition extends Primitive<null, Waiters> {
  /** The lock to hold while waiting or notifying. */
  readonly lock: Lock | RLock

  /** @param lock default: a new `RLock`. Several conditions may share one */
  constructor(lock: Lock | RLock = new RLock()) {
    super(() => ({ state: null, data: { parties: new Parties(), timed: false } }))
    this.lock = lock
  }

  /** Takes the lock, see `Lock.acquire`. */
  acquire(options?: BlockingOptions): Promise<boolean> {
    return this.lock.acquire(options)
  }

  /** Takes the lock, blocking the thread, see `Lock.acquireSync`. */
  acquireSync(options?: BlockingOptions): boolean {
    return this.lock.acquireSync(options)
  }

  /** Takes the lock if it is free, and tells whether it did. */
  tryAcquire(): boolean {
    return this.lock.tryAcquire()
  }

  /** Gives the lock back. */
  release(): void {
    this.lock.release()
  }

  /** Runs an async function while holding the lock; returns what it returns. */
  withLock<T>(run: () => T | PromiseLike<T>): Promise<T> {
    return this.lock.withLock(run)
  }

  /** Runs a function while holding the lock; returns what it returns. */
  withLockSync<T>(run: () => T): T {
    return this.lock.withLockSync(run)
  }

  /**
   * Gives the lock up, waits to be notified, takes the lock back. `true`, or `false` if the time-out (milliseconds; virtual
   * in an exploration) has passed before it was notified. What was waited for need not be so any more: wait in a loop, or
   * use `waitFor`.
   *
   * @throws Error if the lock is not held
   */
  wait(options?: WaitOptions): Promise<boolean> {
    const { arrival, givenUp, result } = arrive(this, options)
    if (inside()) return runtime.later(guardOf(arrival.party, givenUp, result), callSite()) as Promise<boolean>
    return promiseOf(arrival).then(notified =>
      doReal(
        givenUp.core as RealCore<unknown>,
        givenUp.retake(() => notified),
        givenUp.by,
        undefined,
      ),
    )
  }

  /**
   * The same, blocking the thread.
   *
   * @throws Error if the lock is not held; outside an exploration always: on one thread nobody could ever notify. With a
   *   time-out, the answer is `false` at once
   */
  waitSync(options?: WaitOptions): boolean {
    const timeout = timeoutOf('Condition.waitSync', options)
    checkHeld(this, 'wait')
    if (inside()) throw cannotBlock()
    if (timeout === undefined) throw wouldWaitForever('Condition.waitSync')
    return false
  }

  /**
   * Waits until `predicate`, called while the lock is held, returns something true; returns that, or what it returned last if
   * the time-out (milliseconds) has passed.
   *
   * @throws Error if the lock is not held
   */
  async waitFor<T>(predicate: () => T, options?: WaitOptions): Promise<T> {
    const timeout = timeoutOf('Condition.waitFor', options)
    const end = timeout === undefined ? undefined : performance.now() + timeout
    for (;;) {
      const found = predicate()
      if (found) return found
      const left = end === undefined ? undefined : end - performance.now()
      if (left !== undefined && left <= 0) return found
      await this.wait({ timeout: left })
    }
  }

  /** The same, blocking the thread. */
  waitForSync<T>(predicate: () => T, options?: WaitOptions): T {
    const found = predicate()
    if (!found) this.waitSync(options)
    return found
  }

  /**
   * Wakes those who have waited longest. They go on once they have the lock.
   *
   * @param count how many; default 1
   * @throws Error if the lock is not held
   */
  notify(count = 1): void {
    checkHeld(this, 'notify')
    const { core, data } = worldOf(this)
    const parties = data.parties.take(count)
    if (isSeen(data)) core.touch(parties.length > 0 ? WRITE : READ)
    for (const party of parties) party.wake(() => true)
  }

  /** Wakes everybody who waits. */
  notifyAll(): void {
    this.notify(Number.POSITIVE_INFINITY)
  }
}

function checkHeld({ lock }: Condition, what: string): void {
  if (!isHeld(lock, runtime.points)) throw new Error(`frontrun: Condition.${what}: the lock is not held`)
}

/**
 * Whether waiting and notifying are accesses. In threads they are in the order in which the lock is taken, so that the
 * accesses to that are enough; where time may run out, or tasks share the lock, they are not.
 */
const isSeen = (waiters: Waiters): boolean => waiters.timed || !runtime.points

interface Arrived {
  readonly arrival: { readonly party: Party<boolean> }
  readonly givenUp: GivenUp
  /** Whether it was notified. */
  readonly result: () => boolean
}

function arrive(condition: Condition, options: WaitOptions | undefined): Arrived {
  const timeout = timeoutOf('Condition.wait', options)
  checkHeld(condition, 'wait')
  const { core, data } = worldOf(condition)
  if (timeout !== undefined) data.timed = true
  if (isSeen(data)) core.touch(WRITE)
  const describe = (name: string): string => `condition ${name} to be notified`
  const party = data.parties.add(core, describe, timeout, late => late.wake(() => false))
  const givenUp = giveUp(condition.lock)
  return { arrival: { party }, givenUp, result: () => (party as ParkedParty<boolean>).parked.perform() as boolean }
}

const guardOf = (party: Party<boolean>, givenUp: GivenUp, result: Give<boolean>) =>
  doing(
    { core: givenUp.core, operation: givenUp.retake(result), timeout: undefined },
    (party as ParkedParty<boolean>).parked,
  )

// What is done to the lock is a call of the lock's own method.
for (const name of ['acquire', 'acquireSync', 'tryAcquire', 'release', 'withLock', 'withLockSync'] as const)
  declare(Condition.prototype[name], (_, { lock }: { lock: Lock | RLock }, args, site) =>
    runtime.call(lock[name], lock, args, site),
  )
const { wait, waitSync, waitFor, waitForSync, notify, notifyAll } = Condition.prototype
declareInstant(notify, notifyAll)
declareWaitFor(waitFor, waitForSync, wait, waitSync)
declareArriving<Condition, boolean>(wait, waitSync, (condition, [options]) => {
  const { arrival, givenUp, result } = arrive(condition, options)
  return { arrival, guard: guardOf(arrival.party, givenUp, result) }
})
