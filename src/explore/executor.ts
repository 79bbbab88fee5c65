/** Runs executions of one program, one after the other, and judges them. */

import { detectorsFor } from '../detect/index.js'
import { NondeterminismError, type Strategy } from '../engine/index.js'
import type { FailureKind } from '../explain/index.js'
import { runtime } from '../runtime/index.js'
import { type ExecutionResult, type RunOptions, SetupError } from '../runtime/program.js'
import { Scheduler } from '../runtime/scheduler.js'
import { Session, SessionError } from '../runtime/session.js'
import type { TaskIdentity } from '../runtime/task.js'
import { checkInstrumentation, checkOneCopy, checkPackagesTraced } from './coverage.js'
import { FrontrunError } from './errors.js'
import { FixedSchedule } from './fixed-schedule.js'
import type { CheckedOptions } from './options.js'
import { type DataRace, describeRace, racesOf } from './races.js'
import type { TaskSchedule } from './result.js'
import { fingerprintOf, SerialOutcomes } from './serial-outcomes.js'

/** How a failing execution failed. */
export interface Verdict {
  kind: FailureKind
  message: string
  error?: unknown
  /** More lines for the story. */
  details?: readonly string[]
}

export interface Judged {
  run: ExecutionResult
  /** Null: nothing is wrong. */
  verdict: Verdict | null
}

export class Executor {
  private readonly session: Session
  scheduler: Scheduler
  private readonly serial: SerialOutcomes | null

  /** Takes the process for an exploration; `end` gives it back. */
  constructor(
    readonly api: string,
    readonly options: CheckedOptions,
    session?: Session,
  ) {
    checkOneCopy(api)
    checkPackagesTraced(api, options.tracePackages)
    this.session = session ?? beginSession(api, options)
    this.scheduler = this.newScheduler()
    const names = options.tasks.map((_, index) => options.names?.[index] ?? String(index))
    this.serial = options.serializable
      ? new SerialOutcomes(api, names, async (strategy, how) => this.execute(strategy, how))
      : null
  }

  end(): void {
    this.session.end()
  }

  /** The same program with other options, within this exploration; this executor is of no more use then. */
  withOptions(options: Partial<CheckedOptions>): Executor {
    return new Executor(this.api, { ...this.options, ...options }, this.session)
  }

  private newScheduler(known: Scheduler | null = null): Scheduler {
    const { setup, tasks, args, invariant, unit } = this.options
    const { serializable } = this.options
    const fingerprint = serializable === false ? undefined : fingerprintOf(serializable)
    const program = { setup, tasks, args, invariant, unit, fingerprint }
    const scheduler = new Scheduler(runtime, program, this.options, known?.starts)
    this.session.adoptModules(scheduler)
    return scheduler
  }

  /** Runs one execution. Throws a NondeterminismError when it does not do what the strategy knows it to do. */
  run(strategy: Strategy, options: RunOptions = {}): Judged | Promise<Judged> {
    const running = this.execute(strategy, options)
    const serially = this.serial !== null && !options.withoutInvariant
    // For executions that need the event loop only: awaiting each would take longer than many of the others do.
    if (running instanceof Promise)
      return running.then(run => (serially ? this.judgeSerially(run) : { run, verdict: this.judge(run) }))
    return serially ? this.judgeSerially(running) : { run: running, verdict: this.judge(running) }
  }

  private judge(run: ExecutionResult): Verdict | null {
    const verdict = judge(run, this.session)
    if (run.redundant || run.races.length === 0 || (verdict !== null && verdict.kind !== 'invariant')) return verdict
    const [race] = racesOf(run, this.scheduler, this.options)
    return { kind: 'race', message: describeRace(race as DataRace) }
  }

  private async judgeSerially(run: ExecutionResult): Promise<Judged> {
    const verdict = this.judge(run)
    const serial = this.serial as SerialOutcomes
    const { fingerprint } = run
    if (verdict !== null || fingerprint === undefined || serial.knows(fingerprint)) return { run, verdict }
    if (await serial.has(fingerprint)) return { run, verdict }
    const message = `the final state equals that of no sequential order of the tasks: ${fingerprint.shown}`
    return { run, verdict: { kind: 'serializability', message, details: serial.describe() } }
  }

  private execute(strategy: Strategy, options: RunOptions): ExecutionResult | Promise<ExecutionResult> {
    let running: ExecutionResult | Promise<ExecutionResult>
    try {
      running = this.scheduler.execute(strategy, options)
    } catch (error) {
      leave()
      throw asUsersError(error)
    }
    if (running instanceof Promise) return this.later(running)
    leave()
    return running
  }

  private async later(running: Promise<ExecutionResult>): Promise<ExecutionResult> {
    try {
      return await running
    } catch (error) {
      throw asUsersError(error)
    } finally {
      leave()
    }
  }

