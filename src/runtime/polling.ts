/**
 * Loops that wait for another task to change something: `while (!ready) await sleep(10)`, a spinning thread.
 *
 * A turn that changed nothing ends in the state in which it began, so the next one repeats it, until somebody writes what it
 * read: the task is held until then, which leaves out no state that can be reached. That is the await of J. Jonsson, M. Lång,
 * K. Sagonas, "Awaiting for Godot" (FMCAD 2022), found while the program runs. Other loops can't be held; a schedule under
 * which one goes on and on while others wait is cut, after M. Musuvathi, S. Qadeer, "Fair Stateless Model Checking" (PLDI 2008).
 */
import type { Frame } from './frame.js'
import { type LocationTable, type ObjectRecord, SETTLE } from './identity.js'
import { isMap, isObject, isProxy, isSet, isTypedArray } from './natives.js'
import { READ, type Recorder, UPDATE } from './recorder.js'
import { isLive, type Task } from './task.js'

/**
 * So many turns may one loop take while another task could run all the time: turns that only read, or in which a timer
 * fires before the other's work; and turns of any kind.
 */
const MOST_WAITING_TURNS = 100
const MOST_TURNS = 300

/** A turn of a loop, from where its condition is looked at to where it is looked at again. */
export class Turn {
  /** What was read, and which version of it. */
  readonly reads = new Map<number, number>()
  /** Objects that it made: what happens to them is seen by nobody else. */
  readonly made = new Set<ObjectRecord>()
  /** What it started. */
  readonly children: Task[] = []
  /** It changed something, or may have. */
  changes = false
  /** Time passed in it. */
  timed = false
  /** Promises and timers of the turn before that came to their end in the step in which this one began, before it did. */
  settledBefore: ReadonlySet<number> | null = null
  /** The turn before changed nothing, and read this: as long as that is as it was, this one is not begun. */
  awaits: ReadonlyMap<number, number> | null = null

  constructor(
    readonly task: Task,
    readonly frame: Frame | null,
    readonly site: number,
    readonly step: number,
    /** The steps in which the turns of this loop began; those since one that neither only read nor waited for a timer. */
    readonly steps: number[],
    readonly waitingSteps: number[],
  ) {}
}

/** Never written to. */
const NO_VERSIONS = new Map<number, number>()

export class Polling {
  /** Only while the tasks run, and no markers order them. */
  on = false
  /** A loop was held in which time passes: how often it would have turned, the clock does not show. */
  heldTimed = false
  /** A task was held. */
  held = false
  /** Some loop took a turn: until then nobody asks what changed. */
  turned = false
  /** How often each location was changed since the first turn. */
  private versions: Map<number, number> = NO_VERSIONS

  constructor(
    private readonly locations: LocationTable,
    private readonly recorder: Recorder,
    private readonly clockLocation: () => number,
  ) {}

  /** A loop begins: what is known of an earlier run of it, or of loops that have ended, no longer counts. */
  enter(task: Task, frame: Frame | null, site: number): void {
    if (task.turns === null) return
    const kept = task.turns.filter(turn => turn.task !== task || (turn.site !== site && isBelow(turn.frame, frame)))
    if (kept.length !== task.turns.length) task.turns = kept
  }

  /** A loop looks at its condition, in a step that began with `first`. `closed`: it assigns no variables that outlive a turn and are not recorded. */
  turn(task: Task, frame: Frame | null, site: number, closed: boolean, step: number, first: Task): void {
    if (!this.on) return
    if (!this.turned) {
      this.turned = true
      this.versions = new Map()
    }
    const turns = task.turns ?? []
    let at = turns.length - 1
    while (at >= 0 && !isOf(turns[at] as Turn, task, frame, site)) at--
    const before = turns[at]
    // A loop that turns without being suspended.
    if (before !== undefined && before.step === step) return
    const outer = at < 0 ? turns : turns.slice(0, at)
    if (before !== undefined) this.note(before, this.recorder.footprint, first)
    const steps = before?.steps ?? []
    steps.push(step)
    const waiting = before === undefined || (before.changes && !before.timed) ? [] : before.waitingSteps
    waiting.push(step)
    const next = new Turn(task, frame, site, step, steps, waiting)
    task.turns = [...outer, next]
    if (before !== undefined && first !== task) next.settledBefore = this.settledIn(before, first)
    if (before === undefined || !closed || before.changes) return
    if (before.children.some(isLive) || !this.unchanged(before.reads)) return
    next.awaits = before.reads
    next.timed = before.timed
    this.held = true
    this.heldTimed ||= before.timed
  }

