import { displayPath } from '../explain/index.js'
import { checkInstrumentation, checkMarkable } from '../explore/coverage.js'
import { FrontrunError } from '../explore/errors.js'
import { Executor, type Judged } from '../explore/executor.js'
import { nearestName } from '../explore/nearest-name.js'
import { type CheckedOptions, numberOption } from '../explore/options.js'
import { monotonicNow } from '../runtime/natives.js'
import type { ExecutionResult } from '../runtime/program.js'
import { IncompleteScheduleError, ScheduleStallError, TimeoutError, UnknownStepError } from './errors.js'
import { firstInLine } from './first-in-line.js'
import { MarkerRegistry } from './marker-registry.js'
import type { Schedule } from './schedule.js'
import { ScheduleTurns } from './schedule-turns.js'
import type { Step } from './step.js'
import { whereabouts } from './whereabouts.js'

const API = 'TraceExecutor'

export interface Worker {
  name: string
  run: Function
  args: readonly unknown[]
}

/** What a run leaves behind for whoever started it. */
export interface Outcomes {
  results: Record<string, unknown>
  errors: Record<string, unknown>
}

/** One run of workers under a schedule. */
export class WorkersRun {
  private readonly names: readonly string[]
  private readonly turns: ScheduleTurns
  private readonly options: CheckedOptions

  constructor(
    private readonly schedule: Schedule,
    workers: readonly Worker[],
    given: { timeout?: number; deadlockTimeout?: number },
    private readonly outcomes: Outcomes,
  ) {
    this.names = workers.map(({ name }) => name)
    this.turns = new ScheduleTurns(schedule.steps, this.names)
    this.options = {
      setup: () => undefined,
      tasks: workers.map(({ run }) => run),
      args: workers.map(({ args }) => args),
      names: [...this.names],
      unit: 'task',
      invariant: null,
      stopOnFirst: true,
      errorOnAnyRace: false,
      timeoutPerRun: numberOption(API, given, 'timeout', Number.POSITIVE_INFINITY, 0),
      totalTimeout: Number.POSITIVE_INFINITY,
      deadlockTimeout: numberOption(API, given, 'deadlockTimeout', 5000, 0),
      maxSteps: 100_000,
      tracePackages: [],
      reproduceOnFailure: 0,
      clock: 'virtual',
      fidelity: 'any',
      detectIo: false,
      detectRedis: false,
      seed: 0,
      serializable: false,
      replay: undefined,
      replayOrigin: '',
      onProgress: undefined,
      maxExecutions: 1,
      preemptionBound: null,
      search: 'dfs',
    }
  }

  /** Throws what `TraceExecutor.wait` throws. */
  async run(): Promise<void> {
    if (this.names.length === 0) throw new FrontrunError('TraceExecutor: no workers were given to run')
    this.checkWorkers()
    const started = monotonicNow()
    const executor = new Executor(API, this.options)
    try {
      const judged = await executor.run(firstInLine, { markers: this.turns })
      this.keep(judged.run)
      if (judged.verdict?.kind !== 'error') checkInstrumentation(API, this.options, judged.run, executor.scheduler)
      const stands = whereabouts(judged.run, executor.scheduler, this.names)
      this.judge(judged, stands, monotonicNow() - started)
    } finally {
      executor.end()
    }
  }

  private checkWorkers(): void {
    const { names, schedule, options } = this
    for (const [index, step] of schedule.steps.entries()) {
      if (names.includes(step.worker)) continue
      const nearest = nearestName(step.worker, names)
      throw new UnknownStepError(
        `${this.numbered(index)} is ${step}, but there is no worker '${step.worker}'. Did you mean '${nearest}'? (There are ${names.join(', ')}.)`,
        step,
      )
    }
    checkMarkable(API, options)
  }

  private keep(run: ExecutionResult): void {
    for (const [index, root] of run.roots.entries()) {
      const name = this.names[index] as string
      if (root.failed) this.outcomes.errors[name] = root.result
      else this.outcomes.results[name] = root.result
    }
    const { failure } = run
    const culprit = failure?.task?.identity
    if (failure?.kind !== 'error' || culprit === undefined) return
    const name = this.names[(culprit.root ?? culprit).number]
    if (name !== undefined && !(name in this.outcomes.errors)) this.outcomes.errors[name] = failure.error
  }

  private judge({ verdict }: Judged, stands: Record<string, string>, elapsed: number): void {
    const { turns, schedule, options } = this
    if (verdict?.kind === 'error') throw verdict.error
    const left = schedule.steps.slice(turns.steps.length)
    if (left.length > 0) this.checkMarkers()
    const workers = Object.entries(stands).map(([name, where]) => `\n  ${name} ${where}`)
    if (verdict?.kind === 'timeout' && elapsed >= options.timeoutPerRun) {
      throw new TimeoutError(
        `TraceExecutor: the workers took longer than ${options.timeoutPerRun} ms:${workers.join('')}`,
      )
    }
    const next = left[0]
    if (verdict !== null) {
      const at =
        next === undefined
          ? 'the schedule is used up, but the workers cannot go on'
          : `the schedule cannot go on: ${this.numbered(turns.steps.length)} is ${next}`
      const why = verdict.kind === 'deadlock' ? '' : ` (${verdict.message})`
      throw new ScheduleStallError(`${at}${why}, and${workers.join('')}`, next, stands)
    }
    if (next === undefined) return
    const steps = left.length === 1 ? 'one step was' : `${left.length} steps were`
    const why = turns.met ? '' : '\n  No worker came to a marker at all.'
    throw new IncompleteScheduleError(
      `the workers have ended, but ${steps} never reached: ${left.join(' ')}, from ${this.numbered(turns.steps.length)} on${why}`,
      left,
    )
  }

  /** Once it is known that the schedule was not used up: files may have been loaded on the way. */
  private checkMarkers(): void {
    const registry = MarkerRegistry.loaded()
    for (const [index, step] of this.schedule.steps.entries()) {
      if (!registry.has(step.marker)) throw this.unknownMarker(step, index, registry)
    }
  }

  private unknownMarker(step: Step, index: number, registry: MarkerRegistry): UnknownStepError {
    const nearest = registry.nearest(step.marker)
    const [found] = nearest === undefined ? [] : registry.places(nearest)
    const hint =
      found === undefined
        ? 'None of them has any: packages have to be traced.'
        : `Did you mean '${nearest}' (${`${displayPath(found.file)}:${found.line}`})?`
    return new UnknownStepError(
      `${this.numbered(index)} is ${step}, but no instrumented file that was loaded has a marker '${step.marker}'. ${hint}`,
      step,
    )
  }

  private numbered(index: number): string {
    return `step ${index + 1} of ${this.schedule.steps.length}`
  }
}
