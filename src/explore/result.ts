/** What an exploration found. */
import { AssertionError } from 'node:assert'
import type { FailureKind, WaitForGraph } from '../explain/index.js'

/** A schedule: the task of each step; the number of a root task, or the path (`'0.2'`) of a task started by a task. */
export type TaskSchedule = (number | string)[]

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

/** One failing execution. */
export interface ExplorationFailure {
  /** Which execution it was, counted from 1. */
  execution: number
  schedule: TaskSchedule
  kind: FailureKind
  message: string
}

/** The result of an exploration. */
export class InterleavingResult {
  /** False as soon as one execution failed in any way. */
  propertyHolds = true
  /** Every trace of the program was run: a proof for this setup. */
  exhaustive = false
  stoppedBy: StopReason = 'exhausted'
  failureKind?: FailureKind
  /** The first failing schedule. */
  counterexample?: TaskSchedule
  /** Executions run to their end. */
  numExplored = 0
  /** Distinct ones among them. */
  uniqueInterleavings = 0
  /** Runs cut short because their trace was already covered. */
  redundantRuns = 0
  failures: ExplorationFailure[] = []
  /** The story of the first failure, plain text. */
  explanation?: string
  reproductionAttempts = 0
  reproductionSuccesses = 0
  /** Executions it cost to make the counterexample small: fewest context switches, then fewest steps. */
  shrinkRuns = 0
  /** The failing schedule as one short string, for the `replay` option. */
  replay?: string
  /** Who waits for whom, if the failure is a deadlock. */
  deadlock?: WaitForGraph
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
        message: `frontrun: the property held in ${this.numExplored} executions, but the search was not exhaustive (stopped by ${this.stoppedBy})`,
        stackStartFn: this.assertHolds,
      })
    }
  }
}
