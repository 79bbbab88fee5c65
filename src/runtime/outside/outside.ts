/**
 * The operations on the outside world of one execution. An asynchronous one is a task of its own, so that it takes
 * effect when the scheduler says so, and the step in which it does stays open until it is over.
 */
import { Cell } from '../cell.js'
import type { Execution } from '../execution.js'
import { Frame } from '../frame.js'
import { INSTRUMENTED, infoOf } from '../functions.js'
import {
  apply,
  isObject,
  monotonicNow,
  NativePromise,
  nativeClearTimeout,
  nativeSetTimeout,
  nativeThen,
} from '../natives.js'
import { type Task, TaskState } from '../task.js'
import { Notes, type Operation, type Phase, type Plan } from './operation.js'
import { RunningOperation } from './running-operation.js'

type Settled = (value: unknown, failed: boolean) => void

/** Something natively under way. */
export interface UnderWay {
  readonly name: string
  readonly site: number
  readonly task: Task | null
}

/** Never added to. Most executions do nothing outside, and would make sets for nothing. */
const NOTHING = new Set<UnderWay>()

export class Outside {
  /** What the open step waits for. */
  private expected: Set<UnderWay> = NOTHING
  /** What goes on until some task brings it about. */
  private blocked: Set<UnderWay> = NOTHING
  private readonly endings: ((complete: boolean) => void)[] = []
  /** Operations that have not ended, or of whose end nobody has been told. */
  pending = 0
  private wakeUp: (() => void) | null = null
  /** The event loop was waited for. */
  waited = false
  /** Something of the outside world was not as it was at the start of the executions before: what, in words. */
  difference: string | null = null

  /** What native code did that could not be taken into account, as a reason why nothing is proven. */
  unseen: string | null = null

  constructor(private readonly execution: Execution) {
    execution.runtime.observer?.begin(execution)
  }

  /** The event loop was let run in the open step. */
  loopRan = false

  /** The open step is about to end: what native code did in it that was called from the event loop. */
  observe(): void {
    const { runtime, stepped } = this.execution
    if (runtime.observer === null || stepped === null || !this.loopRan) return
    this.loopRan = false
    const { observer } = runtime
    this.inStepOf(stepped, () => observer.observe(this.execution, stepped.site))
  }

  notes(site: number): Notes {
    return new Notes(this.execution, site)
  }

  /** Runs what no detector shall look at. */
  silently<T>(run: () => T): T {
    const { foreign, runtime } = this.execution
    const { observer } = runtime
    if (observer === null) return foreign.silently(run)
    observer.observe(this.execution, this.site)
    try {
      return foreign.silently(run)
    } finally {
      observer.skip()
    }
  }

  /** The call site of what runs, also where code that is not instrumented calls. */
  get site(): number {
    const { runtime, stepped } = this.execution
    const task = runtime.task ?? stepped
    return runtime.foreignSite || task?.calledAt || task?.site || 0
  }

  /** Does what a detector planned; returns what the caller gets. Not for plans of kind `sync`. */
  start(plan: Exclude<Plan, { kind: 'sync' }>, site: number, foreign: boolean): unknown {
    const { execution } = this
    const task = this.task(site)
    if (plan.kind === 'promise') {
      const cell = new Cell()
      cell.site = site
      cell.producer = task
      this.begin(task, plan.operation, (value, failed) => {
        const settle = (): void => execution.resolve(cell, value, failed)
        if (!foreign) return this.finish(task, settle)
        // The code that awaits it goes on natively: in a step of its own, so that others may come in between.
        this.later(task, settle)
      })
      const promise = foreign ? cell.escape() : cell.promise
      return plan.returns === undefined ? promise : plan.returns(promise)
    }
    const { callback, toArguments = standardArguments } = plan
    this.begin(task, plan.operation, (value, failed) => {
      const args = toArguments(failed ? value : null, failed ? undefined : value)
      if (infoOf(callback) === INSTRUMENTED)
        task.start = () => {
          this.pending--
          return execution.begin(callback, args)
        }
      else this.later(task, () => this.callBack(callback, args))
    })
    return plan.returns
  }

  /** Does a synchronous operation in the step that runs. */
  inPlace(phase: Phase, site: number): unknown {
    const notes = this.notes(site)
    phase.note?.(notes)
    let result: unknown
    try {
      result = this.silently(() => phase.perform())
    } catch (error) {
      phase.noted?.(notes, undefined, error)
      throw error
    }
    if (isObject(result)) this.execution.foreignResult(result, site)
    phase.noted?.(notes, result)
    return result
  }

  /** A task for an operation, under the task that runs. */
  private task(site: number): Task {
    const { execution } = this
    const { runtime, foreign, recorder } = execution
    const task = execution.newTask('io', runtime.task ?? foreign.task ?? null)
    task.site = site
    if (recorder.log !== null) task.stack = runtime.callChain()
    return task
  }

