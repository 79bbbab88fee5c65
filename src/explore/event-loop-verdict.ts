/** Whether failures found with `fidelity: 'any'` can come about on a real event loop, too. */
import { NondeterminismError, SourceDpor } from '../engine/index.js'
import { monotonicNow } from '../runtime/natives.js'
import { FrontrunError } from './errors.js'
import type { Executor } from './executor.js'
import type { InterleavingResult, OnEventLoop } from './result.js'

/** What finding out may cost: executions, steps of one, and real milliseconds. */
const MOST_RUNS = 300
const MOST_STEPS = 5000
const MOST_TIME = 1000

const LINES: Readonly<Record<OnEventLoop, string>> = {
  possible: "A real event loop can get there, too: fidelity: 'engine' finds it.",
  impossible:
    "A real event loop does not get there with these awaits: one of them has to take longer than the order of microtasks lets it, as it would if it waited for the outside world. fidelity: 'engine' leaves such orders out.",
  unknown: 'Whether a real event loop can get there is not known.',
}

/**
 * Races are asked for whatever an event loop would order; what goes on without end would do so here, too, at some length;
 * the others come of how executions are run.
 */
const NOT_ASKED = new Set(['race', 'livelock', 'timeout', 'nondeterminism'])

/** Failures that have the same name here are taken for the same: an invariant's message may quote values. */
const nameOf = ({ kind, message }: { kind: string; message: string }): string =>
  kind === 'error' ? `error: ${message}` : kind

/** Notes for each failure, and in the story of the first, what an event loop has to do with it. */
export async function judgeOnEventLoop(executor: Executor, result: InterleavingResult): Promise<void> {
  const { options } = executor
  if (options.unit === 'thread' || options.clock === 'real' || result.failures.length === 0) return
  if (options.fidelity === 'engine') {
    for (const failure of result.failures) failure.onEventLoop = 'possible'
    result.onEventLoop = 'possible'
    return
  }
  const asked = result.failures.filter(({ kind }) => !NOT_ASKED.has(kind))
  const { found, complete } = await failuresOnEventLoop(executor, new Set(asked.map(nameOf)))
  for (const failure of asked)
    failure.onEventLoop = found.has(nameOf(failure)) ? 'possible' : complete ? 'impossible' : 'unknown'
  const [first] = result.failures
  if (first?.onEventLoop === undefined) return
  result.onEventLoop = first.onEventLoop
  result.explanation = `${result.explanation ?? ''}\n\n  ${LINES[first.onEventLoop]}`
}

/** Which of the wanted failures an exploration with the engine's order comes by; `complete`: there are no others. */
async function failuresOnEventLoop(
  executor: Executor,
  wanted: ReadonlySet<string>,
): Promise<{ found: ReadonlySet<string>; complete: boolean }> {
  const found = new Set<string>()
  if (wanted.size === 0) return { found, complete: false }
  const engine = executor.withOptions({
    fidelity: 'engine',
    errorOnAnyRace: false,
    maxSteps: Math.min(executor.options.maxSteps, MOST_STEPS),
    deadlockTimeout: Math.min(executor.options.deadlockTimeout, MOST_TIME),
  })
  const started = monotonicNow()
  let runs = 0
  let proves = true
  try {
    for (;;) {
      await engine.prepare()
      const search = new SourceDpor()
      let restart = false
      while (!restart && search.begin()) {
        if (runs++ >= MOST_RUNS || monotonicNow() - started > MOST_TIME) return { found, complete: false }
        const { run, verdict } = await engine.run(search)
        if (verdict !== null && wanted.has(nameOf(verdict))) found.add(nameOf(verdict))
        if (found.size === wanted.size) return { found, complete: false }
        // What was not run to its end, or where code that is not instrumented went on by itself, proves nothing; nor does
        // one that got stuck in another way: what would have come after that is not known.
        const cut = verdict?.kind === 'deadlock' || run.intervalCut || run.starved || (!run.complete && !run.redundant)
        proves &&= !cut && run.execution.foreign.unseen === null
        restart = engine.mustRestart
      }
      if (!restart) return { found, complete: proves }
      engine.restart()
    }
  } catch (error) {
    if (error instanceof FrontrunError || error instanceof NondeterminismError) return { found, complete: false }
    throw error
  }
}
