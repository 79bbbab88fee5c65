/** One run of setup, tasks and invariant: which tasks there are, what each waits for, and one step after the other. */

import { Cell, CellState } from './cell.js'
import type { Clock, Timer } from './clock.js'
import type { Contexts } from './contexts.js'
import { Foreign } from './foreign.js'
import type { Frame } from './frame.js'
import { INSTRUMENTED, infoOf } from './functions.js'
import { HELD, type ObjectRecord, SETTLE, stamp } from './identity.js'
import type { MarkerGate } from './marker-gate.js'
import { isDataView, isObject, isPromise, isTypedArray } from './natives.js'
import { ACQUIRE, READ, type Recorder, WRITE } from './recorder.js'
import { cut } from './reuse.js'
import { Command, Outcome, type Runtime } from './runtime.js'
import { starter, thenableCall } from './starters.js'
import { isLive, type LockState, Task, type TaskIdentity, type TaskKind, type TaskRegistry, TaskState } from './task.js'

/** How a run of tasks ended that is not a plain end. */
export interface Failure {
  kind: 'error' | 'livelock' | 'timeout'
  message: string
  error?: unknown
  task: Task | null
  step: number
}

export class Execution {
  /** Tasks that have not ended, in the order in which they came to be. */
  live: Task[] = []
  /** Index of the step that runs; -1 during setup. */
  step = -1
  stepped: Task | null = null
  failure: Failure | null = null
  readonly foreign: Foreign
  private suspended: Task[] = []
  private born: Task[] = []
  /** Rejected cells, to see at the end which nobody handled. */
  private rejected: Cell[] = []
  /** Root tasks in which instrumented code ran, or an explicit point was met. */
  readonly seen = new Set<TaskIdentity>()
  steps = 0
  /** Where trace markers order the tasks. */
  markers: MarkerGate | null = null
  private arrivals = 0

  constructor(
    readonly runtime: Runtime,
    readonly recorder: Recorder,
    readonly registry: TaskRegistry,
    readonly clock: Clock,
    readonly opaque: ObjectRecord,
  ) {
    this.foreign = new Foreign(this)
  }

  // --- tasks ---------------------------------------------------------------------------------------------------

  /** A root task: `run` is called with `args` at its first step. */
  root(identity: TaskIdentity, run: Function, args: unknown[]): Task {
    const task = new Task(identity, 'root', null)
    task.numbered = true
    task.start = () => this.begin(run, args)
    if (infoOf(run) === INSTRUMENTED) this.seen.add(identity)
    this.live.push(task)
    return task
  }

  /** A task started by a task; it gets its number when the step ends, unless its parent goes on waiting for it. */
  newTask(kind: TaskKind, parent: Task | null): Task {
    const origin = parent ?? this.stepped
    const task = new Task((origin as Task).identity, kind, origin)
    task.born = this.step
    task.context = this.runtime.contexts?.capture() ?? null
    task.generation = (origin as Task).generation + (kind === 'timer' ? 1 : 0)
    task.seenTime = (origin as Task).seenTime
    if (this.step >= 0) task.causes.push(this.step)
    if (kind === 'async') this.born.push(task)
    else this.number(task)
    this.live.push(task)
    return task
  }

  private number(task: Task): void {
    const parent = task.parent as Task
    task.identity = parent.identity.child(parent.childCount++)
    task.numbered = true
  }

  /** Prepares the call of `run`, as far as the driver takes part in it. */
  begin(run: Function, args: unknown[]): Frame {
    const { runtime } = this
    if (infoOf(run) === INSTRUMENTED && runtime.call(run, undefined, args, 0) && runtime.command === Command.Call) {
      const frame = runtime.entered as Frame
      runtime.entered = null
      return frame
    }
    return starter(runtime, run, args)
  }

  // --- identity of objects -------------------------------------------------------------------------------------

  newRecord(): ObjectRecord {
    const task = this.runtime.task ?? (this.stepped as Task)
    return task.identity.object(task.objectCount++)
  }

  /** A record for an object that appears at `site` without having been seen before. */
  foreignRecord(site: number): ObjectRecord {
    const task = this.runtime.task ?? (this.stepped as Task)
    task.foreignCount ??= new Map()
    let count = task.foreignCount.get(site) ?? 0
    let record = task.identity.foreignObject(site, count++)
    while (record.persistent) record = task.identity.foreignObject(site, count++)
    task.foreignCount.set(site, count)
    record.sighted = this.recorder.execution
    return record
  }