  private begin(task: Task, operation: Operation, end: (value: unknown, failed: boolean) => void): void {
    this.pending++
    task.operationName = operation.name
    task.operation = new RunningOperation(this, operation, task, (value, failed) => {
      if (isObject(value) && !failed) this.execution.foreignResult(value, task.site)
      end(value, failed)
    })
  }

  private finish(task: Task, settle: () => void): void {
    this.pending--
    task.state = TaskState.Done
    settle()
  }

  private later(task: Task, run: () => void): void {
    task.start = () => {
      this.pending--
      return new Frame(delivery(run), false, 0)
    }
  }

  /** Calls a function of the program, or of code that is not instrumented, as an event of the outside world would. */
  callBack(callback: Function, args: unknown[], self?: unknown): void {
    const { runtime, foreign } = this.execution
    const { nested } = runtime
    runtime.nested++
    foreign.needsDrain = true
    try {
      foreign.run(() => apply(callback, self, args))
    } finally {
      runtime.nested = nested
    }
  }

  /** Runs what belongs to the open step of `task` though the event loop calls it. */
  inStepOf(task: Task, run: () => void): void {
    const { runtime } = this.execution
    const before = runtime.task
    runtime.task = task
    try {
      run()
    } finally {
      runtime.task = before
    }
  }

  /** Holds the open step open until `promise` is settled: something that this step has set off. */
  expect(promise: Promise<unknown>, under: UnderWay, then?: Settled, late?: (value: unknown) => void): void {
    if (this.expected === NOTHING) this.expected = new Set()
    this.track(promise, under, this.expected, then, late)
  }

  /** What is waited for only when nothing else can run. */
  block(promise: Promise<unknown>, under: UnderWay, then: Settled, late?: (value: unknown) => void): void {
    this.execution.foreign.needsDrain = true
    const happened: Settled = (value, failed) => {
      const { step } = this.execution
      if (step >= 0) under.task?.causes.push(step)
      then(value, failed)
    }
    if (this.blocked === NOTHING) this.blocked = new Set()
    this.track(promise, under, this.blocked, happened, late)
  }

  private track(
    promise: Promise<unknown>,
    under: UnderWay,
    among: Set<UnderWay>,
    then?: Settled,
    late?: (value: unknown) => void,
  ): void {
    const { execution } = this
    among.add(under)
    const settled =
      (failed: boolean) =>
      (value: unknown): void => {
        // It outlived its execution, or the time that it had: nobody waits any more.
        if (!among.delete(under) || execution.runtime.execution !== execution) {
          if (!failed) late?.(value)
          return
        }
        then?.(value, failed)
        if (this.expected.size === 0) this.wakeUp?.()
      }
    apply(nativeThen, promise, [settled(false), settled(true)])
  }

  get isExpecting(): boolean {
    return this.expected.size > 0
  }

  /** Operations that only another task, or the world, brings to their end. */
  get blockedCount(): number {
    return this.blocked.size
  }

  /** Waits until what the open step set off is over. False: the time ran out. */
  async expectedOver(ms: number): Promise<boolean> {
    this.waited = true
    const start = monotonicNow()
    while (this.expected.size > 0) {
      const left = ms - (monotonicNow() - start)
      if (left <= 0) return false
      await new NativePromise<void>(resolve => {
        const timer = nativeSetTimeout(resolve, left)
        this.wakeUp = () => {
          nativeClearTimeout(timer)
          resolve()
        }
      })
      this.wakeUp = null
    }
    return true
  }

  /** What has been under way for too long, for a message. */
  stuck(): { task: Task | null; message: string } {
    const { runtime } = this.execution
    const all = [...(this.expected.size > 0 ? this.expected : this.blocked)]
    const names = all.map(({ name, site }) => {
      const place = runtime.sites.describe(site)
      return place === undefined ? name : `${name} (${place.file}:${place.line})`
    })
    return {
      task: all[0]?.task ?? null,
      message: `${all.length === 1 ? 'an operation was' : 'operations were'} under way and did not come to an end: ${names.join(', ')}`,
    }
  }

  /** Nobody waits any longer for what is under way. */
  abandon(): void {
    this.expected.clear()
    this.blocked.clear()
  }

  /** `action` is called when the execution is over; not `complete`: it was cut, and may have left something open. */
  onEnd(action: (complete: boolean) => void): void {
    this.endings.push(action)
  }

  over(complete: boolean): void {
    this.execution.runtime.observer?.expectNothing(this.execution)
    if (this.endings.length === 0) return
    for (const action of this.endings.splice(0)) this.silently(() => action(complete))
  }
}

const standardArguments = (error: unknown, result: unknown): unknown[] =>
  error !== null ? [error] : result === undefined ? [null] : [null, result]

// biome-ignore lint/correctness/useYield: a coroutine that is never suspended
function* delivery(run: () => void): Generator<unknown, void, unknown> {
  run()
}
