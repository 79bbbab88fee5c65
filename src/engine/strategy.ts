/** What a strategy answers when every enabled task is asleep or out of bound: this run can show nothing new. */
export const STOP = -1

/**
 * What a step had to wait for: it begins with an operation that can only run while a condition holds, such as taking a lock
 * or an item from a queue. The condition depends on one location, and whatever may change it does so by an access that
 * conflicts with every other: no commuting UPDATE. (With several locations there would be states in which it holds that no
 * reversal of two steps leads to.)
 */
export interface Guard {
  location: number
  /** Did the condition hold immediately before this earlier step of the execution? Asked only for steps that access `location`. */
  heldBefore(step: number): boolean
}

/** An operation that never ran: a blocked acquire, a cancelled timer. It takes part in the races of the execution. */
export interface PendingOperation {
  task: number
  /** What it waits for, if it is one that has to; the condition doesn't hold at the end of the execution. */
  guard?: Guard
  /** Encoded as in `access.ts`. */
  accesses: readonly number[]
  /** Indices of the steps that happen before it, besides the earlier steps of its own task. */
  causes: readonly number[]
}

/**
 * A step whose write depends on what it finds: compare-exchange, try-lock, a `resolve` of which the first wins.
 * Its access of `location` is listed as a WRITE when it succeeded and as a READ when it failed; in another order it may be the other one.
 */
export interface Attempt {
  location: number
  /**
   * What it accesses if it succeeds, and if it fails, where that differs in more than the kind of one access. `succeedsBefore`
   * is then asked for all steps: about the state in which, of the locations that the attempt depends on, those which the step
   * accesses are as they were before it, and the others as the attempt found them.
   */
  footprints?: readonly [success: readonly number[], failure: readonly number[]]
  /** Would it have succeeded immediately before this earlier step of the execution? Asked in `Strategy.end` only, and only for steps that access `location`. */
  succeedsBefore(step: number): boolean
}

/** What the caller knows of steps before they run, for the enabled tasks. Asked only during `Strategy.choose`. */
export interface Upcoming {
  /** The accesses of the task's next step if it has declared them, as it would make them now; undefined if they are not known. */
  footprint(task: number): readonly number[] | undefined
  /** Where in the program the task stands, as a number; 0 if it has not begun, or that is not known. */
  site(task: number): number
  /** Groups of enabled tasks of which each, once it has run, keeps the others from ever running. */
  readonly exclusive?: readonly (readonly number[])[]
}

/**
 * Decides which task runs next, one execution after the other. The caller runs:
 *
 * ```ts
 * while (strategy.begin()) {
 *   // … until nothing is enabled:
 *   const task = strategy.choose(enabled)
 *   if (task === STOP) break
 *   strategy.executed(task, accesses, causes)
 *   // …
 *   strategy.end(pending, complete)
 * }
 * ```
 */
export interface Strategy {
  /** It chooses among all that are enabled, in whatever order they come. */
  readonly draws?: boolean
  /** Prepares the next execution; false: nothing left to run. */
  begin(): boolean
  /**
   * The task to run next, or STOP.
   *
   * `enabled` is in order of preference: the task that ran last first if it can go on, then by number, tasks that only
   * wait for time last. `upcoming` is of use to random strategies only.
   */
  choose(enabled: readonly number[], upcoming?: Upcoming): number
  /**
   * The step just run by the chosen task.
   *
   * `causes`: indices (in this execution, from 0) of earlier steps that happen before it by spawn, settle→resume, join,
   * wake; program order is implied. The arrays are copied where they are kept: the caller may reuse them. A `guard` is
   * asked at once.
   */
  executed(task: number, accesses: readonly number[], causes: readonly number[], attempt?: Attempt, guard?: Guard): void
  /** The execution is over. `complete` is false when it was cut (STOP, step limit). */
  end(pending: readonly PendingOperation[], complete: boolean): void
}

/** What a systematic search counts while it runs. */
export interface SearchStatistics {
  /** Executions that ran to their end. */
  readonly executions: number
  /** Runs that were stopped because their trace was already covered. */
  readonly redundant: number
  /** Nothing is left to run. */
  readonly exhausted: boolean
  /** About how many executions are left; undefined as long as nothing can be said. */
  estimate(): number | undefined
}
