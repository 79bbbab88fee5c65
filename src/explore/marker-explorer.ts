/** The loop over the orders of trace markers. */
import { firstInLine } from '../markers/first-in-line.js'
import { MarkerDivergence, MarkerSearch } from '../markers/marker-search.js'
import { OrderTurns } from '../markers/order-turns.js'
import { encodeMarkers } from '../markers/replay-text.js'
import { Schedule } from '../markers/schedule.js'
import { ScheduleTurns } from '../markers/schedule-turns.js'
import type { Step } from '../markers/step.js'
import { whereabouts } from '../markers/whereabouts.js'
import { monotonicNow, nativeSetImmediate } from '../runtime/natives.js'
import type { ExecutionResult } from '../runtime/program.js'
import { checkInstrumentation } from './coverage.js'
import { FrontrunError } from './errors.js'
import { Executor, type Judged, type Verdict } from './executor.js'
import type { CheckedOptions } from './options.js'
import { InterleavingResult } from './result.js'
import { deadlockOf, tellStory } from './story.js'

const UNREPEATABLE =
  'frontrun: the failing order could not be replayed for the story: the program does something that neither the markers nor the seed decide.'

/** Real milliseconds between two turns of the event loop, for the test framework's own timers. */
const BREATHE_EVERY = 50

type Turns = OrderTurns | ScheduleTurns

export class MarkerExplorer {
  private readonly result = new InterleavingResult<Schedule>()
  private readonly executor: Executor
  private readonly names: readonly string[]
  private readonly started = monotonicNow()
  private breathed = monotonicNow()
  private depth = 0
  private counterexample: { steps: readonly Step[]; verdict: Verdict } | null = null
  /** The first order that could not be followed: who stood where. */
  private unfollowed: string | null = null

  constructor(
    private readonly api: string,
    private readonly options: CheckedOptions,
    private readonly given: Iterable<Schedule> | null,
  ) {
    this.names = options.names as string[]
    // Markers, and not accesses, are what the workers stop at.
    this.executor = new Executor(api, {
      ...options,
      unit: 'task',
      clock: options.clock === 'real' ? 'real' : 'virtual',
    })
  }

  /** Runs every order. */
  async explore(): Promise<InterleavingResult<Schedule>> {
    try {
      await this.search()
      if (this.counterexample !== null) await this.tell(this.counterexample.steps, this.counterexample.verdict)
      this.progress()
      return this.result
    } finally {
      this.executor.end()
    }
  }

  /** Runs one order. */
  async replay(steps: readonly Step[]): Promise<InterleavingResult<Schedule>> {
    const { executor, result } = this
    try {
      const turns = new ScheduleTurns(steps, this.names)
      const { verdict } = await executor.run(firstInLine, { markers: turns })
      if (!turns.isFollowed && verdict?.kind !== 'error') {
        throw new FrontrunError(
          `${this.api}: the program cannot follow the replay string: step ${turns.steps.length + 1} of ${steps.length}, ${turns.awaited}, is never reached`,
        )
      }
      result.numExplored = 1
      result.uniqueInterleavings = 1
      result.stoppedBy = 'replay'
      if (verdict !== null) {
        this.fail(steps, verdict)
        await this.tell(steps, verdict)
      }
      return result
    } finally {
      executor.end()
    }
  }

  private async search(): Promise<void> {
    const { executor, options, result } = this
    result.stoppedBy = 'schedules'
    try {
      const search = new MarkerSearch()
      const probe = await this.probe(search)
      for (const turns of this.orders(search)) {
        if (result.numExplored >= options.maxExecutions) result.stoppedBy = 'maxExecutions'
        else if (monotonicNow() - this.started > options.totalTimeout) result.stoppedBy = 'totalTimeout'
        if (result.stoppedBy !== 'schedules') break
        const judged = await executor.run(firstInLine, { markers: turns })
        if (result.numExplored + result.redundantRuns === 0) compare(probe, turns)
        this.judge(turns, judged)
        if (this.counterexample !== null && options.stopOnFirst) {
          result.stoppedBy = 'violation'
          break
        }
        await this.breathe()
      }
    } catch (error) {
      if (!(error instanceof MarkerDivergence)) throw error
      this.failNondeterministic(error)
    }
    result.uniqueInterleavings = result.numExplored
    if (result.numExplored === 0 && this.unfollowed !== null) {
      throw new FrontrunError(
        `${this.api}: the workers can follow no order of the markers that 'markers' lists: ${this.unfollowed}`,
      )
    }
  }

  /** The orders of the markers given, or of all that the workers come to. */
  private *orders(search: MarkerSearch): Generator<Turns> {
    const { given, names } = this
    if (given !== null) {
      for (const { steps } of given) yield new ScheduleTurns(steps, names)
      return
    }
    do yield new OrderTurns(search, names)
    while (search.advance())
  }

