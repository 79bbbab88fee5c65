/** The options that all explorations have in common: their types, defaults and checks. */
import { searchOrder } from '../engine/index.js'
import type { Fidelity } from '../runtime/program.js'
import { FrontrunError } from './errors.js'
import { nearestName } from './nearest-name.js'

type Awaitable<T> = T | PromiseLike<T>

/** A task or thread: a function of the state. */
export type TaskFunction<S> = (state: S) => unknown
/** Functions in a list, or in a record whose keys name them in explanations. */
export type TaskFunctions<S> = readonly TaskFunction<S>[] | Readonly<Record<string, TaskFunction<S>>>

/** What `onProgress` is told. */
export interface Progress {
  /** Executions so far. */
  executions: number
  /** Steps of the last one. */
  depth: number
  /** Milliseconds since the exploration began. */
  elapsed: number
  /** About how many executions are left; an estimate, and undefined as long as nothing can be said. */
  estimate?: number
}

export interface ExploreOptions<S> {
  /** Makes fresh state for every execution. May be async; runs under the same virtual time and seeded randomness as the tasks. */
  setup: () => Awaitable<S>
  /** Async functions on one event loop: they switch at awaits. Exactly one of `tasks` and `threads` is given. */
  tasks?: TaskFunctions<S>
  /** Functions that are really preempted: they switch before every access to shared state. */
  threads?: TaskFunctions<S>
  /** Called with the state when all tasks have ended. `false` or a throw is a violation; `true` or `undefined` holds. */
  // biome-ignore lint/suspicious/noConfusingVoidType: an invariant that throws returns nothing
  invariant: (state: S) => Awaitable<boolean | undefined | void>
  /** Stop at the first failure (default), or collect all of them in `failures`. */
  stopOnFirst?: boolean
  /** Real milliseconds that one execution may take; more is a failure of kind `timeout`. Default 5000. */
  timeoutPerRun?: number
  /** Real milliseconds for the whole exploration; what was explored so far is returned. Default: none. */
  totalTimeout?: number
  /** Real milliseconds that code which is not instrumented may take without a sign of life. Default 5000. */
  deadlockTimeout?: number
  /** Steps per execution, those of `setup` included; more is a failure of kind `livelock`, unless the schedule was unfair. Default 100 000. */
  maxSteps?: number
  /** Packages, by name or glob, treated as the project's own code. They must have been loaded instrumented. */
  tracePackages?: readonly string[]
  /** How often a counterexample is replayed, besides once for the story. Default 10. */
  reproduceOnFailure?: number
  /**
   * `'explored'` (default): a pending timer may fire at any time. `'virtual'`: time moves only when nothing else can run.
   * `'real'`: the same order, but timers are waited for, and clocks show the real time; never exhaustive.
   */
  clock?: 'explored' | 'virtual' | 'real'
  /**
   * Operations on the outside world (files) conflict where they touch the same thing, and are scheduling points. `false`:
   * they are code that is not instrumented. Default true.
   */
  detectIo?: boolean
  /** See operations of `ioredis` and `redis` (node-redis) on Redis keys. Default true. */
  detectRedis?: boolean
  /**
   * `'any'` (default): each await may take as long as it likes, as if it waited for the outside world. `'engine'`: only what
   * an event loop could do, with the engine's order of microtasks. Tasks only.
   */
  fidelity?: Fidelity
  /** Seeds `Math.random` and `crypto`; any number. Default 0. */
  seed?: number
  /**
   * Two accesses of which one changes what the other sees, by two tasks, and that only the schedule orders, are a failure of
   * kind `race`, whatever the invariant says: see docs/threads.md#races. Default false.
   */
  errorOnAnyRace?: boolean
  /**
   * `true`: an execution fails whose final state equals that of no sequential order of the tasks. A function: what it
   * returns is compared instead of the state. Default `false`.
   */
  serializable?: boolean | ((state: S) => unknown)
  /** Run only this schedule: what a failure printed. Default: `FRONTRUN_REPLAY` of the environment, if set. */
  replay?: string
  /** Called at most every 50 ms while the exploration runs, and once at its end. Default: none. */
  onProgress?: (progress: Progress) => void
}

