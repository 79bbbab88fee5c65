import { randomSearch } from '../engine/index.js'
import { type Judged, scheduleOf } from './executor.js'
import { Explorer } from './explorer.js'
import { checkOptions, type ExploreInterleavingsOptions, numberOption } from './options.js'
import { replaySchedule } from './replay.js'
import type { InterleavingResult } from './result.js'

const API = 'exploreInterleavings'

/**
 * Runs `tasks` (which switch at awaits) or `threads` (which switch at every access to shared state) under random
 * schedules, `maxAttempts` of them, and stops at the first failure. Where the program is too large for `exploreDpor` to
 * finish; that nothing was found is no proof, so the result is never exhaustive. `uniqueInterleavings` says how many of the
 * executions were really different. A failure is made small, explained and replayed as one that `exploreDpor` found.
 *
 * What the strategies are, and what each promises: docs/random.md.
 *
 * @throws TypeError or FrontrunError, before anything runs, for options that are wrong, an unknown strategy, or an option
 * that would be ignored; after the first execution for a task that is not instrumented
 * @example
 * const result = await exploreInterleavings({
 *   setup: () => new BankAccount(100),
 *   tasks: [account => account.transfer(50), account => account.transfer(50)],
 *   invariant: account => account.balance === 200,
 *   strategy: 'portfolio',
 *   maxAttempts: 1000,
 *   seed: 42,
 * })
 * expect(result.propertyHolds, result.explanation).toBe(true)
 */
export async function exploreInterleavings<S>(options: ExploreInterleavingsOptions<S>): Promise<InterleavingResult> {
  const checked = checkOptions(API, options)
  const { seed, unit, replay } = checked
  const strategy = options.strategy ?? 'random'
  const most = strategy !== 'random' ? Number.POSITIVE_INFINITY : unit === 'thread' ? 300 : 100
  const maxOps = numberOption(API, options, 'maxOps', most, 1)
  const maxAttempts = numberOption(API, options, 'maxAttempts', 200, 1)
  const newSearch = () => randomSearch(strategy, { seed, maxOps, maxAttempts })
  // For the errors that it throws: before anything runs.
  newSearch()
  if (replay !== undefined) return replaySchedule(API, checked, replay)
  const explorer = new Explorer(API, checked)
  if (options.debug) explorer.onExecution = printAttempt
  return explorer.explore(newSearch)
}

function printAttempt({ run, verdict }: Judged): void {
  const outcome = verdict === null ? (run.complete ? 'holds' : 'cut') : `${verdict.kind}: ${verdict.message}`
  console.error(`frontrun: ${scheduleOf(run).join(' ')}: ${outcome}`)
}
