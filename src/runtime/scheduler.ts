/** Runs executions: setup, then the tasks as a strategy chooses, then the invariant. */
import type { PendingOperation, Strategy, Upcoming } from '../engine/index.js'
import { Clock, type ClockMode, mustFire, type Timer } from './clock.js'
import { Execution, type Failure } from './execution.js'
import { HELD, LocationTable, ObjectRecord, walk } from './identity.js'
import type { RuntimeHooks } from './iteration.js'
import type { MarkerGate } from './marker-gate.js'
import { isObject, monotonicNow } from './natives.js'
import { ACQUIRE, type LoggedAccess, Recorder, UPDATE, WRITE } from './recorder.js'
import { cut } from './reuse.js'
import { isLive, type Task, type TaskIdentity, TaskRegistry, TaskState } from './task.js'

export interface Program {
  setup: Function
  tasks: Function[]
  invariant: Function | null
  /** What each task is called with. Default: the state. */
  args?: readonly (readonly unknown[])[]
  unit: 'task' | 'thread'
}

export interface Limits {
  maxSteps: number
  timeoutPerRun: number
  deadlockTimeout: number
  clock: ClockMode
}

export interface BlockedTaskState {
  task: Task
}

/** How an execution is run, besides the strategy. */
export interface RunOptions {
  /** Keep the story. */
  log?: boolean
  /** Keep every step's footprint, to compare. */
  compare?: boolean
  /** Leave the invariant out. */
  withoutInvariant?: boolean
  /** Trace markers decide who runs; the strategy is only told. */
  markers?: MarkerGate
}

export interface ExecutionResult {
  /** Identity of the task of each step. */
  schedule: TaskIdentity[]
  /** Ended as the program does, rather than being cut. */
  complete: boolean
  /** The strategy stopped it: its trace is covered. */
  redundant: boolean
  failure: Failure | null
  /** The root tasks. */
  roots: readonly Task[]
  /** Tasks that can never go on. */
  blocked: Task[]
  /** Cut by the step limit under a schedule that starved somebody. */
  starved: boolean
  /** An interval could have turned once more. */
  intervalCut: boolean
  /** A timer fired while other work was ready. */
  overtook: boolean
  state: unknown
  /** What the invariant returned or threw. */
  verdict: { value?: unknown; error?: unknown; threw: boolean } | null
  log: LoggedAccess[] | null
  causes: number[][]
  /** Every step's accesses in ascending order, if asked for. */
  footprints: number[][] | null
  execution: Execution
}

enum Phase {
  Setup = 0,
  Tasks = 1,
  Invariant = 2,
  Over = 3,
}

type Progress = 'drain' | 'wait' | 'over'

/** After so many steps of one task in a row, the others come first. */
const FAIR_AFTER = 1000
/** And if the execution may not take as many, after this part of its steps. */
const FAIR_PART = 0.25

export class SetupError extends Error {}

export class Scheduler {
  readonly locations = new LocationTable()
  readonly registry = new TaskRegistry(this.locations)
  readonly recorder: Recorder
  private readonly setupIdentity: TaskIdentity
  private readonly invariantIdentity: TaskIdentity
  private readonly rootIdentities: TaskIdentity[]
  private readonly clockRecord: ObjectRecord
  private readonly opaque: ObjectRecord
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

