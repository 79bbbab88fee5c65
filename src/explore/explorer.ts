/** The loop over executions: runs what the strategy asks for, judges each, and tells the story of the first failure. */
import { NondeterminismError, type SearchStatistics, type Strategy } from '../engine/index.js'
import type { FailureKind } from '../explain/index.js'
import { runtime } from '../runtime/index.js'
import { monotonicNow, nativeSetImmediate } from '../runtime/natives.js'
import { type ExecutionResult, type RunOptions, Scheduler, SetupError } from '../runtime/scheduler.js'
import { Session, SessionError } from '../runtime/session.js'
import type { TaskIdentity } from '../runtime/task.js'
import { checkInstrumentation, checkPackagesTraced } from './coverage.js'
import { FrontrunError } from './errors.js'
import { FixedSchedule } from './fixed-schedule.js'
import type { CheckedOptions } from './options.js'
import { encodeReplay, shapeOf } from './replay-string.js'
import { InterleavingResult, type TaskSchedule } from './result.js'
import { deadlockOf, describeFailure, tellStory } from './story.js'

export type Search = Strategy & SearchStatistics & { readonly cut?: boolean }

/** How a failing execution failed. */
export interface Verdict {
  kind: FailureKind
  message: string
  error?: unknown
}

interface Followed {
  run: ExecutionResult
  verdict: Verdict | null
}

/** Real milliseconds between two turns of the event loop, for the test framework's own timers. */
const BREATHE_EVERY = 50

export class Explorer {
  readonly result = new InterleavingResult()
  readonly session: Session
  scheduler: Scheduler
  private readonly started = monotonicNow()
  private breathed = monotonicNow()

  constructor(
    readonly api: string,
    readonly options: CheckedOptions,
  ) {
    checkPackagesTraced(api, options.tracePackages)
    this.session = beginSession(api, options)
    this.scheduler = this.newScheduler()
  }

  newScheduler(): Scheduler {
    const { options } = this
    const scheduler = new Scheduler(
      runtime,
      { setup: options.setup, tasks: options.tasks, invariant: options.invariant, unit: options.unit },
      options,
    )
    this.session.adoptModules(scheduler)
    return scheduler
  }

  /** Explores with the strategy that `newSearch` makes; it is made anew when what was learned calls for a fresh start. */
  async explore(newSearch: (macroSteps: boolean) => Search): Promise<InterleavingResult> {
    const { options, result } = this
    let macroSteps = options.unit === 'task'
    try {
      for (;;) {
        const probe = await this.prepare()
        if (probe === null) break
        macroSteps ||= this.scheduler.sawMacro
        if ((await this.search(newSearch(macroSteps), probe)) === 'done') break
        this.restart()
        result.forget()
      }
      if (result.counterexample !== undefined) await this.reproduce()
      this.progress(this.lastDepth, undefined)
      return result
    } finally {
      this.session.end()
    }
  }

  private lastDepth = 0

  /**
   * A first run that does not count: objects that outlive executions are known afterwards, most of what calls for a
   * fresh start has been learned, and what the first counted execution does can be compared.
   */
  async prepare(): Promise<ExecutionResult | null> {
    for (;;) {
      const run = await this.probe()
      if (run === null || !this.mustRestart()) return run
      this.restart()
    }
  }

  /** A new numbering, with what was learned about the program. */
  private restart(): void {
    const { scheduler: old } = this
    const fresh = this.newScheduler()
    fresh.explicitStart = old.explicitStart || old.startTouched
    fresh.recorder.ordered = old.recorder.ordered
    fresh.sawMacro = old.sawMacro
    this.scheduler = fresh
  }

  private async probe(): Promise<ExecutionResult | null> {
    const { scheduler } = this
    const run = await this.execute(new FixedSchedule([], scheduler.registry), { compare: true, withoutInvariant: true })
    this.session.unhandled.length = 0
    if (run !== null) checkInstrumentation(this.api, this.options, run, scheduler)
    return run
  }