  // --- promises ------------------------------------------------------------------------------------------------

  /** Resolves a cell as the language resolves a promise: with a value, or by following another promise or thenable. */
  resolve(cell: Cell, value: unknown, isError: boolean): void {
    if (cell.resolved) return
    cell.resolved = true
    if (isError) this.settle(cell, CellState.Rejected, value, [])
    else if (!isObject(value)) this.settle(cell, CellState.Fulfilled, value, [])
    else if (isPromise(value)) {
      const followed = this.cellOf(value as Promise<unknown>)
      if (followed === cell)
        this.settle(cell, CellState.Rejected, new TypeError('Chaining cycle detected for promise #<Promise>'), [])
      else this.whenSettled(followed, () => this.settle(cell, followed.state, followed.value, followed.causes))
    } else {
      let then: unknown
      try {
        then = (value as { then?: unknown }).then
      } catch (error) {
        return this.settle(cell, CellState.Rejected, error, [])
      }
      if (typeof then !== 'function') return this.settle(cell, CellState.Fulfilled, value, [])
      const task = this.newTask('microtask', this.runtime.task)
      const call = then
      task.start = () => thenableCall(this.runtime, cell, value, call)
    }
  }

  /** What a promise's resolve and reject functions do: the first call counts. */
  settleOnce(cell: Cell, value: unknown, isError: boolean): void {
    if (cell.record !== null) {
      this.recorder.touch(cell.record.location(SETTLE), cell.resolved ? READ : WRITE, 0)
      this.recorder.vary()
    }
    if (!cell.resolved) this.resolve(cell, value, isError)
  }

  settle(cell: Cell, state: CellState, value: unknown, causes: readonly number[]): void {
    cell.resolved = true
    cell.state = state
    cell.value = value
    cell.causes = this.step >= 0 ? [...causes, this.step] : [...causes]
    if (state === CellState.Rejected) this.rejected.push(cell)
    const { waiters, followers } = cell
    cell.waiters = null
    cell.followers = null
    if (waiters !== null) for (const task of waiters) this.wake(task, cell)
    if (followers !== null) for (const follow of followers) follow()
    if (cell.materialised) {
      cell.settleNative()
      if (cell.escaped || this.foreign.seen) this.foreign.needsDrain = true
    }
  }

  whenSettled(cell: Cell, follow: () => void): void {
    cell.handled = true
    if (cell.state !== CellState.Pending) follow()
    else if (cell.followers === null) cell.followers = [follow]
    else cell.followers.push(follow)
  }

  cellOf(promise: Promise<unknown>): Cell {
    return Cell.of(promise) ?? this.foreign.watch(promise)
  }

  private wake(task: Task, cell: Cell): void {
    task.state = TaskState.Ready
    task.cell = null
    task.input = cell.value
    task.inputIsError = cell.state === CellState.Rejected
    for (const cause of cell.causes) task.causes.push(cause)
  }

  /** The running fiber waits for the runtime's operand; `task` is it, or what it becomes. */
  suspend(task: Task): void {
    const { runtime } = this
    const acquires = runtime.command === Command.Acquire
    task.lock = acquires ? runtime.lock : null
    task.operand = acquires ? undefined : runtime.operand
    task.operandRejected = !acquires && runtime.operandRejected
    task.context = runtime.contexts?.used ? (runtime.context ?? runtime.contexts.capture()) : null
    task.site = runtime.site
    task.stack = runtime.recorder?.log ? runtime.callChain() : null
    this.suspended.push(task)
  }

  /** Blocks `task` until its operand is settled; a child that it started in this same step goes on as part of it. */
  private register(task: Task): void {
    for (;;) {
      if (task.lock !== null) {
        task.state = TaskState.Blocked
        return
      }
      const { operand } = task
      const cell = !task.operandRejected && isPromise(operand) ? this.cellOf(operand as Promise<unknown>) : null
      if (cell === null) {
        task.state = TaskState.Ready
        task.input = operand
        task.inputIsError = task.operandRejected
        return
      }
      cell.handled = true
      if (cell.state !== CellState.Pending) return this.wake(task, cell)
      const child = cell.producer
      if (child === null || child.born !== this.step || child.numbered || child.adopted || child === task) {
        task.state = TaskState.Blocked
        task.cell = cell
        if (cell.waiters === null) cell.waiters = [task]
        else cell.waiters.push(task)
        return
      }
      child.adopted = true
      let base = child.frame as Frame
      while (base.parent !== null) base = base.parent
      base.parent = task.frame
      base.awaited = task.frame !== null
      base.outside = task.context
      task.context = child.context
      task.frame = child.frame
      task.operand = child.operand
      task.operandRejected = child.operandRejected
      task.lock = child.lock
      task.site = child.site
      task.stack = child.stack
      task.start = null
    }
  }