  /**
   * A first run that does not count, of the order that is run first: what it comes to can be compared. Before anything can
   * count as a pass, somebody must have stopped at a marker.
   */
  private async probe(search: MarkerSearch): Promise<Turns> {
    const [turns] = this.orders(search) as Iterable<Turns>
    const { run, verdict } = await this.executor.run(firstInLine, { markers: turns, withoutInvariant: true })
    search.rewind()
    checkInstrumentation(this.api, this.options, run, this.executor.scheduler)
    if (turns.met || verdict !== null) return turns
    throw new FrontrunError(
      `${this.api}: no worker came to a marker. Put comments such as \`// frontrun: read_balance\` before what is to be ordered.`,
    )
  }

  private judge(turns: Turns, { run, verdict }: Judged): void {
    const { result } = this
    const { steps, isFollowed } = turns
    this.depth = steps.length
    const stalled = verdict === null || verdict.kind === 'deadlock'
    if (!isFollowed && (stalled || turns instanceof OrderTurns)) {
      result.redundantRuns++
      if (turns instanceof ScheduleTurns) this.unfollowed ??= this.describeStall(turns, run)
      return
    }
    result.numExplored++
    if (verdict !== null) this.fail(steps, verdict)
  }

  private describeStall({ awaited }: ScheduleTurns, run: ExecutionResult): string {
    const stands = Object.entries(whereabouts(run, this.executor.scheduler, this.names))
    return `waiting for ${awaited}, ${stands.map(([name, where]) => `${name} ${where}`).join('; ')}. Leave 'markers' out to have them found by running.`
  }

  private fail(steps: readonly Step[], verdict: Verdict): void {
    const { result } = this
    const { kind, message } = verdict
    const schedule = Schedule.of(steps)
    result.failures.push({ execution: result.numExplored, schedule, kind, message })
    if (this.counterexample !== null) return
    this.counterexample = { steps, verdict }
    result.propertyHolds = false
    result.failureKind = kind
    result.counterexample = schedule
    if ('error' in verdict) result.error = verdict.error
  }

  private failNondeterministic({ message }: MarkerDivergence): void {
    const { result } = this
    result.propertyHolds = false
    result.failureKind = 'nondeterminism'
    result.stoppedBy = 'violation'
    result.explanation = `Nondeterminism found after ${result.numExplored} ${result.numExplored === 1 ? 'interleaving' : 'interleavings'}.\n\n  In the same order of the markers, the program came to other markers than before: ${message.replace('frontrun: ', '')}.\n\n  Something outlives an execution (a module-level cache, say), or comes from outside: make it fresh in setup.`
    const schedule = Schedule.of([])
    result.failures.push({ execution: result.numExplored + 1, schedule, kind: 'nondeterminism', message })
    this.counterexample = null
  }

  /** Replays the counterexample as TraceExecutor does: for the story, and for the statistics. */
  private async tell(steps: readonly Step[], verdict: Verdict): Promise<void> {
    const { executor, names, options, result } = this
    result.replay = encodeMarkers(steps)
    const again = (log: boolean): Promise<Judged | null> =>
      executor.attempt(() => executor.run(firstInLine, { log, markers: new ScheduleTurns(steps, names) }))
    const story = await again(true)
    for (let attempt = 0; attempt < options.reproduceOnFailure; attempt++) {
      result.reproductionAttempts++
      if ((await again(false))?.verdict?.kind === verdict.kind) result.reproductionSuccesses++
    }
    if (story?.verdict?.kind !== verdict.kind) {
      result.explanation = `${verdict.message}\n\n  ${UNREPEATABLE}`
      return
    }
    result.deadlock = deadlockOf(story.run, executor.scheduler, options)
    if ('error' in story.verdict) result.error = story.verdict.error
    const order = steps.length === 0 ? [] : [`Markers: ${steps.join(' ')}`]
    result.explanation = tellStory(story.run, executor.scheduler, story.verdict, options, result, order)
  }

  private async breathe(): Promise<void> {
    if (monotonicNow() - this.breathed < BREATHE_EVERY) return
    await new Promise(resolve => nativeSetImmediate(resolve))
    this.breathed = monotonicNow()
    this.progress()
  }

  private progress(): void {
    const elapsed = monotonicNow() - this.started
    this.options.onProgress?.({ executions: this.result.numExplored, depth: this.depth, elapsed })
  }
}

/** Throws unless the first order, run again, leads to the same markers. */
function compare(probe: Turns, turns: Turns): void {
  const [before, now] = [probe.steps.join(' '), turns.steps.join(' ')]
  if (before !== now) throw new MarkerDivergence(`first they were ${before || 'none'}, then ${now || 'none'}`)
}
