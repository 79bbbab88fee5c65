/** What the scheduler is given, and what it gives back. */
import type { ClockMode } from './clock.js'
import type { Segment } from './event-loop/event-loop.js'
import type { Execution } from './execution.js'
import type { MarkerGate } from './marker-gate.js'
import type { Race } from './races.js'
import type { LoggedAccess } from './recorder.js'
import type { Task, TaskIdentity } from './task.js'
import type { Failure } from './task-ledger.js'

export interface Program {
  setup: Function
  tasks: Function[]
  invariant: Function | null
  /** What each task is called with. Default: the state. */
  args?: readonly (readonly unknown[])[]
  unit: 'task' | 'thread'
  /** Called with the state when all tasks have ended, before the invariant. */
  fingerprint?: ((state: unknown) => Fingerprint) | undefined
}

/** What is compared of a final state, and how it is told. */
export interface Fingerprint {
  hash: string
  shown: string
}

/** `any`: each await may take as long as it likes. `engine`: only what an event loop could do. */
export type Fidelity = 'any' | 'engine'

export interface Limits {
  maxSteps: number
  timeoutPerRun: number
  deadlockTimeout: number
  clock: ClockMode
  /** Races are looked for. */
  errorOnAnyRace?: boolean
  fidelity: Fidelity
}

/** How an execution is run, besides the strategy. */
export interface RunOptions {
  /** Keep the story. */
  log?: boolean
  /** Keep every step's footprint, to compare. */
  compare?: boolean
  /** Leave the invariant out. */
  withoutInvariant?: boolean
  /** The root tasks, by number, one after the other. */
  serial?: readonly number[]
  /** Trace markers decide who runs; the strategy is only told. */
  markers?: MarkerGate
}

export interface ExecutionResult {
  /** Identity of the task of each step. */
  schedule: TaskIdentity[]
  /** Ended as the program does, rather than being cut. */
  complete: boolean
  /** The strategy stopped it: its trace is covered. */
  redundant: boolean
  failure: Failure | null
  /** The root tasks. */
  roots: readonly Task[]
  /** Tasks that can never go on. */
  blocked: Task[]
  /** Cut by the step limit under a schedule that starved somebody. */
  starved: boolean
  /** Cut since a loop would have gone on and on while others waited: its site; 0 if not. */
  unfairLoop: number
  /** A loop in which time passes was held while it could have turned, and somebody read the clock: more times may be seen. */
  timeLeftOut: boolean
  /** An interval could have turned once more. */
  intervalCut: boolean
  /** A timer fired while other work was ready. */
  overtook: boolean
  state: unknown
  fingerprint: Fingerprint | undefined
  /** What the invariant returned or threw. */
  verdict: { value?: unknown; error?: unknown; threw: boolean } | null
  log: LoggedAccess[] | null
  /** With `fidelity: 'engine'`: the parts of the steps, each of one task, that the log's steps count. */
  segments: readonly Segment[] | null
  causes: number[][]
  /** Every step's accesses in ascending order, if asked for. */
  footprints: number[][] | null
  /** Accesses that nothing orders, if they are looked for. */
  races: readonly Race[]
  execution: Execution
}

/** Setup threw, rejected or never ended: nothing can be explored. */
export class SetupError extends Error {}
