import { kindsConflict } from './access.js'

/**
 * The Mazurkiewicz trace of an execution as a 64-bit hash: equal for executions that run the same steps with the same order
 * of conflicting accesses. Kept while the execution runs, in time proportional to its accesses; a step's hash covers the
 * task, its number in the task, and the hashes of the steps it conflicts with directly, and steps are added up.
 *
 * Per location only two groups of accesses count: those that a next access may still commute with, and those before them.
 */
export class TraceHash {
  low = 0
  high = 0

  /** State of locations and tasks is valid for the current execution only if its epoch is. */
  #epoch = 0
  readonly #locationEpoch: number[] = []
  readonly #taskEpoch: number[] = []
  readonly #stepsOfTask: number[] = []
  readonly #kind: number[] = []
  readonly #currentLow: number[] = []
  readonly #currentHigh: number[] = []
  readonly #beforeLow: number[] = []
  readonly #beforeHigh: number[] = []

  /** Begins a new execution. */
  reset(): void {
    this.#epoch++
    this.low = 0
    this.high = 0
  }

  /** The accesses may be in any order. */
  step(task: number, accesses: readonly number[]): void {
    while (this.#taskEpoch.length <= task) {
      this.#taskEpoch.push(-1)
      this.#stepsOfTask.push(0)
    }
    if (this.#taskEpoch[task] !== this.#epoch) {
      this.#taskEpoch[task] = this.#epoch
      this.#stepsOfTask[task] = 0
    }
    const index = this.#stepsOfTask[task]++
    let low = mix(mix(0x9e3779b9, task), index)
    let high = mix(mix(0x7f4a7c15, index), task)
    for (let i = 0; i < accesses.length; i++) {
      const access = accesses[i]
      const location = access >>> 3
      this.#open(location)
      const joins = this.#kind[location] >= 0 && !kindsConflict(access & 7, this.#kind[location])
      const seenLow = joins ? this.#beforeLow[location] : this.#currentLow[location]
      const seenHigh = joins ? this.#beforeHigh[location] : this.#currentHigh[location]
      low = (low + mix(mix(mix(0x85ebca6b, access), seenLow), seenHigh)) | 0
      high = (high + mix(mix(mix(0xc2b2ae35, seenHigh), access), seenLow)) | 0
    }
    low = mix(low, high)
    high = mix(high, low)
    for (let i = 0; i < accesses.length; i++) this.#close(accesses[i] >>> 3, accesses[i] & 7, low, high)
    this.low = (this.low + low) | 0
    this.high = (this.high + high) | 0
  }

  #open(location: number): void {
    while (this.#locationEpoch.length <= location) {
      this.#locationEpoch.push(-1)
      this.#kind.push(-1)
      this.#currentLow.push(0)
      this.#currentHigh.push(0)
      this.#beforeLow.push(0)
      this.#beforeHigh.push(0)
    }
    if (this.#locationEpoch[location] === this.#epoch) return
    this.#locationEpoch[location] = this.#epoch
    this.#kind[location] = -1
    this.#currentLow[location] = this.#currentHigh[location] = 0
    this.#beforeLow[location] = this.#beforeHigh[location] = 0
  }

  #close(location: number, kind: number, low: number, high: number): void {
    if (this.#kind[location] >= 0 && !kindsConflict(kind, this.#kind[location])) {
      this.#currentLow[location] = (this.#currentLow[location] + low) | 0
      this.#currentHigh[location] = (this.#currentHigh[location] + high) | 0
      return
    }
    this.#kind[location] = kind
    this.#beforeLow[location] = this.#currentLow[location]
    this.#beforeHigh[location] = this.#currentHigh[location]
    this.#currentLow[location] = low
    this.#currentHigh[location] = high
  }
}

/** One round of MurmurHash3 with its finalizer. */
export function mix(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  let h = hash ^ k
  h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