export interface ExploreDporOptions<S> extends ExploreOptions<S> {
  /** Stop after so many executions. Default: none. */
  maxExecutions?: number
  /** Only traces with at most so many preemptions. Default: every trace. */
  preemptionBound?: number | null
  /** In which order alternatives are taken: `'dfs'` (default), `'bit-reversal'`, `'round-robin'`, `'stride'`, `'conflict-first'`; with a seed as in `'stride:7'`. */
  search?: string
}

export interface ExploreInterleavingsOptions<S> extends ExploreOptions<S> {
  /** How many schedules are run. Default 200. */
  maxAttempts?: number
  /**
   * Length of the schedules that are drawn; steps beyond it run round-robin. Default for `strategy: 'random'`: 300 for
   * threads, 100 for tasks; for the other strategies there is no limit.
   */
  maxOps?: number
  /**
   * How schedules are drawn: `'random'` (default; fair rounds), `'walk'`, `'pct'` (with a depth as in `'pct:3'`), `'pos'`, `'urw'`,
   * `'surw'`, or `'portfolio'`, all in turn.
   */
  strategy?: string
  /** Seeds the schedules, `Math.random` and `crypto`: the same seed gives the same result. Default 0. */
  seed?: number
  /** Print each attempt's schedule and outcome on stderr. Default false. */
  debug?: boolean
}

/** Options that a later version will serve: refused rather than ignored. */
const NOT_YET: Record<string, (value: unknown) => boolean> = {
  detectSql: value => value !== false,
}

const KNOWN = new Set([
  ...[
    'setup',
    'tasks',
    'threads',
    'invariant',
    'stopOnFirst',
    'timeoutPerRun',
    'totalTimeout',
    'deadlockTimeout',
    'maxSteps',
  ],
  ...[
    'tracePackages',
    'reproduceOnFailure',
    'clock',
    'fidelity',
    'detectIo',
    'detectRedis',
    'seed',
    'replay',
    'onProgress',
    'errorOnAnyRace',
    'serializable',
  ],
])

/** Options of one kind of exploration only. The functions that run one schedule take those of exploreDpor. */
const OWNERS: Record<string, string> = {
  maxExecutions: 'exploreDpor',
  preemptionBound: 'exploreDpor',
  search: 'exploreDpor',
  maxAttempts: 'exploreInterleavings',
  maxOps: 'exploreInterleavings',
  strategy: 'exploreInterleavings',
  debug: 'exploreInterleavings',
  markers: 'exploreMarkerInterleavings',
}

/** Options with their defaults filled in, and the tasks as a list. */
export interface CheckedOptions {
  setup: Function
  tasks: Function[]
  /** What each task is called with. Default: the state. */
  args?: readonly (readonly unknown[])[]
  names: string[] | null
  unit: 'task' | 'thread'
  invariant: Function | null
  stopOnFirst: boolean
  timeoutPerRun: number
  totalTimeout: number
  deadlockTimeout: number
  maxSteps: number
  tracePackages: readonly string[]
  reproduceOnFailure: number
  clock: 'explored' | 'virtual' | 'real'
  fidelity: Fidelity
  detectIo: boolean
  detectRedis: boolean
  seed: number
  serializable: boolean | ((state: unknown) => unknown)
  replay: string | undefined
  /** Added to the message when the replay string does not fit. */
  replayOrigin: string
  onProgress: ((progress: Progress) => void) | undefined
  errorOnAnyRace: boolean
  maxExecutions: number
  preemptionBound: number | null
  search: string
}

