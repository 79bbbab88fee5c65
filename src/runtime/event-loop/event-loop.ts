/**
 * `fidelity: 'engine'`: promises, async functions and queues are the engine's own, so that everything between two
 * macrotasks happens in the order in which it really happens. A step is a whole macrotask: the start of one or several
 * root tasks, a timer, the completion of an operation, and all the jobs that follow. Each async call is driven by a
 * native async function, which awaits what the coroutine awaits: its ticks are the engine's.
 */
import { Cell } from '../cell.js'
import type { Execution } from '../execution.js'
import type { Frame } from '../frame.js'
import type { Guard } from '../guard.js'
import { apply, isPromise, NativePromise, nativeThen } from '../natives.js'
import { Command, Outcome } from '../runtime.js'
import { type Task, type TaskKind, TaskState } from '../task.js'
import { drainQueues } from './macrotask.js'
import { isPending, PromiseWatch } from './promise-watch.js'
import { Waiting } from './waiting.js'

/** What a task did in one go, for the story. */
export interface Segment {
  readonly task: Task
  /** The step (macrotask) that it is part of. */
  readonly step: number
}

/** A promise that nothing settles: for what may not go on. */
const never = (): Promise<never> => new NativePromise<never>(() => {})

export class EventLoop {
  /** The queues are being run: what goes on now does so in the engine's order. */
  draining = false
  readonly watch: PromiseWatch
  /** Only kept when the story is wanted. */
  readonly segments: Segment[] = []
  private readonly waiting: Waiting
  /** Tasks whose operation is complete: what lets them go on. */
  private readonly complete = new Map<Task, () => void>()
  /** Says whether the execution may go on, and counts its steps. */
  mayGoOn: () => boolean = () => true

  constructor(private readonly execution: Execution) {
    this.watch = new PromiseWatch(execution, this)
    this.waiting = new Waiting(execution)
  }

  /** Tasks that went on in the present step: what it did, each of their loops may have done. */
  private readonly went = new Set<Task>()

  /** The step is over. */
  stepped(footprint: readonly number[]): void {
    const { polling, stepped } = this.execution
    for (const task of this.went) polling.noteStep(task, footprint, stepped as Task)
    this.went.clear()
    polling.noteChanges(footprint)
  }

  /** The place in the story of what `task` does now. */
  segmentOf(task: Task): number {
    this.enter(task)
    return this.segments.length - 1
  }

  // --- macrotasks ----------------------------------------------------------------------------------------------

  /** Whether a macrotask can begin with `task`. */
  enabled(task: Task): boolean {
    if (this.complete.has(task)) return true
    if (this.execution.isHeld(task)) return false
    if (task.operation !== null) return task.state === TaskState.Ready
    if (task.start === null) return false
    if (task.guard !== null) return task.guard.enabled()
    if (task.state !== TaskState.Ready) return false
    const { timer } = task
    return timer === null || (this.execution.clock.eager(timer) && (timer.guard?.enabled() ?? true))
  }

  /** One step: these tasks begin, one right after the other, and all that is queued runs. */
  run(tasks: readonly Task[], note?: () => void): void {
    const { execution } = this
    const { runtime, recorder, clock, step } = execution
    recorder.beginStep(step)
    execution.stepCauses = []
    note?.()
    this.draining = true
    try {
      for (const task of tasks) {
        execution.stepped = task
        if (task.turns !== null) execution.polling.resumed(task)
        execution.stepCauses.push(...task.causes)
        task.causes = []
        runtime.nested = 0
        if (task.timer?.pending) {
          clock.fire(task.timer)
          if (task.timer.guard !== null) recorder.guard = task.timer.guard
          clock.order(task.timer.family, step)
        }
        if (task.guard !== null) this.pass(task, task.guard)
        this.begin(task)
      }
      execution.stepped = tasks[0] as Task
      drainQueues(error => execution.fail(null, 'error', undefined, error))
    } finally {
      this.draining = false
      runtime.task = null
      runtime.current = null
    }
  }

  /** What the task, such as the delivery of a message, had to wait for is so. */
  private pass(task: Task, guard: Guard): void {
    const { execution } = this
    task.guard = null
    task.state = TaskState.Ready
    if (guard.causes !== undefined) execution.stepCauses.push(...guard.causes)
    if (guard.location >= 0) execution.recorder.guard = guard
    guard.perform(task, execution)
  }

  private begin(task: Task): void {
    const { execution } = this
    const goOn = this.complete.get(task)
    if (goOn !== undefined) {
      this.complete.delete(task)
      return goOn()
    }
    if (task.operation !== null) {
      execution.runtime.task = task
      this.enter(task)
      return task.operation.step()
    }
    const start = task.start as () => Frame
    task.start = null
    let value: unknown
    try {
      value = this.perform(task, start)
    } catch (error) {
      return this.end(task, error, true)
    }
    if (task.kind !== 'root' || !isPromise(value)) return this.end(task, value, false)
    this.adopt(task, value as object)
    const ended = (failed: boolean) => (result: unknown) => this.end(task, result, failed)
    apply(nativeThen, value, [ended(false), ended(true)])
  }

