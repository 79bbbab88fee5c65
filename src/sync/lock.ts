import { declare } from '../runtime/functions.js'
import { runtime } from '../runtime/index.js'
import { Acquiring, LockState } from './lock-state.js'

/**
 * A mutual exclusion lock, for tasks (`acquire`, `withLock`) and for threads (`acquireSync`, `withLockSync`). Not
 * re-entrant; it may be released by another task than the one that took it. Waiting tasks get it in the order in which
 * they asked outside an exploration, and in every order inside one.
 *
 * @example
 * const lock = new Lock()
 * await lock.withLock(async () => {
 *   account.balance = (await load()) + 50
 * })
 */
export class Lock {
  #held = false
  #waiting: (() => void)[] = []
  /** The scheduler's view, made anew for every execution. */
  #state: LockState | null = null

  /** Whether somebody holds the lock. */
  get locked(): boolean {
    return inside() ? stateOf(this).now !== null : this.#held
  }

  /** Takes the lock, once it is free. */
  acquire(): Promise<void> {
    if (inside()) return runtime.later(new Acquiring(stateOf(this)), 0) as Promise<void>
    if (!this.#held) {
      this.#held = true
      return Promise.resolve()
    }
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /**
   * Takes the lock, blocking the thread until it is free.
   *
   * @throws Error outside an exploration if the lock is held: on one thread nobody could ever release it
   */
  acquireSync(): void {
    if (inside())
      throw new Error(
        'frontrun: Lock.acquireSync was called from code that is not instrumented, which cannot be blocked',
      )
    if (this.#held)
      throw new Error('frontrun: Lock.acquireSync would wait for ever: the lock is held, and nothing else can run')
    this.#held = true
  }

  /** Takes the lock if it is free, and tells whether it did. */
  tryAcquire(): boolean {
    if (inside()) return stateOf(this).tryAcquire(0)
    if (this.#held) return false
    this.#held = true
    return true
  }

  /**
   * Gives the lock back.
   *
   * @throws Error if nobody holds it
   */
  release(): void {
    if (inside()) {
      stateOf(this).release(0)
      return
    }
    if (!this.#held) throw new Error('frontrun: Lock.release: the lock is not held')
    const next = this.#waiting.shift()
    if (next === undefined) this.#held = false
    else next()
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

  /** @internal */
  static stateOf(lock: Lock): LockState {
    lock.#state = LockState.of(lock, lock.#state)
    return lock.#state
  }
}

const { stateOf } = Lock
const inside = (): boolean => runtime.on && runtime.enters()

const { acquire, acquireSync, tryAcquire, release, withLock, withLockSync } = Lock.prototype

declare(acquire, (_, self, __, site) => runtime.await(new Acquiring(stateOf(self)), site))
declare(acquireSync, (_, self, __, site) => runtime.block(new Acquiring(stateOf(self)), site))
declare(tryAcquire, (_, self, __, site) => runtime.pointwise(site, () => stateOf(self).tryAcquire(site)))
declare(release, (_, self, __, site) => runtime.pointwise(site, () => stateOf(self).release(site)))
declare(withLock, (_, self, [run], site) => runtime.coroutine(whileHolding(self, run, acquire, site), true, site))
declare(withLockSync, (_, self, [run], site) =>
  runtime.coroutine(whileHolding(self, run, acquireSync, site), false, site),
)

/** `withLock` as a coroutine, so that what it calls can be suspended. */
function* whileHolding(lock: Lock, run: unknown, take: Function, site: number): Generator<unknown, unknown, unknown> {
  const isAsync = take === acquire
  if (isAsync) yield runtime.callAwait(take, lock, [], site)
  else if (runtime.call(take, lock, [], site)) yield
  try {
    if (!isAsync) return runtime.call(run, undefined, [], site) ? yield : runtime.value
    runtime.callAwait(run, undefined, [], site)
    return yield
  } finally {
    if (runtime.call(release, lock, [], site)) yield
  }
}
