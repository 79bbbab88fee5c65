/**
 * A recorded execution: what each task did, step by step, up to the failure. The runtime writes it, this room reads it.
 * It is plain data: nothing in here keeps the user's objects alive, except `RecordedFailure.error`.
 */

/** A place in the original source. Lines and columns count from 1. */
export interface SourcePosition {
  file: string
  line: number
  column: number
  functionName: string
}

export type AccessKind = 'read' | 'write' | 'update' | 'acquire' | 'release'

/** What sort of location was accessed. `settle`: a promise or another first-wins cell. */
export type LocationSort = 'field' | 'variable' | 'element' | 'key' | 'size' | 'lock' | 'settle'

export interface RecordedAccess {
  kind: AccessKind
  /** Number of the location, the same for every access to it in this trace. */
  location: number
  /** The location's name for people: `account.balance`, `cache.get('k')`, `state.items[2]`, `counter`. */
  name: string
  site?: SourcePosition
  /** The value read or written, printed (see `printValue`). */
  value?: string
  /** The call chain, innermost caller first, without `site` itself. */
  stack: SourcePosition[]
  object?: LocationSort
}

export interface RecordedStep {
  /** Path of the task: `0`, and `0.2` for the second task that task 0 started. */
  task: string
  /** `Task 0`, `Task alice`, `Thread 1`, `Task 0.2 (timer)`. */
  label: string
  /** Earlier steps (indices) that happen before this one by spawn, settle→resume, join or wake. Program order is implied. */
  causes: number[]
  /** In the order in which they happened. */
  accesses: RecordedAccess[]
  suspendedAt?: SourcePosition
  kind?: 'timer' | 'reaction' | 'microtask' | 'task'
}

/** A task that can't go on at the end of the execution. */
export interface BlockedTask {
  task: string
  label: string
  /** `lock forks[1]`, `an item in queue jobs`, `a promise created at x.ts:3`. */
  waitsFor: string
  /** Name of the location it waits for, where `waitsFor` does not end with it: `jobs`. */
  resource?: string
  site?: SourcePosition
  /** Ids of the tasks that could let it go on: holders of the lock, the task whose end is awaited. */
  heldBy?: string[]
}

export type FailureKind =
  | 'invariant'
  | 'error'
  | 'deadlock'
  | 'livelock'
  | 'timeout'
  | 'nondeterminism'
  | 'serializability'
  | 'race'

export interface RecordedFailure {
  kind: FailureKind
  message: string
  /** What was thrown, by a task or by the invariant. */
  error?: unknown
  task?: string
  /** Index of the step in which it happened. */
  step?: number
  /** Where the error was thrown, if known better than from the error's stack. */
  site?: SourcePosition
  /** Locations that took part in the failure: what the invariant read, the racing pair. */
  locations?: number[]
}

export interface RecordedTrace {
  unit: 'task' | 'thread'
  steps: RecordedStep[]
  blocked: BlockedTask[]
  failure: RecordedFailure
  /** Source text of the invariant; empty if there is none. */
  invariant: string
}