  /**
   * Runs once without counting: objects that outlive executions are known afterwards, most of what calls for a fresh
   * start has been learned, and what the first counted execution does can be compared.
   */
  async prepare(): Promise<ExecutionResult> {
    for (let repeated = false; ; ) {
      const { scheduler } = this
      const { run } = await this.run(new FixedSchedule([], scheduler.registry), {
        compare: true,
        withoutInvariant: true,
      })
      checkInstrumentation(this.api, this.options, run, scheduler)
      if (this.mustRestart) this.restart()
      // Whether a foreign function outlives executions shows in the second one only.
      else if (repeated || !run.execution.foreign.calledFunction) return run
      else repeated = true
    }
  }

  /** Runs one schedule. Throws a FrontrunError when the program can't follow it, unless `lenient` is set. */
  follow(schedule: TaskSchedule, options: RunOptions & { lenient?: boolean } = {}): Judged | Promise<Judged> {
    const strategy = new FixedSchedule(schedule, this.scheduler.registry, options.lenient)
    strategy.begin()
    return this.run(strategy, options)
  }

  /** Null: the program behaved differently this time. */
  async attempt(run: () => Judged | Promise<Judged>): Promise<Judged | null> {
    try {
      return await run()
    } catch (error) {
      if (error instanceof FrontrunError || error instanceof NondeterminismError) return null
      throw error
    }
  }

  /** An execution taught what changes the steps or their footprints: what was explored so far is not comparable. */
  get mustRestart(): boolean {
    const { scheduler } = this
    if (scheduler.recorder.learnedOrder || scheduler.recorder.inheritance.learned.size > 0 || scheduler.adoptionIsNews)
      return true
    if (scheduler.starts.learned) return true
    return scheduler.points && (scheduler.macroIsNews || (scheduler.startTouched && !scheduler.explicitStart))
  }

  /** A new numbering, with what was learned about the program. */
  restart(): void {
    const { scheduler: old } = this
    const fresh = this.newScheduler(old)
    fresh.explicitStart = old.explicitStart || old.startTouched
    fresh.recorder.ordered = old.recorder.ordered
    fresh.resources.atStart = old.resources.atStart
    fresh.recorder.inheritance.live = new Set([...old.recorder.inheritance.live, ...old.recorder.inheritance.learned])
    fresh.walksState = old.walksState || old.adopted || fresh.recorder.inheritance.live.size > 0
    fresh.knowsMacro = old.knowsMacro || old.sawMacro
    this.scheduler = fresh
  }
}

/** After an execution nothing belongs to the exploration any more. */
function leave(): void {
  runtime.on = false
  runtime.execution = null
  runtime.points = false
  runtime.eventLoop = null
}

function asUsersError(error: unknown): unknown {
  return error instanceof SetupError ? new FrontrunError(error.message, { cause: error.cause }) : error
}

function beginSession(api: string, options: CheckedOptions): Session {
  try {
    return Session.begin({
      seed: options.seed,
      time: options.clock === 'real' ? 'real' : 'virtual',
      detectors: detectorsFor(options),
    })
  } catch (error) {
    if (error instanceof SessionError) throw new FrontrunError(`${api}: ${error.message}`)
    throw error
  }
}

/** A root task is known by its number outside, any other by its path. */
export const externalId = ({ root, path }: TaskIdentity): number | string =>
  root === null && /^\d+$/.test(path) ? Number(path) : path

export const scheduleOf = (run: ExecutionResult): TaskSchedule => run.schedule.map(externalId)

function judge(run: ExecutionResult, session: Session): Verdict | null {
  const unhandled = session.unhandled.splice(0)
  if (run.redundant || run.starved) return null
  if (run.failure !== null) {
    const { kind, message, error } = run.failure
    return kind === 'error' ? { kind, message, error } : { kind, message }
  }
  if (unhandled.length > 0) {
    const [error] = unhandled
    return { kind: 'error', message: `unhandled rejection: ${String(error)}`, error }
  }
  if (run.blocked.length > 0) {
    return { kind: 'deadlock', message: 'tasks wait for each other, or for something that nobody will bring about' }
  }
  return run.verdict === null ? null : judgeInvariant(run.verdict)
}

function judgeInvariant({ threw, value, error }: NonNullable<ExecutionResult['verdict']>): Verdict | null {
  if (threw) return { kind: 'invariant', message: error instanceof Error ? error.message : String(error), error }
  if (value === true || value === undefined) return null
  if (value === false) return { kind: 'invariant', message: 'the invariant does not hold' }
  throw new TypeError(
    `frontrun: the invariant returned ${typeof value === 'object' && value !== null ? 'an object' : String(value)}; it must return true or false (or nothing, and throw when it is violated). An assertion goes into braces: s => { expect(s.x).toBe(1) }`,
  )
}
