import { kindsConflict, WRITE } from './access.js'
import type { Guard } from './strategy.js'

/** Entries of vector clocks that are kept at most: a gigabyte. */
const MOST_CLOCKS = 2 ** 28

/**
 * The events of one execution, their vector clocks, and their races. It works as a stack: what a replayed prefix keeps
 * isn't computed again, and `truncate` takes the rest back.
 *
 * Per location the accesses form phases: a run of reads, a run of commuting updates, or a single exclusive access. An
 * access conflicts with the whole phase before its own and with nothing in its own, so only two phases matter to a new one.
 */
export class HappensBefore {
  length = 0

  constructor(private readonly mostClocks = MOST_CLOCKS) {}

  readonly tasks: number[] = []
  /** Canonical footprints, never changed once recorded: wakeup trees and sleep sets share them. */
  readonly footprints: (readonly number[])[] = []
  /** Pairs (earlier event, later event); a later event ≥ `length` is the pending operation of that number. */
  readonly races: number[] = []
  /** How much of `races` is filled: arrays are reused, not cut, which would give their memory back each time. */
  raceCount = 0

  /** Tasks of this execution by order of appearance: clocks are as wide as the execution, not as the exploration. */
  #slotCount = 0
  readonly #slotOfTask: number[] = []
  readonly #lastOfSlot: number[] = []
  readonly #slots: number[] = []
  readonly #positions: number[] = []
  readonly #programOrder: number[] = []
  readonly #causes: (readonly number[])[] = []

  #stride = 8
  #clocks = new Int32Array(8 * 64)
  #before = new Int32Array(8)

  /** Access records, a stack too. `#previous` links those of one phase, `#below` leads to the top of the phase before it. */
  #records = 0
  readonly #firstRecord: number[] = []
  readonly #event: number[] = []
  readonly #kind: number[] = []
  readonly #location: number[] = []
  readonly #previous: number[] = []
  readonly #below: number[] = []
  readonly #savedTop: number[] = []
  readonly #topOfLocation: number[] = []

  readonly #candidates: number[] = []
  #candidateCount = 0

  /** Adds an event, and its races to `races`. */
  append(task: number, footprint: readonly number[], causes: readonly number[], guard?: Guard): void {
    const event = this.length
    const slot = this.#slotFor(task)
    const last = this.#lastOfSlot[slot]
    const row = this.#startClock(event, last, causes)
    this.#joinConflicts(row, footprint, event, guard)
    const position = last < 0 ? 0 : this.#positions[last] + 1
    this.#clocks[row + slot] = position + 1
    this.tasks[event] = task
    this.footprints[event] = footprint
    this.#slots[event] = slot
    this.#positions[event] = position
    this.#programOrder[event] = last
    this.#causes[event] = causes.length === 0 ? causes : causes.slice()
    this.#lastOfSlot[slot] = event
    this.#firstRecord[event] = this.#records
    this.length = event + 1
    for (let i = 0; i < footprint.length; i++) this.#record(event, footprint[i] >>> 3, footprint[i] & 7)
  }

  /** Adds the races of an operation that never ran to `races`. */
  appendPending(
    index: number,
    task: number,
    footprint: readonly number[],
    causes: readonly number[],
    guard?: Guard,
  ): void {
    const row = this.#startClock(this.length, this.#lastOf(task), causes)
    this.#joinConflicts(row, footprint, this.length + index, guard)
  }

  /** Forgets all events from `length` on. */
  truncate(length: number): void {
    this.raceCount = 0
    while (this.length > length) {
      const event = --this.length
      const first = this.#firstRecord[event]
      while (this.#records > first) {
        const record = --this.#records
        this.#topOfLocation[this.#location[record]] = this.#savedTop[record]
      }
      const last = this.#programOrder[event]
      this.#lastOfSlot[this.#slots[event]] = last
      if (last < 0) {
        this.#slotOfTask[this.tasks[event]] = -1
        this.#slotCount--
      }
    }
  }