  /** A root that returns the promise of its own call, as `s => work(s)` does, is that call. */
  private adopt(task: Task, promise: object): void {
    const call = this.watch.infoOf(promise)?.call
    if (!(call instanceof Call) || call.task.parent !== task || call.task.kind !== 'async') return
    const child = call.task
    moveWait(child, task)
    child.state = TaskState.Done
    call.detached = false
    call.awaited = true
    call.task = task
  }

  private end(task: Task, value: unknown, failed: boolean): void {
    const { execution } = this
    if (execution.runtime.execution !== execution) return
    if (failed) execution.fail(task, 'error', undefined, value)
    execution.ended(task, value, failed)
  }

  // --- async functions -----------------------------------------------------------------------------------------

  /** Calls an async function: it runs up to its first await. `awaited`: by its caller, so that it is part of the same task. */
  call(frame: Frame, awaited: boolean): Promise<unknown> {
    const { runtime } = this.execution
    if (runtime.recorder?.log) frame.callers = runtime.callChain()
    const task = runtime.task as Task
    const { calling } = this
    const call = new Call(task, awaited && calling?.task === task ? calling : null, awaited)
    const promise = this.fiber(frame, call)
    const info = this.watch.infoOf(promise)
    if (info !== undefined) info.call = call
    return promise
  }

  private async fiber(frame: Frame, call: Call): Promise<unknown> {
    let sent: unknown
    let failed = false
    for (;;) {
      if (this.advance(frame, call, sent, failed)) {
        if (call.detached) call.task.state = TaskState.Done
        return this.takeResult()
      }
      const { operand, command } = this.execution.runtime
      if (command !== Command.Wait) throw this.unsuspendable()
      this.suspend(call, operand)
      try {
        sent = await this.watch.hide(operand)
        failed = false
      } catch (error) {
        sent = error
        failed = true
      }
      if (!this.draining) await this.completion(call.task)
      if (!this.mayGoOn()) await never()
      call.task.operand = undefined
      this.enter(call.task)
    }
  }

  /** Notes what a task waits for. A call that its caller does not await is a task of its own from here on. */
  private suspend(call: Call, operand: unknown): void {
    const { runtime } = this.execution
    const before = call.task
    if (!call.awaited && !call.detached) {
      call.task = this.spawn('async', before)
      call.detached = true
    }
    const { task } = call
    const inner = isPromise(operand) ? this.watch.infoOf(operand as object)?.call : null
    if (inner instanceof Call && inner.caller === call) {
      // The call that is awaited says what it waits for.
      if (task !== before) moveWait(before, task)
      return
    }
    task.operand = operand
    task.site = runtime.site
    if (runtime.recorder?.log) task.stack = runtime.callChain()
  }

  /** The async call that is running. */
  private calling: Call | null = null

  private result: unknown = undefined
  private resultIsError = false

  private takeResult(): unknown {
    const { result, resultIsError } = this
    this.result = undefined
    if (resultIsError) throw result
    return result
  }

  /** Runs a coroutine on; true: to its end (see `result`), false: to where the runtime's command says. */
  private advance(frame: Frame, by: Task | Call, sent: unknown, failed: boolean): boolean {
    const { runtime } = this.execution
    const { calling } = this
    this.watch.hidden = null
    const task = by instanceof Call ? by.task : by
    this.calling = by instanceof Call ? by : null
    const { task: outer, current, nested, foreignSite } = runtime
    runtime.task = task
    runtime.foreignSite = 0
    if (outer === null) {
      runtime.nested = 0
      runtime.turnsLeft = runtime.turnLimit
    }
    try {
      const outcome = runtime.drive(frame, sent, failed)
      if (outcome === Outcome.Abandoned) throw this.execution.abandon()
      this.result = runtime.result
      this.resultIsError = runtime.resultIsError
      return outcome === Outcome.Done
    } finally {
      this.calling = calling
      runtime.task = outer
      runtime.current = current
      runtime.nested = nested
      runtime.foreignSite = foreignSite
      this.waiting.serve()
    }
  }

  // --- callbacks -----------------------------------------------------------------------------------------------

  /** A task of its own, started by the task that runs. */
  spawn(kind: TaskKind, parent: Task | null = this.execution.runtime.task): Task {
    const task = this.execution.newTask(kind, parent)
    task.state = TaskState.Blocked
    return task
  }

  /** Runs a callback as `task`; returns what it returns. */
  callBack(task: Task, callback: Function, args: unknown[]): unknown {
    const { execution } = this
    if (execution.runtime.execution !== execution || !this.mayGoOn()) return never()
    this.enter(task)
    try {
      return this.perform(task, () => execution.begin(callback, args))
    } finally {
      task.state = TaskState.Done
    }
  }

