/** One execution: setup, then the tasks as a strategy chooses, then the invariant. */
import { NondeterminismError, type Strategy } from '../engine/index.js'
import { Choice } from './choice.js'
import type { Clock, Timer } from './clock.js'
import type { EventLoop } from './event-loop/event-loop.js'
import { inMacrotask } from './event-loop/macrotask.js'
import type { Execution } from './execution.js'
import { isObject, monotonicNow } from './natives.js'
import { distinct, pendingOperations } from './pending.js'
import { type ExecutionResult, type RunOptions, SetupError } from './program.js'
import { RaceDetector } from './races.js'
import type { Scheduler } from './scheduler.js'
import { SerialOrder } from './serial-order.js'
import { type Task, TaskState } from './task.js'

enum Phase {
  Setup = 0,
  Tasks = 1,
  Invariant = 2,
  Over = 3,
}

type Progress = 'sleep' | 'operation' | 'drain' | 'wait' | 'over'

/** One execution under way. */
export class Run {
  readonly result: ExecutionResult
  private readonly execution: Execution
  private readonly clock: Clock
  private phase = Phase.Setup
  /** The root that setup or the invariant is. */
  private lead: Task
  private roots: Task[] = []
  private open = false
  /** With `fidelity: 'engine'`. */
  private readonly eventLoop: EventLoop | null
  private readonly choice: Choice
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
    const races = scheduler.limits.errorOnAnyRace ? new RaceDetector(scheduler.locations) : null
    scheduler.recorder.races = races
    this.result = {
      schedule: [],
      complete: false,
      redundant: false,
      failure: null,
      roots: [],
      blocked: [],
      starved: false,
      unfairLoop: 0,
      timeLeftOut: false,
      intervalCut: false,
      overtook: false,
      state: undefined,
      fingerprint: undefined,
      verdict: null,
      log: scheduler.recorder.log,
      segments: scheduler.runtime.eventLoop?.segments ?? null,
      causes: [],
      footprints: options.compare ? [] : null,
      races: races?.races ?? [],
      execution,
    }
    this.choice = new Choice(scheduler, execution, clock, this.result, strategy.draws === true)
    this.eventLoop = scheduler.runtime.eventLoop
    if (this.eventLoop !== null) this.eventLoop.mayGoOn = () => this.countSegment()
  }

  async proceedAsync(progress: Progress): Promise<ExecutionResult> {
    const { foreign } = this.execution
    const { runtime, limits } = this.scheduler
    let next = progress
    while (next !== 'over') {
      if (next === 'operation') await this.finishOperations()
      else if (next === 'sleep') await foreign.sleep(Math.min(this.clock.wait(this.awaited as Timer), this.remaining()))
      else if (next === 'drain') await foreign.drain(Math.min(limits.deadlockTimeout, this.remaining()))
      else if (!(await foreign.wait(Math.min(limits.deadlockTimeout, this.remaining())))) this.foreignStall()
      if (this.open) this.execution.outside.loopRan = true
      else runtime.observer?.expectNothing(this.execution)
      if (this.remaining() < 0) this.failTimeout()
      runtime.execution = this.execution
      next = this.eventLoop === null ? this.proceed() : await inMacrotask(() => this.proceed())
    }
    return this.result
  }

  /** The same from the beginning, where microtasks are the engine's. */
  async proceedOnEventLoop(): Promise<ExecutionResult> {
    try {
      return await this.proceedAsync(await inMacrotask(() => this.proceed()))
    } finally {
      this.eventLoop?.watch.end()
    }
  }

  /** Something natively under way may let a task go on. */
  private get mayGoOn(): boolean {
    const { foreign, outside } = this.execution
    return !this.stalled && (foreign.pending || outside.blockedCount > 0)
  }

  private remaining(): number {
    return this.scheduler.limits.timeoutPerRun - (monotonicNow() - this.started)
  }

  /** The step stays open until what it does natively is over. */
  private async finishOperations(): Promise<void> {
    const { outside } = this.execution
    const { deadlockTimeout, timeoutPerRun } = this.scheduler.limits
    const left = Math.max(0, this.remaining())
    if (await outside.expectedOver(Math.min(deadlockTimeout, left))) return
    const { task, message } = outside.stuck()
    this.execution.fail(task, 'timeout', `${message}; waited for ${Math.min(deadlockTimeout, timeoutPerRun)} ms`)
    outside.abandon()
  }

  /** With a real clock: the timer that has to be waited for. */
  private awaited: Timer | null = null

  private mustSleep(timer: Timer | null | undefined): boolean {
    if (!timer || this.clock.wait(timer) <= 0) return false
    this.awaited = timer
    return true
  }

  private stalled = false

  private foreignStall(): void {
    this.stalled = true
    const { deadlockTimeout, timeoutPerRun } = this.scheduler.limits
    const { outside } = this.execution
    if (outside.blockedCount > 0) {
      const { task, message } = outside.stuck()
      this.execution.fail(task, 'timeout', `${message}; waited for ${Math.min(deadlockTimeout, timeoutPerRun)} ms`)
      return
    }
    const { stalledOn } = this.execution.foreign
    const under = stalledOn.length === 0 ? '' : `. Under way: ${stalledOn.join(', ')}`
    const waiting =
      this.execution.live.find(task => task.cell !== null && this.execution.foreign.watches(task.cell)) ?? null
    this.execution.fail(
      waiting,
      'timeout',
      `a promise made by code that is not instrumented was waited for, and nothing happened for ${Math.min(deadlockTimeout, timeoutPerRun)} ms${under}`,
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
        this.execution.outside.over(this.result.complete)
        runtime.on = false
        runtime.execution = null
        runtime.points = false
        runtime.eventLoop = null
      }
    }
  }

  private loop(): Progress {
    const { execution } = this
    for (;;) {
      if (this.open) {
        if (execution.outside.isExpecting) return 'operation'
        // What never ends must not be waited for twice.
        if (execution.failure?.kind === 'timeout') execution.foreign.needsDrain = false
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
    const { eventLoop } = this
    const ready = execution.live.find(task => (eventLoop ?? execution).enabled(task))
    const timer = ready === undefined ? this.clock.earliest(() => true) : undefined
    if (this.mustSleep(timer)) return 'sleep'
    const next = ready ?? timer?.task
    if (next === undefined) {
      if (this.mayGoOn) return 'wait'
      const name = this.phase === Phase.Setup ? 'setup' : 'the invariant'
      execution.fail(lead, 'error', `${name} never ends: it waits for something that nothing will bring about`)
      return null
    }
    this.open = true
    if (eventLoop === null) execution.run(next)
    else eventLoop.run([next])
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
    if (this.options.serial !== undefined) this.choice.serial = new SerialOrder(this.roots, this.options.serial)
    execution.polling.on = execution.markers === null
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
    const enabled = this.choice.collect(this.roots)
    if (enabled.length === 0) {
      if (this.mustSleep(this.choice.next)) return 'sleep'
      if (this.mayGoOn && this.roots.some(root => root.state !== TaskState.Done)) return 'wait'
      this.failPolling()
      return this.endTasks(true)
    }
    const { numbers } = scheduler
    const chosen = strategy.choose(numbers, this.choice)
    if (chosen < 0) {
      result.redundant = true
      return this.endTasks(false)
    }
    const task = enabled[numbers.indexOf(chosen)]
    if (task === undefined) throw new Error(`frontrun: the strategy chose task ${chosen}, which is not enabled`)
    const unfair = execution.polling.unfair(task, enabled)
    if (unfair !== null) {
      result.starved = true
      result.unfairLoop = unfair.site
      return this.endTasks(false)
    }
    if (task.timer?.pending && enabled.some(other => !other.timer?.pending)) result.overtook = true
    if (execution.polling.held && scheduler.runtime.points) scheduler.sawMacro = true
    this.choice.made(task)
    execution.step++
    result.schedule.push(task.identity)
    this.open = true
    if (this.eventLoop === null) execution.run(task)
    else this.runMacrotask(this.eventLoop, task)
    this.checkLimits()
    return null
  }

  private runMacrotask(eventLoop: EventLoop, task: Task): void {
    const tasks = task.joined ?? [task]
    const begins = task.joined !== null || (task.kind === 'root' && task.start !== null)
    this.begun = begins ? tasks : []
    eventLoop.run(tasks, () => this.scheduler.starts.noteBegin(this.scheduler.recorder, this.begun))
  }

  /** Roots that began in the open step. */
  private begun: readonly Task[] = []

  /** One more stretch of a macrotask; false: there were enough of them, or the time is up. */
  private countSegment(): boolean {
    const { failure } = this.execution
    if (failure?.kind === 'livelock' || failure?.kind === 'timeout') return false
    this.checkLimits()
    return this.execution.failure === failure
  }

  private closeStep(): void {
    const { execution, scheduler, strategy, result } = this
    execution.outside.observe()
    this.open = false
    const { footprint, isMacro, attempt, guard } = scheduler.recorder
    execution.endStep()
    scheduler.recorder.races?.endStep()
    if (this.phase !== Phase.Tasks) return
    if (scheduler.runtime.points && isMacro) scheduler.sawMacro = true
    const task = this.choice.last as Task
    const { difference } = execution.outside
    if (difference !== null) throw new NondeterminismError(execution.step, task.identity.number, [], [], difference)
    const causes = distinct(execution.stepCauses)
    if (this.begun.length > 0) scheduler.starts.ended(this.begun, footprint)
    this.begun = []
    if (result.log !== null) result.causes.push([...causes])
    result.footprints?.push([...footprint].sort((a, b) => a - b))
    strategy.executed(task.identity.number, footprint, causes, attempt, guard)
  }

  /** Which loop the last task is in. */
  private where(): string {
    const turn = this.choice.last?.turns?.at(-1)
    return turn === undefined ? '' : `, the last one in ${this.scheduler.runtime.describeLoop(turn.site)}`
  }

  /** Nothing can run, but some tasks are held in loops: if somebody waits for them to end, they turn for ever. */
  private failPolling(): void {
    const { execution, roots } = this
    const { polling } = execution
    if (!polling.held) return
    const waited = roots.some(root => root.state !== TaskState.Done)
    // A loop in the background in which time passes is an interval in disguise.
    const isEndless = (task: Task): boolean => (waited ? polling.holds(task) : polling.holdsBusy(task))
    const task = execution.live.find(isEndless)
    const turn = task?.turns?.findLast(({ awaits }) => awaits !== null)
    if (task === undefined || turn === undefined) return
    const loop = this.scheduler.runtime.describeLoop(turn.site)
    execution.fail(task, 'livelock', `${loop} goes on for ever: nothing that it looks at will change`)
  }

  /** By functions of the user's that are no part of the program: they run natively. */
  private takeFingerprint(): void {
    const { runtime, program } = this.scheduler
    runtime.on = false
    try {
      this.result.fingerprint = program.fingerprint?.(this.result.state)
    } finally {
      runtime.on = true
    }
  }

  private checkLimits(): void {
    const { execution, scheduler, result } = this
    const { limits } = scheduler
    const count = ++execution.steps
    if (count >= limits.maxSteps) {
      result.starved = this.phase === Phase.Tasks && this.eventLoop === null && this.choice.isStarving()
      execution.fail(
        this.choice.last,
        'livelock',
        `the tasks are still running after maxSteps (${limits.maxSteps}) steps${this.where()}`,
      )
    } else if ((count & 63) === 0 && this.remaining() < 0) {
      this.failTimeout()
    }
  }

  private failTimeout(): void {
    const { timeoutPerRun } = this.scheduler.limits
    this.execution.fail(
      this.choice.last,
      'timeout',
      `this execution took longer than timeoutPerRun (${timeoutPerRun} ms)`,
    )
  }

  private endTasks(ended: boolean): null {
    const { execution, result, scheduler, strategy, clock } = this
    const { failure } = execution
    result.complete = ended
    execution.polling.on = false
    result.timeLeftOut = execution.polling.heldTimed && clock.wasRead
    result.intervalCut = clock.cut || clock.endless
    scheduler.runtime.points = false
    strategy.end(pendingOperations(execution, clock), ended)
    this.eventLoop?.explain(execution.live)
    result.blocked = ended ? execution.live.filter(task => isStuck(task)) : []
    // A lock may be held for good, or waited for, where nobody waits for that; but where somebody does, it is told.
    if (result.blocked.length > 0)
      result.blocked = execution.live.filter(task => isStuck(task) || task.kind === 'callback')
    result.failure = failure
    if (ended && failure === null && result.blocked.length === 0) {
      const unhandled = execution.unhandledRejection()
      if (unhandled !== undefined) execution.failUnhandled(unhandled.value)
      result.failure = execution.failure
    }
    if (ended && result.failure === null && result.blocked.length === 0) this.takeFingerprint()
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
}

/** A task that will never go on although it should: a root that has not ended, or one that waits for a lock. */
const isStuck = ({ kind, guard, cell }: Task): boolean =>
  kind === 'root' || guard?.owned === true || (cell !== null && cell.lockCall !== null)
