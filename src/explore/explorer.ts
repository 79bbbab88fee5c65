/** The loop over executions: runs what a search asks for, judges each, and tells the story of the first failure. */
import { NondeterminismError, type SearchStatistics, type Strategy } from '../engine/index.js'
import { monotonicNow, nativeSetImmediate } from '../runtime/natives.js'
import type { ExecutionResult } from '../runtime/program.js'
import type { TaskIdentity } from '../runtime/task.js'
import { tellCounterexample } from './counterexample.js'
import { judgeOnEventLoop } from './event-loop-verdict.js'
import { Executor, type Judged, scheduleOf, type Verdict } from './executor.js'
import { LeftOut } from './left-out.js'
import type { CheckedOptions } from './options.js'
import { InterleavingResult, type TaskSchedule } from './result.js'
import { describeFailure } from './story.js'

export type Search = Strategy &
  SearchStatistics & {
    /** Something was left out for the preemption bound. */
    readonly cut?: boolean
    /** Distinct traces, of a search that may run one several times. */
    readonly uniqueTraces?: number
  }

/** Real milliseconds between two turns of the event loop, for the test framework's own timers. */
const BREATHE_EVERY = 50

const NONDETERMINISM = 'run again under the same schedule, the program did something else'

export class Explorer {
  readonly result = new InterleavingResult()
  readonly executor: Executor
  private firstVerdict: Verdict | null = null
  private readonly started = monotonicNow()
  private breathed = monotonicNow()
  private lastDepth = 0
  /** The search begins with the order that the probe ran in. */
  followsPreference = false
  /** Called after each execution. */
  onExecution: ((judged: Judged) => void) | undefined

  constructor(api: string, options: CheckedOptions) {
    this.executor = new Executor(api, options)
  }

  get options(): CheckedOptions {
    return this.executor.options
  }

  /** Explores with the strategy that `newSearch` makes; it is made anew when what was learned calls for a fresh start. */
  async explore(newSearch: (macroSteps: boolean) => Search): Promise<InterleavingResult> {
    const { executor, result } = this
    try {
      for (;;) {
        const probe = await this.prepare()
        if (probe === null) break
        const macroSteps = this.options.unit === 'task' || executor.scheduler.knowsMacro
        if ((await this.search(newSearch(macroSteps), probe)) === 'done') break
        executor.restart()
        result.forget()
        this.firstVerdict = null
      }
      if (this.firstVerdict !== null) {
        await tellCounterexample(executor, result, this.firstVerdict)
        await judgeOnEventLoop(executor, result)
      }
      this.progress(this.lastDepth, undefined)
      return result
    } finally {
      executor.end()
    }
  }

  /** Runs one schedule and judges it, as an exploration of one execution. */
  async exploreSchedule(schedule: TaskSchedule): Promise<InterleavingResult> {
    const { executor, result } = this
    try {
      await executor.prepare()
      const { run, verdict } = await executor.follow(schedule)
      result.numExplored = 1
      result.uniqueInterleavings = 1
      if (verdict !== null) {
        this.fail(run, verdict)
        await tellCounterexample(executor, result, verdict)
        await judgeOnEventLoop(executor, result)
      }
      result.stoppedBy = 'replay'
      result.notExhaustiveBecause = 'only the schedule to replay was run'
      return result
    } finally {
      executor.end()
    }
  }

  /** The execution that does not count; null: it was not like the one before. */
  private async prepare(): Promise<ExecutionResult | null> {
    try {
      return await this.executor.prepare()
    } catch (error) {
      if (!(error instanceof NondeterminismError)) throw error
      this.failNondeterministic(error)
      return null
    }
  }