  constructor(
    readonly runtime: RuntimeHooks,
    readonly program: Program,
    readonly limits: Limits,
  ) {
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
        return { step: execution.step, task, location, kind, site, value, stack: this.runtime.callChain() }
      },
    )
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
    const progress = run.proceed()
    return progress === 'over' ? run.result : run.proceedAsync(progress)
  }

  start(): { execution: Execution; clock: Clock; setup: Task } {
    const { runtime, program } = this
    const clock = new Clock(this.limits.clock, this.clockRecord, this.recorder)
    const execution = new Execution(runtime, this.recorder, this.registry, clock, this.opaque)
    runtime.execution = execution
    runtime.recorder = this.recorder
    this.recorder.execution++
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

/** One execution under way. */
class Run implements Upcoming {
  readonly result: ExecutionResult
  private readonly execution: Execution
  private readonly clock: Clock
  private phase = Phase.Setup
  /** The root that setup or the invariant is. */
  private lead: Task
  private roots: Task[] = []
  private open = false
  private inRow = 0
  private last: Task | null = null
  private readonly started = monotonicNow()

  constructor(
    private readonly scheduler: Scheduler,
    private readonly strategy: Strategy,
    private readonly options: RunOptions,
  ) {
    const { execution, clock, setup } = scheduler.start()
    this.execution = execution
    this.clock = clock
    execution.markers = options.markers ?? null
    this.lead = setup
    scheduler.recorder.log = options.log ? [] : null
    this.result = {
      schedule: [],
      complete: false,
      redundant: false,
      failure: null,
      roots: [],
      blocked: [],
      starved: false,
      intervalCut: false,
      overtook: false,
      state: undefined,
      verdict: null,
      log: scheduler.recorder.log,
      causes: [],
      footprints: options.compare ? [] : null,
      execution,
    }
  }

  async proceedAsync(progress: Progress): Promise<ExecutionResult> {
    const { foreign } = this.execution
    const { runtime, limits } = this.scheduler
    let next = progress
    while (next !== 'over') {
      if (next === 'drain') await foreign.drain(Math.min(limits.deadlockTimeout, this.remaining()))
      else if (!(await foreign.wait(Math.min(limits.deadlockTimeout, this.remaining())))) this.foreignStall()
      if (this.remaining() < 0) this.failTimeout()
      runtime.execution = this.execution
      next = this.proceed()
    }
    return this.result
  }

  private remaining(): number {
    return this.scheduler.limits.timeoutPerRun - (monotonicNow() - this.started)
  }

  private stalled = false

  private foreignStall(): void {
    this.stalled = true
    const { deadlockTimeout, timeoutPerRun } = this.scheduler.limits
    const waiting =
      this.execution.live.find(task => task.cell !== null && this.execution.foreign.watches(task.cell)) ?? null
    this.execution.fail(
      waiting,
      'timeout',
      `a promise made by code that is not instrumented was waited for, and nothing happened for ${Math.min(deadlockTimeout, timeoutPerRun)} ms`,
    )
  }

  /** Runs until the event loop is needed or the execution is over. */
  proceed(): Progress {
    const { runtime } = this.scheduler
    runtime.on = true
    try {
      return this.execution.foreign.within(() => this.loop())
    } finally {
      // While the event loop is let run, foreign code may call in; once it is over, nothing is ours any more.
      if (this.phase === Phase.Over) {
        runtime.on = false
        runtime.execution = null
        runtime.points = false
      }
    }
  }

  private loop(): Progress {
    const { execution } = this
    for (;;) {
      if (this.open) {
        if (execution.foreign.needsDrain) return 'drain'
        this.closeStep()
        if (execution.foreign.needsDrain) return 'drain'
      }
      if (this.phase === Phase.Over) return 'over'
      if (this.phase === Phase.Tasks) {
        const progress = this.stepOfTasks()
        if (progress !== null) return progress
      } else {
        const progress = this.stepOfLead()
        if (progress !== null) return progress
      }
    }
  }

  // --- setup and invariant: one task, no choice --------------------------------------------------------------------

  private stepOfLead(): Progress | null {
    const { execution, lead } = this
    if (lead.state === TaskState.Done || execution.failure !== null) {
      this.endLead()
      return null
    }
    const next = execution.live.find(task => execution.enabled(task)) ?? this.clock.earliest(() => true)?.task
    if (next === undefined) {
      if (execution.foreign.pending && !this.stalled) return 'wait'
      const name = this.phase === Phase.Setup ? 'setup' : 'the invariant'
      execution.fail(lead, 'error', `${name} never ends: it waits for something that nothing will bring about`)
      return null
    }
    this.open = true
    execution.run(next)
    this.checkLimits()
    return null
  }

  private endLead(): void {
    const { execution, lead, result } = this
    const { failure } = execution
    if (this.phase === Phase.Invariant) {
      result.verdict =
        failure === null
          ? { value: lead.result, threw: false }
          : { error: failure.error ?? new Error(failure.message), threw: true }
      this.phase = Phase.Over
      return
    }
    if (failure !== null) {
      this.phase = Phase.Over
      const reason = failure.error instanceof Error ? failure.error.message : failure.message
      throw new SetupError(`frontrun: setup failed: ${reason}`, { cause: failure.error })
    }
    result.state = lead.result
    if (isObject(lead.result)) execution.foreign.returned(lead.result, 0, this.scheduler.walksState)
    this.phase = Phase.Tasks
    this.roots = this.scheduler.startTasks(execution, result.state)
    result.roots = this.roots
    if (this.scheduler.program.unit === 'thread') this.startThreads()
  }

  /** Threads run up to their first scheduling point: what is before it is theirs alone. */
  private startThreads(): void {
    const { scheduler, execution } = this
    scheduler.runtime.points = true
    if (scheduler.explicitStart) return
    for (const root of this.roots) {
      execution.run(root)
      if (scheduler.recorder.footprint.length > 0) scheduler.startTouched = true
      execution.endStep()
    }
  }

  // --- tasks -------------------------------------------------------------------------------------------------------

  private stepOfTasks(): Progress | null {
    const { execution, result, scheduler, strategy } = this
    if (execution.failure?.kind === 'livelock' || execution.failure?.kind === 'timeout') return this.endTasks(false)
    const enabled = this.enabledTasks()
    if (enabled.length === 0) {
      if (execution.foreign.pending && !this.stalled && this.roots.some(root => root.state !== TaskState.Done))
        return 'wait'
      return this.endTasks(true)
    }
    const { numbers } = scheduler
    const chosen = strategy.choose(numbers, this)
    if (chosen < 0) {
      result.redundant = true
      return this.endTasks(false)
    }
    const task = enabled[numbers.indexOf(chosen)]
    if (task === undefined) throw new Error(`frontrun: the strategy chose task ${chosen}, which is not enabled`)
    if (task.timer?.pending && enabled.some(other => !other.timer?.pending)) result.overtook = true
    this.inRow = task === this.last ? this.inRow + 1 : 0
    this.last = task
    execution.step++
    result.schedule.push(task.identity)
    this.open = true
    execution.run(task)
    this.checkLimits()
    return null
  }

  /** A thread declares what it is about to do; what a task will do up to its next suspension, nobody knows. */
  footprint(number: number): readonly number[] | undefined {
    const { runtime, recorder } = this.scheduler
    const task = this.enabledTask(number)
    if (task === undefined || !runtime.points) return undefined
    if (task.lock !== null) return [task.lock.record.location(HELD) * 8 + ACQUIRE]
    const { point } = task
    if (point === null || !point.onlyNotes) return undefined
    runtime.task = task
    try {
      return recorder.preview(point)
    } finally {
      runtime.task = null
    }
  }

  site(number: number): number {
    return this.enabledTask(number)?.site ?? 0
  }

  private enabledTask(number: number): Task | undefined {
    const { enabled, numbers } = this.scheduler
    return enabled[numbers.indexOf(number)]
  }

  private get fairAfter(): number {
    return Math.min(FAIR_AFTER, Math.ceil(this.scheduler.limits.maxSteps * FAIR_PART))
  }

  /** Enabled tasks in order of preference: the last one to run, the others, timers. */
  private enabledTasks(): Task[] {
    const { execution, last } = this
    const { enabled, numbers } = this.scheduler
    cut(enabled)
    cut(numbers)
    const goesOn = last !== null && last.timer === null && isLive(last) && execution.enabled(last)
    if (goesOn && this.inRow < this.fairAfter) enabled.push(last)
    let timers = 0
    for (const task of execution.live) {
      if ((goesOn && task === last) || !execution.enabled(task)) continue
      if (task.timer !== null) timers++
      else enabled.push(task)
    }
    if (goesOn && this.inRow >= this.fairAfter) enabled.push(last)
    if (timers > 0)
      for (const task of execution.live) if (task.timer !== null && execution.enabled(task)) enabled.push(task)
    if (execution.markers !== null) this.passMarkers(execution.markers, enabled)
    if (enabled.length === 0) this.addLazyTimer(enabled)
    for (const task of enabled) numbers.push(task.identity.number)
    return enabled
  }

  private passMarkers(markers: MarkerGate, enabled: Task[]): void {
    const next = markers.next(enabled, this.execution)
    cut(enabled)
    if (next !== undefined) enabled.push(next)
  }

  /** Nothing else can run: time may pass until the next timer, which so comes after all that has happened. */
  private addLazyTimer(enabled: Task[]): void {
    const waiting = this.roots.some(root => root.state !== TaskState.Done)
    const usable = (timer: Timer): boolean => waiting || mustFire(timer)
    const timer = this.clock.earliest(usable)
    if (timer === undefined) return
    const { step } = this.execution
    const lastSteps = new Map<TaskIdentity, number>()
    for (let at = this.idleAt; at <= step; at++) lastSteps.set(this.result.schedule[at] as TaskIdentity, at)
    timer.task.causes.push(...lastSteps.values())
    // The next one comes after this one, and so after all of those.
    this.idleAt = step + 1
    enabled.push(timer.task)
  }

  /** The first step after a timer was last chosen because nothing else could run. */
  private idleAt = 0

  private closeStep(): void {
    const { execution, scheduler, strategy, result } = this
    this.open = false
    const { footprint, isMacro, attempt } = scheduler.recorder
    execution.endStep()
    if (this.phase !== Phase.Tasks) return
    if (scheduler.runtime.points && isMacro) scheduler.sawMacro = true
    const task = this.last as Task
    const causes = distinct(execution.stepCauses)
    if (result.log !== null) result.causes.push([...causes])
    result.footprints?.push([...footprint].sort((a, b) => a - b))
    strategy.executed(task.identity.number, footprint, causes, attempt)
  }

  private checkLimits(): void {
    const { execution, scheduler, result } = this
    const { limits } = scheduler
    const count = ++execution.steps
    if (count >= limits.maxSteps) {
      result.starved = this.phase === Phase.Tasks && this.isStarving()
      execution.fail(this.last, 'livelock', `the tasks are still running after maxSteps (${limits.maxSteps}) steps`)
    } else if ((count & 63) === 0 && this.remaining() < 0) {
      this.failTimeout()
    }
  }

  private failTimeout(): void {
    const { timeoutPerRun } = this.scheduler.limits
    this.execution.fail(this.last, 'timeout', `this execution took longer than timeoutPerRun (${timeoutPerRun} ms)`)
  }

  /** Somebody could have run all through the second half of the execution, and never was let. */
  private isStarving(): boolean {
    const { schedule } = this.result
    const ran = new Set(schedule.slice(schedule.length / 2))
    return this.scheduler.enabled.some(
      task => task.state === TaskState.Ready && !ran.has(task.identity) && task.timer === null,
    )
  }

  private endTasks(ended: boolean): null {
    const { execution, result, scheduler, strategy, clock } = this
    const { failure } = execution
    result.complete = ended
    result.intervalCut = clock.cut || clock.endless
    scheduler.runtime.points = false
    strategy.end(this.pendingOperations(), ended)
    result.blocked = ended ? execution.live.filter(task => isStuck(task)) : []
    result.failure = failure
    if (ended && failure === null && result.blocked.length === 0) {
      const unhandled = execution.unhandledRejection()
      if (unhandled !== undefined) {
        execution.fail(null, 'error', undefined, unhandled.value)
        result.failure = {
          ...(execution.failure as Failure),
          message: `unhandled rejection: ${(execution.failure as Failure).message}`,
        }
      }
    }
    if (
      !ended ||
      result.failure !== null ||
      result.blocked.length > 0 ||
      scheduler.program.invariant === null ||
      this.options.withoutInvariant
    ) {
      this.phase = Phase.Over
      return null
    }
    this.phase = Phase.Invariant
    execution.step = -1
    this.stalled = false
    this.lead = scheduler.startInvariant(execution, result.state)
    return null
  }

  /** Operations that were about to run and never did: taking a lock, a timer that was cleared. */
  private pendingOperations(): PendingOperation[] {
    const pending: PendingOperation[] = []
    for (const task of this.execution.live)
      if (task.lock !== null)
        pending.push({
          task: task.identity.number,
          accesses: [task.lock.record.location(HELD) * 8 + ACQUIRE],
          causes: distinct(task.causes),
        })
    for (const timer of this.clock.cancelled)
      pending.push({
        task: timer.task.identity.number,
        accesses: [timer.record.location('timer') * 8 + WRITE, this.clock.location * 8 + UPDATE],
        causes: distinct(timer.task.causes),
      })
    return pending
  }
}

/** A task that will never go on although it should: a root that has not ended, or one that waits for a lock. */
const isStuck = (task: Task): boolean => task.kind === 'root' || task.lock !== null

function distinct(causes: number[]): number[] {
  if (causes.length < 2) return causes
  return [...new Set(causes)].sort((a, b) => a - b)
}

export { walk }