  private async search(search: Search, probe: ExecutionResult): Promise<'done' | 'restart'> {
    const { options, result } = this
    result.stoppedBy = 'exhausted'
    let intervalCut = false
    let stepCut = false
    for (;;) {
      if (!search.begin()) break
      const first = search.executions === 0
      const run = await this.execute(search, { compare: first })
      if (run === null || (first && !this.isRepeated(probe, run))) return 'done'
      result.numExplored = search.executions
      result.redundantRuns = search.redundant
      intervalCut ||= run.intervalCut
      stepCut ||= run.starved
      this.lastDepth = run.schedule.length
      const verdict = judge(run, this.session)
      if (verdict !== null) {
        this.fail(run.schedule, verdict)
        if (options.stopOnFirst) {
          result.stoppedBy = 'violation'
          break
        }
      }
      if (this.mustRestart()) return 'restart'
      if (search.executions >= options.maxExecutions && !search.exhausted) {
        result.stoppedBy = 'maxExecutions'
        break
      }
      if (monotonicNow() - this.started > options.totalTimeout) {
        result.stoppedBy = 'totalTimeout'
        break
      }
      await this.breathe(search)
    }
    result.uniqueInterleavings = result.numExplored
    if (result.stoppedBy === 'exhausted') {
      if (search.cut) result.stoppedBy = 'preemptionBound'
      else if (stepCut) result.stoppedBy = 'maxSteps'
    }
    const unfinished = result.failures.some(({ kind }) => kind === 'livelock' || kind === 'timeout')
    result.exhaustive = result.stoppedBy === 'exhausted' && search.exhausted && !intervalCut && !stepCut && !unfinished
    return 'done'
  }

  /** What an execution taught changes what the steps or their footprints are. */
  private mustRestart(): boolean {
    const { scheduler, options } = this
    if (scheduler.recorder.learnedOrder) return true
    if (options.unit === 'task') return false
    return (scheduler.sawMacro && !this.toldMacro()) || (scheduler.startTouched && !scheduler.explicitStart)
  }

  private macroTold = false
  private toldMacro(): boolean {
    const told = this.macroTold
    this.macroTold = true
    return told
  }

  /** Null: the execution could not be compared with the ones before; that is the failure. */
  private async execute(search: Strategy, run: RunOptions): Promise<ExecutionResult | null> {
    try {
      const result = this.scheduler.execute(search, run)
      return result instanceof Promise ? await result : result
    } catch (error) {
      if (error instanceof SetupError) throw new FrontrunError(error.message, { cause: error.cause })
      if (!(error instanceof NondeterminismError)) throw error
      this.failNondeterministic(error)
      return null
    } finally {
      runtime.on = false
      runtime.execution = null
      runtime.points = false
    }
  }

  /** Whether the first execution did what the probe did under the same schedule. */
  private isRepeated(probe: ExecutionResult, run: ExecutionResult): boolean {
    const [before, now] = [probe.footprints ?? [], run.footprints ?? []]
    for (let step = 0; step < Math.min(before.length, now.length); step++) {
      const task = probe.schedule[step] as TaskIdentity
      if (run.schedule[step] !== task) return true
      const [expected, actual] = [before[step] as number[], now[step] as number[]]
      if (expected.length === actual.length && expected.every((access, index) => access === actual[index])) continue
      this.failNondeterministic(new NondeterminismError(step, task.number, expected, actual))
      return false
    }
    return true
  }

  private failNondeterministic(error: NondeterminismError): void {
    const { result } = this
    result.propertyHolds = false
    result.failureKind = 'nondeterminism'
    result.stoppedBy = 'violation'
    result.exhaustive = false
    result.explanation = describeFailure(error, this.scheduler, result.numExplored)
    result.failures.push({
      execution: result.numExplored + 1,
      schedule: [],
      kind: 'nondeterminism',
      message: 'run again under the same schedule, the program did something else',
    })
  }

  private fail(schedule: readonly TaskIdentity[], verdict: Verdict): void {
    const { result } = this
    const tasks = schedule.map(externalId)
    result.failures.push({
      execution: result.numExplored,
      schedule: tasks,
      kind: verdict.kind,
      message: verdict.message,
    })
    if (result.counterexample !== undefined) return
    result.propertyHolds = false
    result.failureKind = verdict.kind
    result.counterexample = tasks
    if ('error' in verdict) result.error = verdict.error
  }

  /** Runs one schedule. Throws a FrontrunError when the program can't follow it. */
  async follow(schedule: TaskSchedule, log: boolean): Promise<Followed> {
    const { scheduler } = this
    const strategy = new FixedSchedule(schedule, scheduler.registry)
    strategy.begin()
    const run = await this.execute(strategy, { log })
    if (run === null) throw new FrontrunError('the schedule was not followed')
    return { run, verdict: judge(run, this.session) }
  }