  happensBefore(earlier: number, later: number): boolean {
    return this.#clocks[later * this.#stride + this.#slots[earlier]] > this.#positions[earlier]
  }

  /**
   * Makes `isBefore` answer for the operation that follows in program order and by causes, whatever it accesses: for event
   * `event`, or for a pending operation of `task`.
   */
  startBefore(event: number): void {
    this.#fillBefore(this.#programOrder[event], this.#causes[event])
  }

  startBeforePending(task: number, causes: readonly number[]): void {
    this.#fillBefore(this.#lastOf(task), causes)
  }

  isBefore(event: number): boolean {
    return this.#before[this.#slots[event]] > this.#positions[event]
  }

  #fillBefore(last: number, causes: readonly number[]): void {
    const before = this.#before
    before.fill(0)
    if (last >= 0) this.#joinClock(before, 0, last)
    for (let i = 0; i < causes.length; i++) this.#joinClock(before, 0, causes[i])
  }

  #lastOf(task: number): number {
    const slot = this.#slotOfTask[task]
    return slot === undefined || slot < 0 ? -1 : this.#lastOfSlot[slot]
  }

  #slotFor(task: number): number {
    const slots = this.#slotOfTask
    while (slots.length <= task) slots.push(-1)
    if (slots[task] < 0) {
      slots[task] = this.#slotCount
      this.#lastOfSlot[this.#slotCount++] = -1
      if (this.#slotCount > this.#stride) this.#widen()
    }
    return slots[task]
  }

  /** The clock of what precedes an event by program order and causes, in the event's row; returns the row's offset. */
  #startClock(event: number, last: number, causes: readonly number[]): number {
    const stride = this.#stride
    const row = event * stride
    if (row + stride > this.#clocks.length) {
      const grown = this.#table(this.#clocks.length * 2)
      grown.set(this.#clocks)
      this.#clocks = grown
    }
    const clocks = this.#clocks
    if (last < 0) clocks.fill(0, row, row + stride)
    else for (let i = 0, from = last * stride; i < stride; i++) clocks[row + i] = clocks[from + i]
    for (let i = 0; i < causes.length; i++) this.#joinClock(clocks, row, causes[i])
    return row
  }

  /** @throws Error where steps times tasks are more than can be kept */
  #table(size: number): Int32Array<ArrayBuffer> {
    if (size <= this.mostClocks) return new Int32Array(size)
    throw new Error(
      `frontrun: an execution of ${this.length} steps by ${this.#slotCount} tasks is too long to be searched. Is there a loop without an end? Lower maxSteps to see where it is, or explore a smaller program.`,
    )
  }

  #joinClock(target: Int32Array, offset: number, event: number): void {
    const clocks = this.#clocks
    const width = this.#slotCount
    for (let i = 0, from = event * this.#stride; i < width; i++) {
      const time = clocks[from + i]
      if (time > target[offset + i]) target[offset + i] = time
    }
  }

  #widen(): void {
    const stride = this.#stride * 2
    const clocks = this.#table(Math.max(64, this.length + 1) * stride * 2)
    for (let event = 0; event < this.length; event++) {
      const from = event * this.#stride
      clocks.set(this.#clocks.subarray(from, from + this.#stride), event * stride)
    }
    this.#stride = stride
    this.#clocks = clocks
    this.#before = new Int32Array(stride)
  }

  /**
   * Joins the clocks of all conflicting events into the row. Taken from the latest to the earliest, an event that isn't yet
   * in the clock has nothing between it and the new event: those are the races.
   */
  #joinConflicts(row: number, footprint: readonly number[], later: number, guard: Guard | undefined): void {
    this.#candidateCount = 0
    const guarded = guard === undefined ? -1 : guard.location
    if (guard !== undefined) this.#joinGuarded(row, footprint, later, guard)
    for (let i = 0; i < footprint.length; i++) {
      const location = footprint[i] >>> 3
      if (location !== guarded) this.#addPhase(this.#conflictingPhase(location, footprint[i] & 7))
    }
    this.#raceWithCandidates(row, later)
  }

  /** Top record of the latest phase of a location that such an access conflicts with, or -1. */
  #conflictingPhase(location: number, kind: number): number {
    const top = location < this.#topOfLocation.length ? this.#topOfLocation[location] : -1
    return top >= 0 && !kindsConflict(kind, this.#kind[top]) ? this.#below[top] : top
  }

  #addPhase(top: number): void {
    if (top < 0) return
    const end = this.#below[top]
    for (let record = top; record !== end; record = this.#previous[record]) this.#addCandidate(this.#event[record])
  }

  #raceWithCandidates(row: number, later: number): void {
    const candidates = this.#candidates
    for (let i = 0; i < this.#candidateCount; i++) {
      const event = candidates[i]
      if (this.#clocks[row + this.#slots[event]] > this.#positions[event]) continue
      this.#addRace(event, later)
      this.#joinClock(this.#clocks, row, event)
    }
  }

  /**
   * The accesses of the location that a guarded operation waits for. Its order with a step can't be reversed if the condition
   * didn't hold before that step: it was not enabled there. What can be reversed then is its order with an earlier step, one
   * before which it held: for a lock, not the hand-over but the order of the two acquires.
   */
  #joinGuarded(row: number, footprint: readonly number[], later: number, guard: Guard): void {
    const kind = kindAt(footprint, guard.location)
    const latest = this.#conflictingPhase(guard.location, kind)
    for (let top = latest, found = false; top >= 0 && !found; top = this.#below[top]) {
      if (!kindsConflict(kind, this.#kind[top])) continue
      const end = this.#below[top]
      for (let record = top; record !== end; record = this.#previous[record]) {
        const event = this.#event[record]
        // What it follows by program order or causes it can't be moved before.
        if (this.#clocks[row + this.#slots[event]] > this.#positions[event]) found = true
        else if (guard.heldBefore(event)) {
          this.#addCandidate(event)
          found = true
        }
      }
    }
    this.#raceWithCandidates(row, later)
    this.#candidateCount = 0
    // The rest is no race, but an order all the same.
    if (latest < 0) return
    const end = this.#below[latest]
    for (let record = latest; record !== end; record = this.#previous[record])
      this.#joinClock(this.#clocks, row, this.#event[record])
  }

  #addRace(earlier: number, later: number): void {
    this.races[this.raceCount++] = earlier
    this.races[this.raceCount++] = later
  }

  /** Keeps the candidates in descending order without duplicates: they are few. */
  #addCandidate(event: number): void {
    const candidates = this.#candidates
    let i = this.#candidateCount
    while (i > 0 && candidates[i - 1] < event) i--
    if (i > 0 && candidates[i - 1] === event) return
    for (let j = this.#candidateCount++; j > i; j--) candidates[j] = candidates[j - 1]
    candidates[i] = event
  }

  #record(event: number, location: number, kind: number): void {
    const tops = this.#topOfLocation
    while (tops.length <= location) tops.push(-1)
    const top = tops[location]
    const record = this.#records++
    const samePhase = top >= 0 && !kindsConflict(kind, this.#kind[top])
    let previous = top
    if (samePhase) {
      // A later event of the same task covers the earlier one: a loop that reads doesn't make the phase longer.
      if (this.#slots[this.#event[top]] === this.#slots[event]) previous = this.#previous[top]
    }
    this.#event[record] = event
    this.#kind[record] = kind
    this.#location[record] = location
    this.#savedTop[record] = top
    this.#previous[record] = previous
    this.#below[record] = samePhase ? this.#below[top] : top
    tops[location] = record
  }
}

/** What a footprint does to a location: a write, if it lists several accesses of it. */
function kindAt(footprint: readonly number[], location: number): number {
  let kind = -1
  for (let i = 0; i < footprint.length; i++)
    if (footprint[i] >>> 3 === location) kind = kind < 0 ? footprint[i] & 7 : WRITE
  return kind
}
