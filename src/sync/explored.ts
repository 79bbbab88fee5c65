/** Operations in an exploration: at calls from instrumented code, and from other code. */
import { Cell } from '../runtime/cell.js'
import type { Timer } from '../runtime/clock.js'
import type { Execution } from '../runtime/execution.js'
import { Awaiting, type Guard, Parked } from '../runtime/guard.js'
import type { ObjectRecord } from '../runtime/identity.js'
import { runtime } from '../runtime/index.js'
import { ACQUIRE, READ, WRITE } from '../runtime/recorder.js'
import { NEVER, type Task } from '../runtime/task.js'
import type { ExploredCore } from './core.js'
import type { Operation } from './operation.js'

/** The task that does what runs; a thread, with all that it started. */
export function currentOwner(task?: Task): Task {
  let owner = task ?? runtime.task ?? ((runtime.execution as Execution).stepped as Task)
  // An operation that nobody awaited is a task of its own; it is done for who asked.
  while (owner.parent !== null && (runtime.points || owner.kind === 'operation')) owner = owner.parent
  return owner
}

/** An operation that waits for its turn. */
export class Doing<S, T = unknown> extends Awaiting<S> {
  private timer: Timer | null = null
  /** Who asked, where there is a time-out. */
  private asker: Parked | null = null
  /** What the same task asked for before. */
  private readonly before: Doing<S> | undefined
  private doneAt = NEVER

  constructor(
    private readonly core: ExploredCore<S>,
    private readonly operation: Operation<S, T>,
    private readonly owner: Task,
    first: Parked | null = null,
  ) {
    super(core.watched, first)
    this.before = core.lastAsked(operation, owner)
  }

  get kind(): number {
    return this.operation.takes ? ACQUIRE : WRITE
  }
  get owned(): boolean {
    return this.operation.takes && this.isLetOn
  }
  private get isLetOn(): boolean {
    return this.first === null || this.first.woken
  }
  override get record(): ObjectRecord {
    return this.isLetOn ? super.record : (this.first as Parked).record
  }
  get isDone(): boolean {
    return this.doneAt !== NEVER
  }

  protected ready(state: S): boolean {
    return this.operation.ready(state)
  }

  override enabled(): boolean {
    return (this.before?.isDone ?? true) && super.enabled()
  }

  override heldBefore(step: number): boolean {
    return (this.before === undefined || this.before.doneAt < step) && super.heldBefore(step)
  }

  /** Whether it can be done at once. */
  get canStart(): boolean {
    return (this.before?.isDone ?? true) && this.possible
  }

  /** What to wait for: this, or with a time-out whichever of the two comes first. */
  within(timeout: number | undefined, site: number): Guard {
    if (timeout === undefined) return this
    // With the engine's order what is possible is done at once: no time can run out.
    if (runtime.eventLoop !== null && this.enabled()) return this
    const asker = new Parked(this.record, name => this.describe(name))
    this.asker = asker
    this.timer = runtime.race(this, timeout, site, () => {
      this.over(this.core.execution.step)
      asker.wakeWith(() => this.operation.giveUp(), this.core.execution.step)
    })
    return asker
  }

  private over(step: number): void {
    this.doneAt = step
    if (this.core.lastAsked(this.operation, this.owner) === this) this.core.askedFor(this.operation).delete(this.owner)
  }

  perform(task: Task, { step }: Execution): T | undefined {
    this.over(step)
    this.core.touch(this.kind, task.site)
    const act = (): T => this.operation.act(this.owner)
    if (this.asker === null) return act()
    runtime.endTimeout(this.timer as Timer)
    this.asker.wakeWith(outcomeOf(act), step)
    return undefined
  }

  /** Not waited for: done at once if that is possible, else later, in the order in which this task asked. */
  start(timeout: number | undefined, site: number): Promise<unknown> {
    if (timeout === 0 || this.canStart) return settled(() => this.attempt(site))
    this.core.touch(READ, site)
    this.core.askedFor(this.operation).set(this.owner, this as Doing<S>)
    return runtime.later(this.within(timeout, site), site)
  }

  /** Done at once or not at all. */
  attempt(site: number): T {
    const { operation, watched } = this
    const possible = this.canStart
    runtime.attempt(this.location, possible, step => operation.ready(watched.before(step)), site)
    return possible ? operation.act(this.owner) : operation.giveUp()
  }

  holders(): readonly Task[] {
    return this.operation.takes && this.isLetOn ? [...new Set(this.core.holders)] : []
  }

  describe(name: string): string {
    return this.isLetOn ? this.operation.describe(name) : (this.first as Parked).describe(name)
  }
}

/** Does it now, for somebody who will get the result or the error later. */
function outcomeOf<T>(act: () => T): () => T {
  try {
    const value = act()
    return () => value
  } catch (error) {
    return () => {
      throw error
    }
  }
}

/** A promise that is settled already. */
export function settled(give: () => unknown): Promise<unknown> {
  const cell = new Cell()
  const execution = runtime.execution as Execution
  try {
    execution.resolve(cell, give(), false)
  } catch (error) {
    execution.resolve(cell, error, true)
  }
  return cell.promise
}

/** A call of an async method from instrumented code. */
export function callAsync<S>(doing: Doing<S>, timeout: number | undefined, site: number): boolean {
  if (runtime.awaits && timeout !== 0) return awaitTurn(doing.within(timeout, site), site)
  return runtime.pointwise(site, () => doing.start(timeout, site))
}

/**
 * An operation that may have to wait, and then going on: in tasks two steps, since others run between what an async
 * method did and the code after its await. In threads each access that comes next is a step anyway.
 */
export function awaitTurn(guard: Guard, site: number): boolean {
  const isOneStep = !(guard instanceof Doing) || runtime.points || runtime.eventLoop !== null || !runtime.awaits
  return isOneStep ? runtime.await(guard, site) : runtime.coroutine(turn(guard, site), true, site)
}

function* turn(guard: Guard, site: number): Generator<unknown, unknown, unknown> {
  runtime.suspendAt(guard, site)
  return yield
}

/** A call of a blocking method from instrumented code. */
export function callSync<S>(doing: Doing<S>, timeout: number | undefined, site: number): boolean {
  if (timeout === 0) return runtime.pointwise(site, () => doing.attempt(site))
  if (runtime.eventLoop !== null) return runtime.pointwise(site, () => blockEventLoop(doing, timeout, site))
  if (runtime.nested === 0) return runtime.block(doing.within(timeout, site), site)
  runtime.value = attemptOrThrow(doing, site)
  return false
}

/** With the engine's order a blocking method does what it does outside of explorations: nothing else can run meanwhile. */
function blockEventLoop<S, T>(doing: Doing<S, T>, timeout: number | undefined, site: number): T {
  if (doing.canStart || timeout !== undefined) return doing.attempt(site)
  throw new Error(
    `frontrun: ${doing.describe('').trim()} would be waited for for ever: a blocking method stops the whole event loop. Use the async one`,
  )
}

/** A call of a blocking method where nothing can be suspended. */
export function attemptOrThrow<S, T>(doing: Doing<S, T>, site: number): T {
  if (doing.canStart) return doing.attempt(site)
  throw new Error(
    `frontrun: ${doing.describe('').trim()} would have to be waited for where nothing can be suspended: in a callback of native code, or in code that is not instrumented`,
  )
}