/** Checks options before anything runs. Throws TypeError or FrontrunError naming the function called and the option. */
export function checkOptions(api: string, given: unknown, withInvariant = true): CheckedOptions {
  if (typeof given !== 'object' || given === null) throw new TypeError(`frontrun: ${api} expects an object of options`)
  const options = given as Record<string, unknown>
  for (const name of Object.keys(options)) {
    const value = options[name]
    if (value === undefined) continue
    const wants = NOT_YET[name]
    if (wants === undefined && !KNOWN.has(name)) checkOwner(api, name)
    if (wants?.(value))
      throw new FrontrunError(`${api}: the option '${name}: ${String(value)}' is not served by this version`)
  }
  const number = (name: string, otherwise: number, least = 0): number =>
    numberOption(api, options, name, otherwise, least)
  if (typeof options.setup !== 'function')
    throw new TypeError(`frontrun: ${api}: 'setup' must be a function that makes fresh state`)
  if (withInvariant && typeof options.invariant !== 'function') {
    throw new TypeError(`frontrun: ${api}: 'invariant' must be a function of the state`)
  }
  const { clock } = options
  if (clock !== undefined && clock !== 'explored' && clock !== 'virtual' && clock !== 'real') {
    throw new TypeError(`frontrun: ${api}: 'clock' must be 'explored', 'virtual' or 'real', not ${String(clock)}`)
  }
  const search = (options.search as string | undefined) ?? 'dfs'
  searchOrder(search)
  const bound = options.preemptionBound
  return {
    ...checkTasks(api, options),
    setup: options.setup,
    invariant: (options.invariant as Function | undefined) ?? null,
    stopOnFirst: checkBoolean(api, 'stopOnFirst', options.stopOnFirst, true),
    timeoutPerRun: number('timeoutPerRun', 5000),
    totalTimeout: number('totalTimeout', Number.POSITIVE_INFINITY),
    deadlockTimeout: number('deadlockTimeout', 5000),
    maxSteps: number('maxSteps', 100_000, 1),
    tracePackages: checkPackages(api, options.tracePackages),
    reproduceOnFailure: number('reproduceOnFailure', 10),
    errorOnAnyRace: checkBoolean(api, 'errorOnAnyRace', options.errorOnAnyRace, false),
    clock: clock ?? 'explored',
    fidelity: checkFidelity(api, options),
    detectIo: checkBoolean(api, 'detectIo', options.detectIo, true),
    detectRedis: checkBoolean(api, 'detectRedis', options.detectRedis, true),
    seed: number('seed', 0, Number.NEGATIVE_INFINITY),
    serializable: checkSerializable(api, options.serializable),
    ...replayFrom(options.replay, withInvariant),
    onProgress: options.onProgress as CheckedOptions['onProgress'],
    maxExecutions: number('maxExecutions', Number.POSITIVE_INFINITY, 1),
    preemptionBound: bound === undefined || bound === null ? null : number('preemptionBound', 0),
    search,
  }
}

/** A number of at least `least`, or `otherwise` if the option isn't given. */
export function numberOption(api: string, options: object, name: string, otherwise: number, least: number): number {
  const value: unknown = (options as Record<string, unknown>)[name]
  if (value === undefined) return otherwise
  if (typeof value !== 'number' || Number.isNaN(value) || value < least) {
    const range = least === Number.NEGATIVE_INFINITY ? '' : ` of at least ${least}`
    throw new TypeError(`frontrun: ${api}: '${name}' must be a number${range}, not ${String(value)}`)
  }
  return value
}

/** Throws for an option that the function does not know, or would ignore. */
function checkOwner(api: string, name: string): void {
  const owner = Object.hasOwn(OWNERS, name) ? OWNERS[name] : undefined
  if (owner === undefined) throw new TypeError(`frontrun: ${api}: unknown option '${name}'${suggestion(name)}`)
  const isRunner = !api.startsWith('explore') && owner === 'exploreDpor'
  if (owner === api || isRunner || (name === 'maxExecutions' && api === 'exploreMarkerInterleavings')) return
  throw new TypeError(`frontrun: ${api} would ignore the option '${name}': it belongs to ${owner}`)
}

