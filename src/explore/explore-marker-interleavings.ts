import { allMarkerSchedules } from '../markers/all-marker-schedules.js'
import { decodeMarkers } from '../markers/replay-text.js'
import type { Schedule } from '../markers/schedule.js'
import { checkMarkable } from './coverage.js'
import { FrontrunError } from './errors.js'
import { MarkerExplorer } from './marker-explorer.js'
import { checkOptions, type ExploreOptions, type TaskFunction } from './options.js'
import type { InterleavingResult } from './result.js'

const API = 'exploreMarkerInterleavings'

export interface ExploreMarkerInterleavingsOptions<S> extends Omit<ExploreOptions<S>, 'tasks' | 'threads' | 'clock'> {
  /** The workers by name. Exactly one of `tasks` and `threads` is given; it only says what explanations call them. */
  tasks?: Readonly<Record<string, TaskFunction<S>>>
  threads?: Readonly<Record<string, TaskFunction<S>>>
  /**
   * The markers that each worker comes to, in order: every schedule of them is run as `TraceExecutor` runs it, and those that
   * the program can't follow don't count. Default: the markers are found by running.
   */
  markers?: Readonly<Record<string, readonly string[]>>
  /** Stop after so many executions. Default: none. */
  maxExecutions?: number
}

/**
 * Runs every order in which the workers can pass their trace markers (`// frontrun: name`), each exactly once, and checks
 * the invariant after each. Between markers a worker is not interrupted, so what is found depends on where the markers are:
 * that every order held is no proof for the program, and the result is not `exhaustive`.
 *
 * @returns a result whose counterexample is a `Schedule` for `TraceExecutor`
 * @throws TypeError or FrontrunError for options that are wrong, workers that are not instrumented, and when no worker
 * comes to a marker
 * @example
 * const result = await exploreMarkerInterleavings({
 *   setup: () => new BankAccount(100),
 *   tasks: { alice: account => account.transfer(50), bob: account => account.transfer(50) },
 *   invariant: account => account.balance === 200,
 * })
 * result.counterexample // (alice, read_balance) (bob, read_balance) (alice, write_balance) (bob, write_balance)
 */
export async function exploreMarkerInterleavings<S>(
  options: ExploreMarkerInterleavingsOptions<S>,
): Promise<InterleavingResult<Schedule>> {
  const checked = checkOptions(API, options)
  if (checked.fidelity === 'engine')
    throw new TypeError(
      `frontrun: ${API}: 'fidelity: engine' cannot be had: a worker that stops at a marker waits where no event loop would`,
    )
  const { names, replay, replayOrigin } = checked
  if (names === null) {
    throw new TypeError(`frontrun: ${API}: '${checked.unit}s' must be a record that names them: { alice: fn, bob: fn }`)
  }
  if ((options as { clock?: unknown }).clock === 'explored') {
    throw new TypeError(`frontrun: ${API} would ignore the option 'clock: explored': only markers are reordered`)
  }
  checkMarkable(API, checked)
  const given = options.markers === undefined ? null : schedulesOf(options.markers, names)
  const explorer = (): MarkerExplorer => new MarkerExplorer(API, checked, given)
  if (replay === undefined) return explorer().explore()
  const steps = decode(replay, names, replayOrigin)
  return explorer().replay(steps)
}

function decode(replay: unknown, names: readonly string[], origin: string) {
  if (typeof replay !== 'string') throw new TypeError("frontrun: 'replay' must be the string that a failure printed")
  try {
    return decodeMarkers(replay, names)
  } catch (error) {
    throw origin === '' ? error : new FrontrunError(`${(error as Error).message}${origin}`)
  }
}

function schedulesOf(given: Readonly<Record<string, readonly string[]>>, names: readonly string[]): Iterable<Schedule> {
  for (const [name, list] of Object.entries(given)) {
    if (!names.includes(name)) throw new TypeError(`frontrun: ${API}: 'markers' has '${name}', which is no worker`)
    if (!Array.isArray(list) || list.some(marker => typeof marker !== 'string')) {
      throw new TypeError(`frontrun: ${API}: 'markers.${name}' must be a list of names`)
    }
  }
  return allMarkerSchedules(given)
}