  /** Runs one schedule and judges it, as an exploration of one execution. */
  async exploreSchedule(schedule: TaskSchedule): Promise<InterleavingResult> {
    const { result } = this
    try {
      if ((await this.prepare()) === null) return result
      const { run, verdict } = await this.follow(schedule, false)
      result.numExplored = 1
      result.uniqueInterleavings = 1
      if (verdict !== null) {
        this.fail(run.schedule, verdict)
        await this.reproduce()
      }
      result.stoppedBy = 'replay'
      return result
    } finally {
      this.session.end()
    }
  }

  /** Replays the counterexample: once for the story, and as often as asked for the statistics. */
  private async reproduce(): Promise<void> {
    const { options, result } = this
    const schedule = result.counterexample as TaskSchedule
    result.replay = encodeReplay(shapeOf(options), schedule)
    const story = await this.attempt(schedule, true)
    for (let attempt = 0; attempt < options.reproduceOnFailure; attempt++) {
      result.reproductionAttempts++
      const replayed = await this.attempt(schedule, false)
      if (replayed?.verdict?.kind === result.failureKind) result.reproductionSuccesses++
    }
    if (story?.verdict?.kind !== result.failureKind) {
      result.explanation = `${result.failures[0]?.message}\n\n  frontrun: the failing schedule could not be replayed for the story: the program does something that neither the schedule nor the seed decides.`
      return
    }
    const { run, verdict } = story as Followed
    const { scheduler } = this
    result.deadlock = deadlockOf(run, scheduler, options)
    result.explanation = tellStory(run, scheduler, verdict as Verdict, options, result)
  }

  /** Null: this time the program could not follow the schedule. */
  private async attempt(schedule: TaskSchedule, log: boolean): Promise<Followed | null> {
    try {
      return await this.follow(schedule, log)
    } catch (error) {
      if (error instanceof FrontrunError) return null
      throw error
    }
  }

  private async breathe(search: Search): Promise<void> {
    const now = monotonicNow()
    if (now - this.breathed < BREATHE_EVERY) return
    await new Promise(resolve => nativeSetImmediate(resolve))
    this.breathed = monotonicNow()
    this.progress(this.lastDepth, search.estimate())
  }

  private progress(depth: number, estimate: number | undefined): void {
    this.options.onProgress?.({
      executions: this.result.numExplored,
      depth,
      elapsed: monotonicNow() - this.started,
      estimate,
    })
  }
}

function beginSession(api: string, options: CheckedOptions): Session {
  try {
    return Session.begin({ seed: options.seed, virtualTime: true })
  } catch (error) {
    if (error instanceof SessionError) throw new FrontrunError(`${api}: ${error.message}`)
    throw error
  }
}

/** A root task is known by its number outside, any other by its path. */
export const externalId = (identity: TaskIdentity): number | string =>
  identity.root === null && /^\d+$/.test(identity.path) ? Number(identity.path) : identity.path

/** What is wrong with an execution; null: nothing. */
function judge(run: ExecutionResult, session: Session): Verdict | null {
  if (run.redundant || run.starved) return null
  if (run.failure !== null) {
    const { kind, message, error } = run.failure
    return kind === 'error' ? { kind, message, error } : { kind, message }
  }
  if (session.unhandled.length > 0) {
    const [error] = session.unhandled.splice(0)
    return { kind: 'error', message: `unhandled rejection: ${String(error)}`, error }
  }
  if (run.blocked.length > 0)
    return { kind: 'deadlock', message: 'tasks wait for each other, or for something that nobody will bring about' }
  return judgeInvariant(run)
}

function judgeInvariant({ verdict }: ExecutionResult): Verdict | null {
  if (verdict === null) return null
  if (verdict.threw) {
    const { error } = verdict
    return { kind: 'invariant', message: error instanceof Error ? error.message : String(error), error }
  }
  const { value } = verdict
  if (value === true || value === undefined) return null
  if (value === false) return { kind: 'invariant', message: 'the invariant does not hold' }
  throw new TypeError(
    `frontrun: the invariant returned ${typeof value === 'object' ? 'an object' : String(value)}; it must return true or false (or nothing, and throw when it is violated)`,
  )
}
