/** What an exploration found. */
import { AssertionError } from 'node:assert'
import type { FailureKind, WaitForGraph } from '../explain/index.js'
import type { DataRace } from './races.js'

/** A schedule: the task of each step; the number of a root task, or the path (`'0.2'`) of a task started by a task. */
export type TaskSchedule = (number | string)[]

/**
 * Why an exploration ended: nothing is left to run (`'exhausted'`), a failure with `stopOnFirst`, a limit, or one schedule
 * was all there was to run (`'replay'`). `'schedules'`: every order of the trace markers was run. `'preemptionBound'`: something was beyond it. `'maxSteps'`: an execution was cut.
 */
export type StopReason =
  | 'exhausted'
  | 'violation'
  | 'maxExecutions'
  | 'totalTimeout'
  | 'preemptionBound'
  | 'maxSteps'
  | 'maxAttempts'
  | 'schedules'
  | 'replay'

/**
 * Whether a failure can come about on a real event loop, with the engine's own order of microtasks: it can, no order of
 * root tasks, timers and I/O leads to one like it, or finding out would have taken too long.
 */
export type OnEventLoop = 'possible' | 'impossible' | 'unknown'

/** One failing execution. */
export interface ExplorationFailure<C = TaskSchedule> {
  /** Which execution it was, counted from 1. */
  execution: number
  /** As it was run. */
  schedule: C
  kind: FailureKind
  /** One line, without the story. */
  message: string
  /** Of tasks: whether a failure like it can come about on a real event loop. */
  onEventLoop?: OnEventLoop
}

/**
 * The result of an exploration: a verdict, the counts behind it, and the story of the first failure.
 *
 * @example
 * const result = await exploreDpor({ setup, tasks, invariant })
 * expect(result.propertyHolds, result.explanation).toBe(true)
 */
export class InterleavingResult<C = TaskSchedule> {
  /** False as soon as one execution failed in any way. */
  propertyHolds = true
  /** Every trace of the program was run: a proof for this setup. */
  exhaustive = false
  /** Why the result is no proof, in words; undefined if it is one. */
  notExhaustiveBecause?: string
  stoppedBy: StopReason = 'exhausted'
  /** Of the first failure. */
  failureKind?: FailureKind
  /** The first failing schedule: the task of each step, or a `Schedule` of markers. */
  counterexample?: C
  /** Executions run to their end. */
  numExplored = 0
  /** Distinct ones among them. */
  uniqueInterleavings = 0
  /** Runs cut short because their trace was already covered. */
  redundantRuns = 0
  /** All failures found: one, unless `stopOnFirst` is false. */
  failures: ExplorationFailure<C>[] = []
  /** The story of the first failure, plain text. */
  explanation?: string
  /** How often the counterexample was replayed, and how often it failed in the same way. */
  reproductionAttempts = 0
  reproductionSuccesses = 0
  /** Executions it cost to make the counterexample small: fewest context switches, then fewest steps. */
  shrinkRuns = 0
  /** The failing schedule as one short string, for the `replay` option. */
  replay?: string
  /** Of the first failure, of tasks: whether one like it can come about on a real event loop. */
  onEventLoop?: OnEventLoop
  /** Who waits for whom, if the failure is a deadlock. */
  deadlock?: WaitForGraph
  /** The accesses that race in the first failing execution, if `errorOnAnyRace` is set and some do. */
  races?: DataRace[]
  /** What the first failing execution threw. */
  error?: unknown

  /** @internal Everything found so far is found again: the search starts anew. */
  forget(): void {
    Object.assign(this, new InterleavingResult())
  }

  /**
   * Throws an `AssertionError` with the explanation unless the property held.
   *
   * @param options `exhaustive: true` also demands that every trace was run
   * @example
   * const result = await exploreDpor({ setup, tasks, invariant })
   * result.assertHolds({ exhaustive: true })
   */
  assertHolds(options: { exhaustive?: boolean } = {}): void {
    if (!this.propertyHolds) {
      const error = new AssertionError({
        message: this.explanation ?? 'frontrun: the property does not hold',
        stackStartFn: this.assertHolds,
      })
      if (this.error !== undefined) error.cause = this.error
      throw error
    }
    if (options.exhaustive && !this.exhaustive) {
      throw new AssertionError({
        message: `frontrun: the property held in ${this.numExplored} executions, but the search was not exhaustive: ${this.notExhaustiveBecause ?? `stopped by ${this.stoppedBy}`}`,
        stackStartFn: this.assertHolds,
      })
    }
  }
}