  // --- steps ---------------------------------------------------------------------------------------------------

  enabled(task: Task): boolean {
    if (task.marker !== null) return false
    if (task.gate !== null) return true
    if (task.lock !== null) return task.lock.holder === null
    if (task.state !== TaskState.Ready) return false
    if (task.frame === null && task.start !== null) {
      if (task.timer !== null) return this.clock.eager(task.timer)
      if (task.kind === 'microtask' && task.parent?.jobs?.length) return task.parent.jobs[0] === task
    }
    return true
  }

  /** Runs one step of `task`. The step stays open (for what foreign code still does) until `endStep`. */
  run(task: Task): void {
    const { runtime, recorder } = this
    recorder.beginStep(this.step >= 0)
    this.stepped = task
    const spare = this.stepCauses
    this.stepCauses = task.causes
    cut(spare)
    task.causes = spare
    runtime.task = task
    runtime.nested = 0
    runtime.turnsLeft = runtime.turnLimit
    const { timer } = task
    try {
      if (timer?.pending) {
        this.clock.fire(timer)
        this.clock.order(timer.family, this.step)
      } else if (task.kind === 'microtask' && task.start !== null) this.startJob(task)
      if (task.gate !== null) this.openGate(task)
      else if (runtime.contexts?.used) this.resumeInContext(task, runtime.contexts)
      else this.resume(task)
    } finally {
      runtime.task = null
      runtime.current = null
    }
    // Before the event loop runs: a foreign promise that rejects at once has somebody who looks.
    this.registerSuspended()
  }

  /** Steps that happen before the one that runs. Valid until the next one does: the array is used again. */
  stepCauses: number[] = []

  private resumeInContext(task: Task, contexts: Contexts): void {
    contexts.run(task.context, () => this.foreign.within(() => this.resume(task)))
  }

  private startJob(task: Task): void {
    const jobs = task.parent?.jobs
    if (!jobs || jobs[0] !== task) return
    jobs.shift()
    const next = jobs[0]
    if (next !== undefined && this.step >= 0) next.causes.push(this.step)
  }

  private resume(task: Task): void {
    const { runtime } = this
    let { frame }: { frame: Frame | null } = task
    let { input, inputIsError } = task
    task.input = undefined
    task.inputIsError = false
    if (frame === null) {
      if (task.start === null) {
        if (task.lock !== null) this.take(task)
        return this.finish(task, input, inputIsError)
      }
      const { start } = task
      task.start = null
      try {
        frame = start()
      } catch (error) {
        return this.finish(task, error, true)
      }
      input = undefined
      inputIsError = false
    }
    runtime.current = frame
    if (task.lock !== null) this.take(task)
    else if (task.point !== null) {
      const { point } = task
      task.point = null
      try {
        input = point.perform()
      } catch (error) {
        input = error
        inputIsError = true
      }
      if (point.awaited && !inputIsError) {
        task.frame = frame
        runtime.wait(input, point.site)
        return this.suspend(task)
      }
    }
    this.settleOutcome(task, runtime.drive(frame, input, inputIsError))
  }

  settleOutcome(task: Task, outcome: Outcome): void {
    const { runtime } = this
    if (outcome === Outcome.Done) return this.finish(task, runtime.result, runtime.resultIsError)
    if (outcome === Outcome.Abandoned) return this.fail(task, 'livelock', `${runtime.describeLoop()} goes on for ever`)
    task.frame = runtime.current
    switch (runtime.command) {
      case Command.Point:
        task.point = runtime.point
        task.site = runtime.site
        task.state = TaskState.Ready
        return
      case Command.Block:
        task.lock = runtime.lock
        task.site = runtime.site
        task.state = TaskState.Blocked
        return
      case Command.Marker:
        task.marker = { name: runtime.marked, site: runtime.site, arrival: this.arrivals++ }
        task.site = runtime.site
        task.state = TaskState.Ready
        return
      default:
        this.suspend(task)
    }
  }

  private take(task: Task): void {
    const lock = task.lock as NonNullable<Task['lock']>
    task.lock = null
    task.state = TaskState.Ready
    lock.holder = task
    lock.changes.push(this.step)
    this.recorder.touch(lock.record.location(HELD), ACQUIRE, task.site)
  }

