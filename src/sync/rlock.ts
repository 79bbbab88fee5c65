import { READ, RELEASE } from '../runtime/recorder.js'
import type { Task } from '../runtime/task.js'
import type { Core } from './core.js'
import { currentOwner } from './explored.js'
import type { Operation } from './operation.js'
import { actsFor, isWithin, runWithin } from './owners.js'
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

/** Who owns the lock: a task, or outside of explorations a token. */
export interface Ownership {
  readonly owner: object
  /** The step in which it was taken. */
  readonly since: number
}

export interface Depth {
  /** How often the owner has taken it. */
  count: number
}

/** Outside of explorations: what was taken by a blocking call belongs to the thread, which is the only one. */
const THREAD = {}

/** Outside of explorations: what was taken by a bare `acquire`, by one async function or another. */
class Unknown {}

/** Takes the lock when nobody else owns it. */
export class Entering implements Operation<Ownership | null, boolean> {
  readonly takes = true
  constructor(
    private readonly core: Core<Ownership | null>,
    private readonly depth: Depth,
    private readonly by: object,
    private readonly step: () => number,
    /** How often at once. */
    private readonly times = 1,
    private readonly result = (): boolean => true,
  ) {}

  ready(present: Ownership | null): boolean {
    return present === null || owns(this.by, present)
  }

  act(): boolean {
    if (this.core.state === null) {
      this.core.set({ owner: this.by, since: this.step() })
      this.core.took(this.by)
    }
    this.depth.count += this.times
    return this.result()
  }

  giveUp(): boolean {
    return false
  }
  describe(name: string): string {
    return `lock ${name}`
  }
}

const owns = (by: object, { owner, since }: Ownership): boolean =>
  by === owner || (inside() && actsFor(by as Task, owner as Task, since))

/** Whether the code that runs owns it, as far as can be told. */
const isMine = (present: Ownership | null): boolean =>
  present !== null &&
  (inside()
    ? actsFor(currentOwner(), present.owner as Task, present.since)
    : present.owner === THREAD || isWithin(present.owner))

/**
 * A re-entrant lock, as Python's `threading.RLock`: whoever owns it may take it again, and has to give it back as often. Only
 * the owner may give it back.
 *
 * The owner is the task or thread that took it. What a task starts while it owns the lock acts for it. Outside an exploration
 * async functions can only be told from each other by `withLock`, which runs its function in a context of its own
 * (`AsyncLocalStorage`): what runs in there re-enters. A lock taken there by `acquire` can be given back by anybody, and taking
 * it once more waits.
 *
 * @example
 * const lock = new RLock()
 * await lock.withLock(async () => {
 *   await lock.withLock(async () => update(account))
 * })
 */
export class RLock extends Primitive<Ownership | null, Depth> {
  constructor() {
    super(() => ({ state: null, data: { count: 0 } }))
  }

  /** Whether somebody owns the lock. */
  get locked(): boolean {
    const { core } = worldOf(this)
    core.touch(READ)
    return core.state !== null
  }

  /**
   * Takes the lock, once nobody else owns it. `true`, or `false` if its time-out (milliseconds; virtual in an exploration)
   * has passed before that.
   */
  acquire(options?: BlockingOptions): Promise<boolean> {
    return performAsync(entering(this, options, new Unknown()))
  }

  /**
   * Takes the lock, blocking the thread until nobody else owns it.
   *
   * @throws Error outside an exploration if somebody else owns it: on one thread nobody could ever give it back. With a
   *   time-out, the answer is `false` at once
   */
  acquireSync(options?: BlockingOptions): boolean {
    return performSync('RLock.acquireSync', entering(this, options, THREAD))
  }

  /** Takes the lock if nobody else owns it, and tells whether it did. */
  tryAcquire(): boolean {
    return performSync('RLock.tryAcquire', entering(this, { timeout: 0 }, THREAD))
  }

  /**
   * Gives the lock back, once.
   *
   * @throws Error if the caller does not own it
   */
  release(): void {
    const { core, data } = worldOf(this)
    core.touch(RELEASE)
    if (!mayGiveBack(core.state)) throw new Error('frontrun: RLock.release: the lock is not owned by the caller')
    if (--data.count > 0) return
    core.gaveBack(core.state?.owner ?? null)
    core.set(null)
  }

  /** Runs an async function while owning the lock; returns what it returns. */
  async withLock<T>(run: () => T | PromiseLike<T>): Promise<T> {
    const request = entering(this, undefined)
    await performAsync(request)
    const body = async (): Promise<T> => {
      try {
        return await run()
      } finally {
        this.release()
      }
    }
    return inside() || request.by === undefined ? body() : runWithin(request.by, body)
  }

  /** Runs a function while owning the lock; returns what it returns. */
  withLockSync<T>(run: () => T): T {
    this.acquireSync()
    try {
      return run()
    } finally {
      this.release()
    }
  }
}

function entering(
  lock: RLock,
  options: BlockingOptions | undefined,
  newOwner: object = {},
): Request<Ownership | null, boolean> {
  const { core, data, execution } = worldOf(lock)
  const { state } = core
  const by = execution !== null ? currentOwner() : state !== null && isMine(state) ? state.owner : newOwner
  const operation = new Entering(core, data, by, () => execution?.step ?? -1)
  return { core, operation, by, timeout: timeLeft('RLock.acquire', options) }
}

/** Whether the running code may do what only the owner may. */
export const ownsLock = (lock: RLock): boolean => mayGiveBack(worldOf(lock).core.state)

/** Whether the code that runs may give it back: nobody can be told from an owner who is not known. */
const mayGiveBack = (present: Ownership | null): boolean => isMine(present) || present?.owner instanceof Unknown

const { acquire, acquireSync, tryAcquire, release, withLock, withLockSync } = RLock.prototype
declareConstruction(RLock)
declareWaiting<RLock>(acquire, acquireSync, (lock, [options]) => entering(lock, options))
declareInstant(tryAcquire, release)
declareHolding([withLock, acquire], [withLockSync, acquireSync])
