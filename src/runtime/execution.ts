/** One run of setup, tasks and invariant: one step after the other. */
import { Cell } from './cell.js'
import type { Timer } from './clock.js'
import type { Contexts } from './contexts.js'
import { Foreign } from './foreign.js'
import type { Frame } from './frame.js'
import type { Guard } from './guard.js'
import { isPromise, NativePromise } from './natives.js'
import { Outside } from './outside/outside.js'
import { WRITE } from './recorder.js'
import { cut } from './reuse.js'
import { Command, Outcome } from './runtime.js'
import { Settling } from './settling.js'
import { isLive, type Task, TaskState } from './task.js'
import type { Failure } from './task-ledger.js'

export class Execution extends Settling {
  readonly foreign: Foreign = new Foreign(this)
  readonly outside: Outside = new Outside(this)

  enabled(task: Task): boolean {
    if (task.marker !== null) return false
    if (this.isHeld(task)) return false
    if (task.gate !== null) return true
    if (task.guard !== null) return task.guard.enabled()
    if (task.state !== TaskState.Ready) return false
    if (task.frame === null && task.start !== null) {
      if (task.timer !== null) return this.clock.eager(task.timer) && (task.timer.guard?.enabled() ?? true)
      if (task.kind === 'microtask' && task.parent?.jobs?.length) return task.parent.jobs[0] === task
    }
    return true
  }

  /** In a loop that would do again what it just did. */
  isHeld(task: Task): boolean {
    return task.turns !== null && this.polling.holds(task) && !this.isOverdue(task)
  }

  /** A timer of a loop that is held comes before a later one of its root task nevertheless. */
  private isOverdue({ timer }: Task): boolean {
    return timer?.pending === true && this.clock.isAwaited(timer, other => !this.polling.holds(other.task))
  }

  /** Runs one step of `task`. The step stays open (for what foreign code still does) until `endStep`. */
  run(task: Task): void {
    const { runtime, recorder } = this
    recorder.beginStep(this.step)
    this.stepped = task
    if (task.turns !== null) this.polling.resumed(task)
    const spare = this.stepCauses
    this.stepCauses = task.causes
    cut(spare)
    task.causes = spare
    recorder.races?.beginStep(task.identity, this.step, this.stepCauses, task.operation !== null)
    runtime.task = task
    runtime.nested = 0
    runtime.turnsLeft = runtime.turnLimit
    const { timer } = task
    try {
      if (timer?.pending) {
        this.clock.fire(timer)
        if (timer.guard !== null) recorder.guard = timer.guard
        this.clock.order(timer.family, this.step)
      } else if (task.kind === 'microtask' && task.start !== null) this.startJob(task)
      if (task.gate !== null) this.openGate(task)
      else if (task.operation !== null) task.operation.step()
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
        if (task.guard === null) return this.finish(task, input, inputIsError)
        const isError = this.perform(task, task.guard)
        return this.finish(task, this.performed, isError)
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
    if (task.guard !== null) {
      inputIsError = this.perform(task, task.guard)
      input = this.performed
    } else if (task.point !== null) {
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
      const ahead = runtime.hasAccessors && !inputIsError ? (point.ahead?.() ?? null) : null
      if (ahead !== null) {
        ahead.parent = frame
        ahead.depth = frame.depth + 1
        ahead.site = point.site
        return this.settleOutcome(task, runtime.drive(ahead, undefined, false))
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
        task.guard = runtime.guard
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

  /** What a guarded operation came to. */
  private performed: unknown = undefined

  /** Does what the task waited to do; true if that threw. */
  private perform(task: Task, guard: Guard): boolean {
    task.guard = null
    task.state = TaskState.Ready
    if (guard.location >= 0) this.recorder.guard = guard
    if (guard.causes !== undefined) this.stepCauses.push(...guard.causes)
    try {
      this.performed = guard.perform(task, this)
      return false
    } catch (error) {
      this.performed = error
      return true
    }
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
    if (
      task.kind === 'root' ||
      task.kind === 'timer' ||
      task.kind === 'microtask' ||
      task.kind === 'io' ||
      task.kind === 'message'
    ) {
      if (isError) this.fail(task, 'error', undefined, value)
      else if (task.kind === 'root' && isPromise(value)) {
        this.runtime.wait(value, task.site)
        return this.suspend(task)
      }
    }
    this.ended(task, value, isError)
  }

  /** A task has come to its end, for good or until an interval's next turn. */
  ended(task: Task, value: unknown, isError: boolean): void {
    if (task.completion !== null) this.resolve(task.completion, value, isError)
    if (task.timer !== null && this.clock.again(task.timer)) {
      task.start = () => this.begin((task.timer as Timer).callback, (task.timer as Timer).args)
      return
    }
    task.state = TaskState.Done
    task.result = value
    task.failed = isError
  }

  failUnhandled(reason: unknown): void {
    this.fail(null, 'error', `unhandled rejection: ${describeError(reason)}`, reason)
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
    if (this.polling.on) this.noteTurns(this.recorder.footprint)
    for (const task of born) if (!task.adopted) this.number(task)
    cut(born)
    let kept = 0
    const { live } = this
    for (const task of live) if (isLive(task)) live[kept++] = task
    cut(live, kept)
  }

  private noteTurns(footprint: readonly number[]): void {
    const { eventLoop } = this.runtime
    if (eventLoop !== null) return eventLoop.stepped(footprint)
    this.polling.noteStep(this.stepped as Task, footprint)
    this.polling.noteChanges(footprint)
  }

  /** A rejection that nobody looked at, once everything has ended. */
  unhandledRejection(): Cell | undefined {
    return this.rejected.find(cell => !cell.handled && !cell.escaped)
  }

  /** A native continuation that waits for `operand` and for its turn. */
  gate(operand: unknown, site: number): unknown {
    const { runtime } = this
    if (runtime.eventLoop !== null) return runtime.eventLoop.gate(operand)
    const cell = new Cell()
    this.polling.changed(runtime.task)
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
    this.polling.changed(task)
    this.seen.add(task.identity.root ?? task.identity)
    if (this.runtime.eventLoop !== null) return NativePromise.resolve()
    if (task.gate !== null) task = this.newTask('microtask', task)
    const cell = new Cell()
    cell.handled = true
    task.gate = () => this.resolve(cell, undefined, false)
    return cell.escape() as Promise<void>
  }

  /** A task that ends once it has done what the guard waits to do. */
  operation(guard: Guard, site: number): Cell {
    const task = this.newTask('operation', this.runtime.task)
    task.completion = new Cell()
    task.completion.producer = task
    task.completion.site = site
    task.guard = guard
    task.site = site
    task.state = TaskState.Blocked
    return task.completion
  }

  /** Operations that were about to run when they were called off. */
  readonly calledOff: { task: Task; guard: Guard; step: number }[] = []

  /** The operation of such a task won't be done. */
  callOff(task: Task): void {
    if (task.guard === null) return
    this.calledOff.push({ task, guard: task.guard, step: this.step })
    task.guard = null
    task.state = TaskState.Done
  }

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
    this.polling.changed(this.runtime.task)
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
}

function describeError(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`
  return `threw ${typeof error === 'string' ? JSON.stringify(error) : String(error)}`
}