  private openGate(task: Task): void {
    const open = task.gate as () => void
    task.gate = null
    this.recorder.touch(this.opaque.location('state'), WRITE, 0)
    this.foreign.needsDrain = true
    open()
  }

  /** A task's function has returned or thrown. */
  private finish(task: Task, value: unknown, isError: boolean): void {
    task.frame = null
    if (task.kind === 'root' || task.kind === 'timer' || task.kind === 'microtask') {
      if (isError) this.fail(task, 'error', undefined, value)
      else if (task.kind === 'root' && isPromise(value)) {
        this.runtime.wait(value, task.site)
        return this.suspend(task)
      }
    }
    if (task.completion !== null) this.resolve(task.completion, value, isError)
    if (task.timer !== null && this.clock.again(task.timer)) {
      task.start = () => this.begin((task.timer as Timer).callback, (task.timer as Timer).args)
      return
    }
    task.state = TaskState.Done
    task.result = value
    task.failed = isError
  }

  fail(task: Task | null, kind: Failure['kind'], message?: string, error?: unknown): void {
    this.failure ??= { kind, message: message ?? describeError(error), error, task, step: this.step }
  }

  /** Blocks what the step suspended. Parents come before the children that they wait for. */
  registerSuspended(): void {
    const { suspended } = this
    for (let index = suspended.length - 1; index >= 0; index--) {
      const task = suspended[index] as Task
      if (!task.adopted) this.register(task)
    }
    cut(suspended)
  }

  /** Closes the step: numbers new tasks, forgets those that have ended. */
  endStep(): void {
    const { born } = this
    this.registerSuspended()
    for (const task of born) if (!task.adopted) this.number(task)
    cut(born)
    let kept = 0
    const { live } = this
    for (const task of live) if (isLive(task)) live[kept++] = task
    cut(live, kept)
  }

  /** A rejection that nobody looked at, once everything has ended. */
  unhandledRejection(): Cell | undefined {
    return this.rejected.find(cell => !cell.handled && !cell.escaped)
  }

  /** A native continuation that waits for `operand` and for its turn. */
  gate(operand: unknown, site: number): Promise<unknown> {
    const { runtime } = this
    const cell = new Cell()
    const task = this.newTask('async', runtime.task)
    task.completion = cell
    runtime.wait(operand, site)
    this.suspend(task)
    this.foreign.seen = true
    return cell.escape()
  }

  /** Code that is not instrumented offers to be suspended: its stretch up to here may have touched anything. */
  point(): Promise<void> {
    let task = (this.runtime.task ?? this.foreign.task ?? this.stepped) as Task
    this.recorder.touch(this.opaque.location('state'), WRITE, 0)
    this.seen.add(task.identity.root ?? task.identity)
    if (task.gate !== null) task = this.newTask('microtask', task)
    const cell = new Cell()
    cell.handled = true
    task.gate = () => this.resolve(cell, undefined, false)
    return cell.escape() as Promise<void>
  }

  /** A task that ends once it has taken the lock. */
  lockTask(lock: LockState): Cell {
    const task = this.newTask('lock', this.runtime.task)
    task.completion = new Cell()
    task.lock = lock
    task.state = TaskState.Blocked
    return task.completion
  }

  // --- what the runtime asks -----------------------------------------------------------------------------------

  owns(): boolean {
    return this.foreign.owns()
  }
  beginForeign(): void {
    this.foreign.begin()
  }
  endForeign(): void {
    this.foreign.end()
  }
  foreignCall(target: Function, self: unknown, args: readonly unknown[], site: number): void {
    this.foreign.called(args, site)
    this.foreign.touched(target, self, site)
  }
  foreignResult(value: object, site: number): void {
    this.foreign.returned(value, site)
  }

  /** An endless loop under a native call: it can't be left lying suspended, only thrown out of. */
  abandon(): Error {
    const message = `${this.runtime.describeLoop()} goes on for ever`
    this.fail(this.runtime.task, 'livelock', message)
    return new Error(`frontrun: ${message}`)
  }

  made<T extends object>(value: T): T {
    stamp(value, this.newRecord())
    // Its buffer may have been made with it: whoever came by it first would give it a name that depends on the schedule.
    if ((isTypedArray(value) || isDataView(value)) && !this.recorder.knows(value.buffer))
      stamp(value.buffer, this.newRecord())
    return value
  }
}

function describeError(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`
  return `threw ${typeof error === 'string' ? JSON.stringify(error) : String(error)}`
}
