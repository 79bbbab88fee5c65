/**
 * Virtual time. Timers are tasks whose first step is their firing.
 *
 * `explored`: the timers of one root task (and of what it started) fire in deadline order on a clock of their own;
 * those of different root tasks in any order, since either task may have begun arbitrarily later. `virtual`: one clock,
 * and the earliest deadline fires only when nothing else can run. `real`: in the same order, which so is the same in every
 * execution, but not before the time has really come. What reads the clock sees the latest time any fired
 * timer stands for; reading conflicts with firing, firings commute.
 */

import type { Guard } from '../engine/index.js'
import type { ObjectRecord } from './identity.js'
import { monotonicNow, NativeDate } from './natives.js'
import { READ, type Recorder, UPDATE, WRITE } from './recorder.js'
import { type Task, TaskState } from './task.js'

export type ClockMode = 'explored' | 'virtual' | 'real'

/** The moment at which every execution begins: fixed, so that dates replay. */
export const EPOCH = NativeDate.UTC(2025, 0, 1)

/** An interval's turns that may overtake other work, where a later timer waits for them. */
const MAX_EAGER_TURNS = 3

/** How often an interval may turn while nothing but intervals can run, before the execution counts as endless. */
const MAX_LAZY_TURNS = 100

/** A chain of timers, each set by the callback of the one before, no longer overtakes other work from here on. */
const MAX_EAGER_GENERATION = 3
/** And from here on it is an interval in disguise, that an execution does not wait for. */
const MAX_GENERATION = 20

/** When a timer may fire that is the time-out of an operation. */
export interface TimerGuard extends Guard {
  enabled(): boolean
}

export interface Timer {
  readonly task: Task
  readonly family: Family
  readonly sequence: number
  /** The same in every execution in which its task behaves the same. */
  readonly label: string
  /** What firing writes. */
  location: number
  /** Fires only while this lets it. */
  guard: TimerGuard | null
  /** The step that cleared it before it fired. */
  droppedAt: number
  /** Milliseconds on the clock of its family. */
  deadline: number
  /** With a real clock: when it may fire, on the monotonic clock of the process. */
  due: number
  period: number | null
  readonly delay: number
  /** Set by code that is not instrumented: a driver's connection time-out, say. Fires only when nothing else can run. */
  readonly foreign: boolean
  turns: number
  pending: boolean
  /** It will not fire again, nor be set again. */
  cleared: boolean
  callback: Function
  args: unknown[]
}

/** The timers of one root task, soonest first. */
interface Family {
  now: number
  timers: Timer[]
}

export class Clock {
  /** Milliseconds since the execution began. */
  now = 0
  private sequence = 0
  private families = new Map<number, Family>()
  /** Timers that were cleared before they fired: their firing is an operation that did not run. */
  readonly cancelled: Timer[] = []
  /** An interval could have turned once more. */
  cut = false
  /** Handles that the program made numbers of, by these numbers. */
  numbered: Map<string, object> | null = null

  constructor(
    readonly mode: ClockMode,
    private readonly record: ObjectRecord,
    private readonly recorder: Recorder,
  ) {}

  /** The location that readers of the clock and firings have in common. */
  get location(): number {
    return this.record.location('now')
  }

  /** Somebody looked at the time. */
  wasRead = false

  read(site: number, task: Task): number {
    this.wasRead = true
    this.recorder.touch(this.record.location('now'), READ, site)
    task.seenTime = this.now
    return EPOCH + this.now
  }

  add(
    task: Task,
    record: ObjectRecord,
    callback: Function,
    args: unknown[],
    delay: number,
    period: number | null,
    foreign: boolean,
  ): Timer {
    const family = this.family(task)
    const base = this.timeOf(task)
    const timer: Timer = {
      task,
      family,
      sequence: this.sequence++,
      label: record.label,
      location: record.location('timer'),
      guard: null,
      droppedAt: -1,
      deadline: base + delay,
      due: monotonicNow() + delay,
      period,
      delay,
      foreign,
      turns: 0,
      pending: true,
      cleared: false,
      callback,
      args,
    }
    insert(family.timers, timer)
    return timer
  }

  /**
   * The time from which a task's next delay counts. A task that has seen the time, and sleeps, finds at least that much of it
   * gone.
   */
  timeOf(task: Task): number {
    return this.mode === 'explored' ? Math.max(this.family(task).now, task.seenTime) : this.now
  }

  private family(task: Task): Family {
    const root = (task.identity.root ?? task.identity).number
    let family = this.families.get(root)
    if (family === undefined) {
      family = { now: 0, timers: [] }
      this.families.set(root, family)
    }
    return family
  }