/** The `replay` option, or what FRONTRUN_REPLAY says: so a failure is replayed without touching the code. */
function replayFrom(given: unknown, explores: boolean): Pick<CheckedOptions, 'replay' | 'replayOrigin'> {
  const { FRONTRUN_REPLAY } = process.env
  if (given !== undefined) return { replay: given as string, replayOrigin: '' }
  if (!explores || !FRONTRUN_REPLAY) return { replay: undefined, replayOrigin: '' }
  return { replay: FRONTRUN_REPLAY, replayOrigin: '. It is from FRONTRUN_REPLAY: run only the test that it belongs to' }
}

function checkTasks(api: string, options: Record<string, unknown>): Pick<CheckedOptions, 'tasks' | 'names' | 'unit'> {
  const { tasks, threads } = options
  if (tasks !== undefined && threads !== undefined) {
    throw new TypeError(`frontrun: ${api}: give either 'tasks' or 'threads', not both`)
  }
  const unit = threads !== undefined ? 'thread' : 'task'
  const given = threads ?? tasks
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`frontrun: ${api}: 'tasks' (or 'threads') must be a list or a record of functions`)
  const names = Array.isArray(given) ? null : Object.keys(given)
  const list: unknown[] = Array.isArray(given) ? given : Object.values(given)
  if (list.length === 0) throw new TypeError(`frontrun: ${api}: '${unit}s' is empty: there is nothing to explore`)
  list.forEach((task, index) => {
    if (typeof task !== 'function')
      throw new TypeError(`frontrun: ${api}: ${unit} ${names?.[index] ?? index} is not a function`)
  })
  return { tasks: list as Function[], names, unit }
}

function checkFidelity(api: string, { fidelity, threads, errorOnAnyRace, clock }: Record<string, unknown>): Fidelity {
  if (fidelity === undefined || fidelity === 'any') return 'any'
  if (fidelity !== 'engine')
    throw new TypeError(`frontrun: ${api}: 'fidelity' must be 'any' or 'engine', not ${String(fidelity)}`)
  if (threads !== undefined)
    throw new TypeError(
      `frontrun: ${api}: 'fidelity: engine' is about the order of jobs on one event loop: it has no meaning for 'threads'`,
    )
  if (errorOnAnyRace)
    throw new TypeError(
      `frontrun: ${api}: 'errorOnAnyRace' needs 'fidelity: any': on one event loop the engine orders whatever it runs`,
    )
  if (clock === 'real')
    throw new TypeError(
      `frontrun: ${api}: 'fidelity: engine' chooses when timers fire: it cannot be combined with 'clock: real'`,
    )
  return 'engine'
}

function checkBoolean(api: string, name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise
  if (typeof value !== 'boolean')
    throw new TypeError(`frontrun: ${api}: '${name}' must be true or false, not ${String(value)}`)
  return value
}

function checkSerializable(api: string, value: unknown): CheckedOptions['serializable'] {
  if (value === undefined || value === false) return false
  if (!api.startsWith('explore'))
    throw new TypeError(`frontrun: ${api} would ignore the option 'serializable': it runs one schedule`)
  if (value !== true && typeof value !== 'function')
    throw new TypeError(`frontrun: ${api}: 'serializable' must be true, false or a function of the state`)
  return value as true | ((state: unknown) => unknown)
}

function checkPackages(api: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.some(name => typeof name !== 'string')) {
    throw new TypeError(`frontrun: ${api}: 'tracePackages' must be a list of package names or globs`)
  }
  return value as string[]
}

/** ", did you mean …?" for a misspelt option. */
function suggestion(name: string): string {
  const close = nearestName(name, [...KNOWN, ...Object.keys(OWNERS), ...Object.keys(NOT_YET)], 2)
  return close === undefined ? '' : `, did you mean '${close}'?`
}