  /** What `turn` has made and brought to its end, in a step that goes on with the next turn: nobody settles it again. */
  private settledIn(turn: Turn, { timer }: Task): ReadonlySet<number> | null {
    let found: Set<number> | null = null
    const { records, keys } = this.locations
    for (const access of this.recorder.footprint) {
      const location = access >>> 3
      const over = keys[location] === SETTLE || (location === timer?.location && !timer.pending)
      if (!over || !turn.made.has(records[location] as ObjectRecord)) continue
      found ??= new Set()
      found.add(location)
    }
    return found
  }

  /** A task is started: by a turn of each loop that its parent is in. */
  started(task: Task, parent: Task): void {
    if (parent.turns === null) return
    task.turns = parent.turns
    for (const turn of parent.turns) turn.children.push(task)
  }

  /** Something happened that no access shows. */
  changed(task: Task | null): void {
    if (task?.turns) for (const turn of task.turns) turn.changes = true
  }

  /** A builtin is called: what it changes is recorded, but not where an iterator stands. */
  called(task: Task, self: unknown, args: readonly unknown[]): void {
    if (task.turns !== null && (hides(self) || args.some(hides))) this.changed(task)
  }

  /** Whether the task, or the loop that started it, waits for what it read to change. */
  holds(task: Task): boolean {
    if (task.turns === null) return false
    for (const { awaits } of task.turns) if (awaits !== null && this.unchanged(awaits)) return true
    return false
  }

  /** Whether it is held in a loop in which no time passes. */
  holdsBusy(task: Task): boolean {
    return this.holds(task) && (task.turns as Turn[]).every(({ awaits, timed }) => awaits === null || !timed)
  }

  /** A task goes on: that it could depended on what it was held for. */
  resumed(task: Task): void {
    for (const turn of task.turns as Turn[]) {
      if (turn.awaits === null) continue
      for (const location of turn.awaits.keys()) this.recorder.add(location, READ)
      turn.awaits = null
    }
  }

  /** `task` took part in a step, which began with `first`. */
  noteStep(task: Task, footprint: readonly number[], first: Task = task): void {
    if (task.turns !== null) for (const turn of task.turns) this.note(turn, footprint, first)
  }

  /** A step is over. */
  noteChanges(footprint: readonly number[]): void {
    if (!this.turned) return
    for (const access of footprint) {
      if ((access & 7) === READ) continue
      const location = access >>> 3
      this.versions.set(location, (this.versions.get(location) ?? 0) + 1)
    }
  }

  private note(turn: Turn, footprint: readonly number[], first: Task): void {
    for (const access of footprint) {
      const location = access >>> 3
      const kind = access & 7
      if (turn.made.has(this.locations.records[location] as ObjectRecord)) continue
      if (turn.settledBefore?.has(location) && this.recorder.step === turn.step) continue
      if (kind === READ) {
        if (!turn.reads.has(location)) turn.reads.set(location, this.versions.get(location) ?? 0)
      } else if (kind === UPDATE && first.timer !== null && location === this.clockLocation()) turn.timed = true
      else turn.changes = true
    }
  }

  private unchanged(reads: ReadonlyMap<number, number>): boolean {
    for (const [location, version] of reads) if ((this.versions.get(location) ?? 0) !== version) return false
    return true
  }

  /** The loop that goes on and on in `task` while one of `others` could have run all the time. */
  unfair(task: Task, others: readonly Task[]): Turn | null {
    if (task.turns === null) return null
    for (const turn of task.turns) {
      // What a turn started is not the loop, but for the timer that it waits for.
      if (turn.task !== task && task.timer === null) continue
      const since = Math.max(
        longAgo(turn.steps, MOST_TURNS) ?? -1,
        longAgo(turn.waitingSteps, MOST_WAITING_TURNS) ?? -1,
      )
      if (since < 0) continue
      const waits = (other: Task): boolean =>
        other.readySince <= since && !other.turns?.some(own => own.steps === turn.steps)
      if (others.some(waits)) return turn
    }
    return null
  }
}

const longAgo = (steps: readonly number[], most: number): number | undefined => steps[steps.length - 1 - most]

const isOf = (turn: Turn, task: Task, frame: Frame | null, site: number): boolean =>
  turn.task === task && turn.frame === frame && turn.site === site

function isBelow(frame: Frame | null, top: Frame | null): boolean {
  for (let at = top; at !== null; at = at.parent) if (at === frame) return true
  return false
}

/** Whether a value may have a state that no access shows: an iterator stands somewhere. */
function hides(value: unknown): boolean {
  if (!isObject(value) || typeof value === 'function') return false
  if (Array.isArray(value) || isMap(value) || isSet(value) || isTypedArray(value)) return false
  return isProxy(value) || 'next' in value
}