  /**
   * Whether the timer may fire although other work is ready. Later turns of an interval may as far as a later timer has
   * to wait for them: those of one root task fire in deadline order.
   */
  eager(timer: Timer): boolean {
    if (this.mode !== 'explored' || timer.foreign) return false
    const own = timer.family.timers.filter(other => !other.foreign)
    if (own[0] !== timer) return false
    return mayOvertake(timer) || (timer.turns <= MAX_EAGER_TURNS && own.some(mayOvertake))
  }

  /** Whether a later timer of the same root task has to wait for this one. */
  isAwaited(timer: Timer, counts: (other: Timer) => boolean): boolean {
    return timer.family.timers.some(other => other !== timer && mayOvertake(other) && counts(other))
  }

  /** Whether timers are left that could have gone on for ever. */
  get endless(): boolean {
    if (this.families.size === 0) return false
    for (const family of this.families.values())
      if (family.timers.some(timer => !timer.foreign && !mustFire(timer))) return true
    return false
  }

  /** The timer to fire when nothing else can run: of those that are before a usable one, the soonest. */
  earliest(usable: (timer: Timer) => boolean): Timer | undefined {
    if (this.families.size === 0) return undefined
    let first: Timer | undefined
    const families = [...this.families.values()]
    const anyUsable = families.some(({ timers }) => timers.some(usable))
    for (const { timers } of families) {
      if (this.mode === 'explored' ? !timers.some(usable) : !anyUsable) continue
      const [timer] = timers
      if (timer !== undefined && (first === undefined || sooner(timer, first))) first = timer
    }
    return first
  }

  /** Real milliseconds until it may fire; 0 or less: now. */
  wait(timer: Timer): number {
    return this.mode === 'real' ? timer.due - monotonicNow() : 0
  }

  /** Moves time to a timer's deadline; its task runs the callback. */
  fire(timer: Timer): void {
    const { family } = timer
    family.now = Math.max(family.now, timer.deadline)
    this.now = Math.max(this.now, timer.deadline)
    this.recorder.touch(timer.location, WRITE, 0)
    this.recorder.touch(this.record.location('now'), UPDATE, 0)
    timer.turns++
    this.remove(timer)
  }

  private remove(timer: Timer): void {
    const { timers } = timer.family
    const at = timers.indexOf(timer)
    if (at < 0) return
    timers.splice(at, 1)
    timer.pending = false
  }

  /** After an interval's turn: sets the next one. */
  again(timer: Timer): boolean {
    if (timer.period === null) return false
    if (timer.turns >= MAX_LAZY_TURNS) {
      this.cut = true
      return false
    }
    timer.deadline += timer.period
    timer.due = monotonicNow() + timer.period
    timer.pending = true
    insert(timer.family.timers, timer)
    return true
  }

  /** Somebody does something to the timer, which it only feels as long as it is pending. */
  touch(timer: Timer, site: number): void {
    this.recorder.touch(timer.location, timer.pending ? WRITE : READ, site)
    this.recorder.vary()
  }

  /** `clearTimeout`. */
  clear(timer: Timer, site: number, step: number): void {
    this.touch(timer, site)
    timer.cleared = true
    // Its later turns were let overtake other work only where a timer waited for them.
    if (this.mode === 'explored' && timer.period !== null && timer.turns > 0) this.cut = true
    timer.period = null
    this.drop(timer, step)
  }

  /** Takes away a timer. Whoever does it accesses its location. */
  drop(timer: Timer, step: number): void {
    if (!timer.pending) return
    this.remove(timer)
    timer.droppedAt = step
    if (timer.turns === 0) this.cancelled.push(timer)
    timer.task.state = TaskState.Done
    this.order(timer.family, step)
  }

  /** `timer.refresh()`: the whole delay once more. */
  refresh(timer: Timer): void {
    if (!timer.pending) return
    const { timers } = timer.family
    timers.splice(timers.indexOf(timer), 1)
    timer.deadline = (this.mode === 'explored' ? timer.family.now : this.now) + timer.delay
    timer.due = monotonicNow() + timer.delay
    insert(timers, timer)
  }

  /** The timer that is first in its family now could not have fired before this step. */
  order(family: Family, step: number): void {
    const next = family.timers[0]
    if (next !== undefined && step >= 0) next.task.causes.push(step)
  }
}

/** Whether an execution has to wait for this firing: one-shot timers and an interval's first turn. */
export const mustFire = (timer: Timer): boolean => timer.turns === 0 && timer.task.generation <= MAX_GENERATION

/** Whether it may fire although other work is ready. */
const mayOvertake = (timer: Timer): boolean =>
  !timer.foreign && timer.turns === 0 && timer.task.generation <= MAX_EAGER_GENERATION

const sooner = (one: Timer, other: Timer): boolean =>
  one.deadline < other.deadline || (one.deadline === other.deadline && one.sequence < other.sequence)

function insert(timers: Timer[], timer: Timer): void {
  let at = timers.length
  while (at > 0 && sooner(timer, timers[at - 1] as Timer)) at--
  timers.splice(at, 0, timer)
}