  /** The same, for a callback whose throw nobody catches. */
  job(task: Task, callback: Function, args: unknown[]): void {
    try {
      this.callBack(task, callback, args)
    } catch (error) {
      this.execution.fail(task, 'error', undefined, error)
    }
  }

  /** Calls a function as part of what runs. */
  callSync(callee: Function, args: unknown[]): unknown {
    const { runtime } = this.execution
    const task = (runtime.task ?? this.execution.stepped) as Task
    return this.perform(task, () => this.execution.begin(callee, args))
  }

  private perform(task: Task, start: () => Frame): unknown {
    const { runtime } = this.execution
    const { task: outer } = runtime
    // A job is a stretch of its own, with as many turns of loops as any.
    if (outer === null) runtime.turnsLeft = runtime.turnLimit
    runtime.task = task
    if (outer === null) runtime.turnsLeft = runtime.turnLimit
    try {
      this.enter(task)
      const frame = start()
      if (frame.isAsync) return this.call(frame, true)
      if (this.advance(frame, task, undefined, false)) return this.takeResult()
      throw this.unsuspendable()
    } finally {
      runtime.task = outer
    }
  }

  /** Code that can't be suspended in an event loop waits: for a marker, or for a lock as a thread would. */
  private unsuspendable(): Error {
    return new Error(
      "frontrun: with fidelity: 'engine' a task can wait at awaits only, as on an event loop: not for a blocking operation, nor at a marker",
    )
  }

  private enter(task: Task): void {
    const { segments, execution } = this
    if (execution.polling.on) this.went.add(task)
    if (execution.recorder.log === null || execution.step < 0) return
    const last = segments[segments.length - 1]
    if (last?.task !== task || last.step !== execution.step) segments.push({ task, step: execution.step })
  }

  /** Node has found, after the microtasks, that nobody handles a rejection. */
  unhandled(reason: unknown): void {
    this.execution.failUnhandled(reason)
  }

  // --- the outside world ---------------------------------------------------------------------------------------

  /** What `task` waited for has come from outside: it goes on when it is chosen to. */
  private completion(task: Task): Promise<void> {
    const { execution } = this
    if (execution.runtime.execution !== execution) return never()
    return new NativePromise(resolve => this.complete.set(task, resolve))
  }

  /** A promise of foreign code, for those who wait for it by a callback. */
  async relay(promise: unknown): Promise<unknown> {
    const task = this.spawn('async')
    try {
      return await promise
    } finally {
      if (!this.draining) await this.completion(task)
      task.state = TaskState.Done
    }
  }

  /** What native code that is part of the exploration awaits. */
  gate(operand: unknown): unknown {
    return isPromise(operand) && this.isForeign(operand as object) ? this.relay(operand) : operand
  }

  /** A promise that the platform settles when it likes, as that of `import(…)`. */
  fromOutside(promise: object): void {
    const info = this.watch.infoOf(promise)
    if (info !== undefined) info.foreign = true
  }

  /** Whether nobody knows what will settle `promise`. */
  isForeign(promise: object): boolean {
    const info = this.watch.infoOf(promise)
    return (info === undefined || info.foreign) && isPending(promise)
  }

  /** An operation that waits for a condition: done at once where it holds, and in the order of asking otherwise. */
  wait(guard: Guard, site: number): Promise<unknown> {
    return this.waiting.wait(guard, site)
  }

  /** Nobody waits for it any more. */
  callOff(guard: Guard): void {
    this.waiting.callOff(guard)
  }

  /** A condition may hold now. */
  serve(): void {
    this.waiting.serve()
  }

  /** Says of tasks that never go on what they wait for. */
  explain(tasks: readonly Task[]): void {
    for (const task of tasks) this.explainOne(task)
  }

  private explainOne(task: Task): void {
    const { operand } = task
    task.guard = this.waiting.guardOf(task)
    const info = isPromise(operand) ? this.watch.infoOf(operand as object) : undefined
    if (info === undefined) return
    task.cell = new Cell()
    task.cell.site = info.site
    task.cell.producer = info.call?.task ?? null
  }
}

/** One call of an async function. */
class Call {
  /** It was suspended while its caller went on: its task is its own. */
  detached = false
  constructor(
    private own: Task,
    /** The call that awaits it at once: they are parts of one task. */
    readonly caller: Call | null,
    public awaited: boolean,
  ) {}

  get task(): Task {
    return this.caller === null ? this.own : this.caller.task
  }
  set task(task: Task) {
    this.own = task
  }
}

function moveWait(from: Task, to: Task): void {
  to.operand = from.operand
  to.site = from.site
  to.stack = from.stack
  from.operand = undefined
}
