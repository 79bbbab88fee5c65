/** Who can run next, in order of preference. */
import type { Upcoming } from '../engine/index.js'
import { type Clock, mustFire, type Timer } from './clock.js'
import type { EventLoop } from './event-loop/event-loop.js'
import type { Execution } from './execution.js'
import type { MarkerGate } from './marker-gate.js'
import type { ExecutionResult } from './program.js'
import { cut } from './reuse.js'
import type { Scheduler } from './scheduler.js'
import type { SerialOrder } from './serial-order.js'
import { isLive, NEVER, type Task, type TaskIdentity, TaskState } from './task.js'

/** After so many steps of one task in a row, the others come first. */
const FAIR_AFTER = 1000
/** And if the execution may not take as many, after this part of its steps. */
const FAIR_PART = 0.25

export class Choice implements Upcoming {
  /** The task that ran last, and how often in a row before that. */
  last: Task | null = null
  private inRow = 0
  private roots: readonly Task[] = []
  serial: SerialOrder | null = null
  private readonly fairAfter: number

  constructor(
    private readonly scheduler: Scheduler,
    private readonly execution: Execution,
    private readonly clock: Clock,
    private readonly result: ExecutionResult,
    /** The strategy draws from all that can run: what would be unfair is kept from it. */
    private readonly draws: boolean,
  ) {
    this.fairAfter = Math.min(FAIR_AFTER, Math.ceil(scheduler.limits.maxSteps * FAIR_PART))
  }

  made(task: Task): void {
    task.readySince = NEVER
    this.inRow = task === this.last ? this.inRow + 1 : 0
    this.last = task
  }

  /** A thread declares what it is about to do; what a task will do up to its next suspension, nobody knows. */
  footprint(number: number): readonly number[] | undefined {
    const { runtime, recorder } = this.scheduler
    const task = this.enabledTask(number)
    if (task === undefined || !runtime.points) return undefined
    if (task.guard !== null) return task.guard.location < 0 ? [] : [task.guard.location * 8 + task.guard.kind]
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

  /** Enabled tasks in order of preference: the last one to run, the others, timers. */
  collect(roots: readonly Task[]): Task[] {
    if (this.serial === null) return this.collectFrom(roots)
    for (;;) {
      const enabled = this.collectFrom(this.serial.begunRoots)
      if (enabled.length > 0 || !this.serial.goOn(this.result.schedule)) return enabled
    }
  }

  private collectFrom(roots: readonly Task[]): Task[] {
    this.roots = roots
    this.next = null
    const { execution, last } = this
    const { enabled, numbers, runtime } = this.scheduler
    cut(enabled)
    cut(numbers)
    if (runtime.eventLoop !== null) return this.collectMacrotasks(runtime.eventLoop, roots)
    const goesOn = last !== null && last.timer === null && isLive(last) && execution.enabled(last)
    if (goesOn && this.inRow < this.fairAfter) enabled.push(last)
    let timers = 0
    for (const task of execution.live) {
      if ((goesOn && task === last) || this.serial?.admits(task) === false) continue
      if (!execution.enabled(task)) {
        task.readySince = NEVER
        continue
      }
      if (task.timer !== null) timers++
      else enabled.push(task)
    }
    if (goesOn && this.inRow >= this.fairAfter) enabled.push(last)
    if (timers > 0)
      for (const task of execution.live)
        if (task.timer !== null && execution.enabled(task) && this.serial?.admits(task) !== false) enabled.push(task)
    if (execution.polling.on && execution.polling.turned) this.putUnfairLast(enabled)
    if (execution.markers !== null) this.passMarkers(execution.markers, enabled)
    if (enabled.length === 0) this.addLazyTimer(enabled)
    for (const task of enabled) numbers.push(task.identity.number)
    return enabled
  }

  /** A loop that goes on and on while others wait stands back for them. */
  private putUnfairLast(enabled: Task[]): void {
    const { execution } = this
    const marked = execution.step
    for (const task of enabled) if (task.readySince > marked) task.readySince = marked
    if (enabled.length < 2) return
    for (let at = 0, count = enabled.length; count > 0; count--) {
      const task = enabled[at] as Task
      if (execution.polling.unfair(task, enabled) === null) at++
      else if (this.draws) enabled.splice(at, 1)
      else enabled.push(...enabled.splice(at, 1))
    }
  }

  /** Roots to begin, operations that are complete, timers, and roots that begin together. */
  private collectMacrotasks(eventLoop: EventLoop, roots: readonly Task[]): Task[] {
    const { execution } = this
    const { enabled, numbers, starts } = this.scheduler
    for (const timers of [false, true])
      for (const task of execution.live)
        if ((task.timer !== null) === timers && this.serial?.admits(task) !== false) {
          if (eventLoop.enabled(task)) enabled.push(task)
          else task.readySince = Number.POSITIVE_INFINITY
        }
    const unstarted = roots.filter(root => root.start !== null)
    enabled.push(...starts.sequences(unstarted))
    this.exclusive = starts.groups(unstarted)
    if (execution.polling.on) this.putUnfairLast(enabled)
    if (enabled.length === 0) this.addLazyTimer(enabled)
    for (const task of enabled) numbers.push(task.identity.number)
    return enabled
  }

  exclusive: readonly (readonly number[])[] = []

  private passMarkers(markers: MarkerGate, enabled: Task[]): void {
    const next = markers.next(enabled, this.execution)
    cut(enabled)
    if (next !== undefined) enabled.push(next)
  }

  /** The timer that time has to pass for, where nothing can run before. */
  next: Timer | null = null

  /** Nothing else can run: time may pass until the next timer, which so comes after all that has happened. */
  private addLazyTimer(enabled: Task[]): void {
    const waiting = this.roots.some(root => root.state !== TaskState.Done)
    const { polling, live } = this.execution
    const held = polling.held
    // Time moves when nothing else can run, and a loop without time in it can.
    if (held && this.clock.mode !== 'explored' && !this.scheduler.points && live.some(task => polling.holdsBusy(task)))
      return
    const usable = (timer: Timer): boolean =>
      (waiting || mustFire(timer)) && (timer.guard?.enabled() ?? true) && !(held && polling.holds(timer.task))
    const timer = this.clock.earliest(usable)
    this.next = timer ?? null
    if (timer === undefined || this.clock.wait(timer) > 0) return
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

  /** Somebody could have run all through the second half of the execution, and never was let. */
  isStarving(): boolean {
    const { schedule } = this.result
    const ran = new Set(schedule.slice(schedule.length / 2))
    return this.scheduler.enabled.some(
      task => task.state === TaskState.Ready && !ran.has(task.identity) && task.timer === null,
    )
  }
}
