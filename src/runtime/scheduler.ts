/** What the executions of one program have in common: their numbering, the recorder, and what was learned. */
import type { Strategy } from '../engine/index.js'
import { Clock } from './clock.js'
import { EventLoop } from './event-loop/event-loop.js'
import { Starts } from './event-loop/starts.js'
import { Execution } from './execution.js'
import { LocationTable, ObjectRecord } from './identity.js'
import type { RuntimeHooks } from './iteration.js'
import { Resources } from './outside/resource.js'
import type { ExecutionResult, Limits, Program, RunOptions } from './program.js'
import { Recorder } from './recorder.js'
import { Run } from './run.js'
import { type Task, type TaskIdentity, TaskRegistry } from './task.js'

export class Scheduler {
  readonly locations = new LocationTable()
  readonly registry = new TaskRegistry(this.locations)
  readonly recorder: Recorder
  private readonly setupIdentity: TaskIdentity
  private readonly invariantIdentity: TaskIdentity
  private readonly rootIdentities: TaskIdentity[]
  private readonly clockRecord: ObjectRecord
  private readonly opaque: ObjectRecord
  /** Things of the outside world. */
  readonly resources = new Resources(this.locations)
  /** Thread starts are steps of their own: something shared was touched before the first scheduling point. */
  explicitStart = false
  /** A thread's step touched more than one declared thing. */
  sawMacro = false
  /** That is known, and the search chosen for it. */
  knowsMacro = false
  startTouched = false
  /** Filled anew before each choice: the tasks that can run, and their numbers. */
  readonly enabled: Task[] = []
  readonly numbers: number[] = []

  /** With `fidelity: 'engine'`: which roots can begin in one macrotask. */
  readonly starts: Starts

  constructor(
    readonly runtime: RuntimeHooks,
    readonly program: Program,
    readonly limits: Limits,
    knownStarts: Starts | null = null,
  ) {
    this.starts = new Starts(this.registry, this.locations, knownStarts)
    this.rootIdentities = program.tasks.map((_, index) => this.registry.add(String(index)))
    this.setupIdentity = this.registry.add('setup')
    this.invariantIdentity = this.registry.add('invariant')
    this.clockRecord = new ObjectRecord('clock', this.locations)
    this.opaque = new ObjectRecord('code that is not instrumented', this.locations)
    this.recorder = new Recorder(
      this.locations,
      (_, site) => {
        const execution = this.runtime.execution as Execution
        if (execution.step >= 0) this.adopted = true
        return execution.foreignRecord(site)
      },
      (location, kind, site, value) => {
        const execution = this.runtime.execution as Execution
        const task = (this.runtime.task ?? execution.stepped) as Task
        // An operation's own step has no frames: it was called before.
        const stack =
          task.kind === 'io' && this.runtime.current === null ? (task.stack ?? []) : this.runtime.callChain()
        const { eventLoop } = this.runtime
        const step = eventLoop === null || execution.step < 0 ? execution.step : eventLoop.segmentOf(task)
        return { step, task, location, kind, site, value, stack }
      },
    )
    this.recorder.accessors = runtime.hasAccessors
    this.recorder.addIteratorRead = (iterator, site) => runtime.noteIterator?.(this.recorder, iterator, site)
    this.recorder.keepsBytes = this.points
  }

  /** A task came by an object that nobody saw being made, and was the one to name it. */
  adopted = false
  /** After setup every object of the state gets its name, so that it does not depend on who comes by it first. */
  walksState = false

  get adoptionIsNews(): boolean {
    return this.adopted && !this.walksState
  }

  /** Accesses are scheduling points. */
  get points(): boolean {
    return this.program.unit === 'thread'
  }

  get macroIsNews(): boolean {
    return this.sawMacro && !this.knowsMacro
  }

  /** Runs one execution. */
  execute(strategy: Strategy, options: RunOptions = {}): ExecutionResult | Promise<ExecutionResult> {
    const run = new Run(this, strategy, options)
    if (this.limits.fidelity === 'engine') return run.proceedOnEventLoop()
    const progress = run.proceed()
    return progress === 'over' ? run.result : run.proceedAsync(progress)
  }

  start(): { execution: Execution; clock: Clock; setup: Task } {
    const { runtime, program } = this
    const clock = new Clock(this.limits.clock, this.clockRecord, this.recorder)
    const execution = new Execution(runtime, this.recorder, this.registry, clock, this.opaque, this.resources)
    runtime.execution = execution
    runtime.recorder = this.recorder
    this.recorder.execution++
    this.recorder.bytes.clear()
    runtime.eventLoop = this.limits.fidelity === 'engine' ? new EventLoop(execution) : null
    this.starts.newExecution()
    const setup = execution.root(this.setupIdentity, program.setup, [])
    return { execution, clock, setup }
  }

  startTasks(execution: Execution, state: unknown): Task[] {
    const { program } = this
    return program.tasks.map((run, index) =>
      execution.root(this.rootIdentities[index] as TaskIdentity, run, [...(program.args?.[index] ?? [state])]),
    )
  }

  startInvariant(execution: Execution, state: unknown): Task {
    return execution.root(this.invariantIdentity, this.program.invariant as Function, [state])
  }
}