  private async search(search: Search, probe: ExecutionResult): Promise<'done' | 'restart'> {
    const { executor, options, result } = this
    const leftOut = new LeftOut(options.clock)
    while (search.begin()) {
      const first = search.executions === 0
      const { executions } = search
      let judged: Judged
      try {
        const running = executor.run(search, { compare: first })
        judged = running instanceof Promise ? await running : running
        if (first) compare(probe, judged.run, this.followsPreference)
      } catch (error) {
        if (!(error instanceof NondeterminismError)) throw error
        this.failNondeterministic(error)
        return 'done'
      }
      const { run, verdict } = judged
      this.onExecution?.(judged)
      result.numExplored = search.executions
      result.redundantRuns = search.redundant
      leftOut.note(run)
      this.lastDepth = run.schedule.length
      // A bounded search may come by a trace again, with fewer preemptions left: that was judged before.
      const fails = verdict !== null && !(run.complete && search.executions === executions)
      if (fails) this.fail(run, verdict)
      if (fails && options.stopOnFirst) {
        result.stoppedBy = 'violation'
        break
      }
      if (executor.mustRestart) return 'restart'
      if (search.executions >= options.maxExecutions && !search.exhausted) {
        result.stoppedBy = 'maxExecutions'
        break
      }
      if (monotonicNow() - this.started > options.totalTimeout) {
        result.stoppedBy = 'totalTimeout'
        break
      }
      if (monotonicNow() - this.breathed >= BREATHE_EVERY) await this.breathe(search)
    }
    result.uniqueInterleavings = search.uniqueTraces ?? result.numExplored
    if (result.stoppedBy === 'exhausted') {
      if (search.cut) result.stoppedBy = 'preemptionBound'
      else if (!search.exhausted) result.stoppedBy = 'maxAttempts'
      else if (leftOut.stepCut) result.stoppedBy = 'maxSteps'
    }
    const unfinished = result.failures.some(({ kind }) => kind === 'livelock' || kind === 'timeout')
    result.notExhaustiveBecause =
      result.stoppedBy !== 'exhausted' ? `the search was stopped by ${result.stoppedBy}` : leftOut.reason(unfinished)
    result.exhaustive = search.exhausted && result.notExhaustiveBecause === undefined
    if (result.numExplored === 0 && result.propertyHolds) this.failUnfinished()
    return 'done'
  }

  /** Not one execution came to its end: nothing was shown. */
  private failUnfinished(): void {
    const { result } = this
    result.propertyHolds = false
    result.failureKind = 'livelock'
    const message = `no execution ended within maxSteps (${this.options.maxSteps}) steps`
    result.failures.push({ execution: 0, schedule: [], kind: 'livelock', message })
    result.explanation = `Livelock: ${message}.`
  }

  /** An execution could not be compared with the ones before: that is the failure. */
  private failNondeterministic(error: NondeterminismError): void {
    const { result } = this
    result.propertyHolds = false
    result.failureKind = 'nondeterminism'
    result.stoppedBy = 'violation'
    result.exhaustive = false
    result.notExhaustiveBecause = NONDETERMINISM
    result.explanation = describeFailure(error, this.executor.scheduler, result.numExplored)
    const execution = result.numExplored + 1
    result.failures.push({ execution, schedule: [], kind: 'nondeterminism', message: NONDETERMINISM })
    // What was found before can't be relied upon either.
    this.firstVerdict = null
  }

  private fail(run: ExecutionResult, verdict: Verdict): void {
    const { result } = this
    const schedule = scheduleOf(run)
    const { kind, message } = verdict
    result.failures.push({ execution: result.numExplored, schedule, kind, message })
    if (this.firstVerdict !== null) return
    this.firstVerdict = verdict
    result.propertyHolds = false
    result.failureKind = kind
    result.counterexample = schedule
    if ('error' in verdict) result.error = verdict.error
  }

  private async breathe(search: Search): Promise<void> {
    await new Promise(resolve => nativeSetImmediate(resolve))
    this.breathed = monotonicNow()
    this.progress(this.lastDepth, search.estimate())
  }

  private progress(depth: number, estimate: number | undefined): void {
    const { numExplored: executions } = this.result
    this.options.onProgress?.({ executions, depth, elapsed: monotonicNow() - this.started, estimate })
  }
}

/** Throws unless the first execution did what the probe did under the same schedule. */
function compare(probe: ExecutionResult, run: ExecutionResult, sameOrder: boolean): void {
  // Where an execution was cut is a matter of time.
  if (!probe.complete || !run.complete) return
  const [before, now] = [probe.footprints ?? [], run.footprints ?? []]
  for (let step = 0; step < Math.min(before.length, now.length); step++) {
    const task = probe.schedule[step] as TaskIdentity
    const [expected, actual] = [before[step] as number[], now[step] as number[]]
    if (run.schedule[step] !== task) {
      if (sameOrder) throw new NondeterminismError(step, task.number, expected, undefined)
      return
    }
    if (expected.length !== actual.length || expected.some((access, index) => access !== actual[index])) {
      throw new NondeterminismError(step, task.number, expected, actual)
    }
  }
  const more = before.length > now.length ? probe : run
  const step = Math.min(before.length, now.length)
  const task = more.schedule[step]
  if (sameOrder && task !== undefined)
    throw new NondeterminismError(step, task.number, more.footprints?.[step] ?? [], undefined)
}
