/**
 * Finds data races in one execution: two accesses of one location, at least one of which changes it, by two tasks, that
 * nothing orders but the schedule. Orders count that the program itself brings about: what starts a task, what settles
 * what it waits for, a message, a lock, `Atomics`; not the order of the conflicting accesses themselves.
 *
 * Happens-before by vector clocks, as in Djit+ (Pozniansky, Schuster, "Efficient On-the-Fly Data Race Detection in
 * Multithreaded C++ Programs", PPoPP 2003); of each task, the last access of each kind is enough: if an earlier one races,
 * so does the last. Two `Atomics` operations on the same element are no race, and a load comes after the operation that
 * wrote what it finds (ECMAScript, "Memory Model": synchronizes-with, data races).
 */
import { ACQUIRE, kindsConflict, READ, RELEASE } from '../engine/access.js'
import {
  DELIVERIES,
  HELD,
  LISTENERS,
  type LocationTable,
  MEMBERS,
  MESSAGES,
  ORDER,
  SETTLE,
  Shape,
  WAITERS,
} from './identity.js'
import type { TaskIdentity } from './task.js'

/** One side of a race. */
export interface RacingAccess {
  task: TaskIdentity
  step: number
  kind: number
  site: number
  /** By an operation of `Atomics`. */
  atomic: boolean
}

export interface Race {
  location: number
  first: RacingAccess
  second: RacingAccess
}

/** Clocks: how far each task, by its number, has come. */
type VectorClock = number[]

interface Seen extends RacingAccess {
  /** Its task's own clock. */
  time: number
  /** What element it was, of an operation of `Atomics`; 0: a plain access. */
  range: number
}

enum Sort {
  Data = 0,
  /** Whoever takes what it stands for comes after whoever gave it back. */
  Lock = 1,
  /** Of no memory of the program. */
  Ignored = 2,
}

const LOCKS = new Set<unknown>([HELD, DELIVERIES, LISTENERS])
const IGNORED = new Set<unknown>([SETTLE, ORDER, MESSAGES, MEMBERS, 'timer'])
/** Records of what the scheduler itself keeps. */
const SCHEDULERS = new Set(['clock', 'code that is not instrumented'])

/** More are counted only by whoever has mended these. */
const MOST_RACES = 50

export class RaceDetector {
  readonly races: Race[] = []
  private readonly clocks = new Map<number, VectorClock>()
  /** The clock of each step's end. */
  private readonly ends: VectorClock[] = []
  /** By location: the last access of each kind by each task. */
  private readonly seen = new Map<number, Seen[]>()
  /** What the next to take a lock, or to load an element, comes after. */
  private readonly released = new Map<string | number, VectorClock>()
  private readonly told = new Set<string>()
  private task: TaskIdentity | null = null
  private clock: VectorClock = []
  private step = -1
  private isOutside = false
  private causes: readonly number[] = []
  private joined = 0
  /** The element of the operation of `Atomics` that is being recorded. */
  private range = 0

  constructor(private readonly locations: LocationTable) {}

  /**
   * @param causes steps that happen before this one; may grow while it runs
   * @param isOutside it is an operation on the outside world, whose accesses are of no memory
   */
  beginStep(task: TaskIdentity, step: number, causes: readonly number[], isOutside: boolean): void {
    this.task = step < 0 ? null : task
    this.isOutside = isOutside
    this.step = step
    this.causes = causes
    this.joined = 0
    if (step < 0) return
    const { number } = task
    let clock = this.clocks.get(number)
    if (clock === undefined) {
      clock = []
      this.clocks.set(number, clock)
    }
    clock[number] = (clock[number] ?? 0) + 1
    this.clock = clock
  }

  endStep(): void {
    if (this.task === null) return
    this.joinCauses()
    this.ends[this.step] = this.clock.slice()
    this.task = null
  }

  private joinCauses(): void {
    for (; this.joined < this.causes.length; this.joined++) {
      const end = this.ends[this.causes[this.joined] as number]
      if (end !== undefined) join(this.clock, end)
    }
  }

  /** What is recorded within is one operation of `Atomics` on the element that `range` stands for. */
  synchronised(range: number, loads: boolean, stores: boolean, record: () => void): void {
    this.joinCauses()
    const before = this.released.get(range)
    if (loads && before !== undefined) join(this.clock, before)
    this.range = range
    try {
      record()
    } finally {
      this.range = 0
    }
    if (stores) this.release(range)
  }

  /** What this task has done so far comes before whoever acquires this next. */
  private release(what: string | number): void {
    const { task, clock } = this
    if (task === null) return
    this.released.set(what, clock.slice())
    clock[task.number] = (clock[task.number] ?? 0) + 1
  }

  access(location: number, kind: number, site: number): void {
    const { task } = this
    if (task === null || this.isOutside) return
    const sort = this.sortOf(location)
    if (sort === Sort.Ignored) return
    this.joinCauses()
    if (sort === Sort.Lock) this.passLock(location, kind)
    else this.check(task, location, kind, site)
  }

  private passLock(location: number, kind: number): void {
    const lock = `lock ${location}`
    const before = this.released.get(lock)
    if (before !== undefined && kind !== RELEASE) join(this.clock, before)
    if (kind === READ || kind === ACQUIRE) return
    // Several may have given something back since it was taken: it is taken after all of them.
    const all = before?.slice() ?? []
    join(all, this.clock)
    this.release(lock)
    this.released.set(lock, all)
  }

  private sortOf(location: number): Sort {
    const { [location]: key } = this.locations.keys
    const record = this.locations.records[location]
    if (LOCKS.has(key)) return Sort.Lock
    if (IGNORED.has(key) || SCHEDULERS.has(record?.label ?? '')) return Sort.Ignored
    return typeof key === 'string' && key.startsWith(WAITERS) && record?.shape === Shape.Plain
      ? Sort.Ignored
      : Sort.Data
  }

  private check(task: TaskIdentity, location: number, kind: number, site: number): void {
    const { clock, range, step } = this
    let all = this.seen.get(location)
    if (all === undefined) {
      all = []
      this.seen.set(location, all)
    }
    const now: Seen = { task, step, kind, site, atomic: range !== 0, time: clock[task.number] as number, range }
    let own = -1
    for (let i = 0; i < all.length; i++) {
      const other = all[i] as Seen
      if (other.task === task) {
        if (other.kind === kind && other.range === range) own = i
      } else if (
        kindsConflict(other.kind, kind) &&
        (range === 0 || other.range !== range) &&
        other.time > (clock[other.task.number] ?? 0)
      )
        this.tell(location, other, now)
    }
    if (own >= 0) all[own] = now
    else all.push(now)
  }

  private tell(location: number, first: Seen, second: Seen): void {
    const what = `${first.task.number} ${first.site} ${first.kind} ${second.task.number} ${second.site} ${second.kind}`
    if (this.told.has(what) || this.races.length >= MOST_RACES) return
    this.told.add(what)
    this.races.push({ location, first, second })
  }
}

function join(clock: VectorClock, other: VectorClock): void {
  for (let i = 0; i < other.length; i++) {
    const time = other[i]
    if (time !== undefined && time > (clock[i] ?? 0)) clock[i] = time
  }
}
