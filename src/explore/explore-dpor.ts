import { BoundedSearch, OptimalDpor, SourceDpor } from '../engine/index.js'
import { Explorer } from './explorer.js'
import { checkOptions, type ExploreDporOptions } from './options.js'
import { replaySchedule } from './replay.js'
import type { InterleavingResult } from './result.js'

/**
 * Explores every meaningfully different interleaving of `tasks` (which switch at awaits) or `threads` (which switch at
 * every access to shared state), each exactly once. When the result holds and is exhaustive, that is a proof for this
 * setup; when it does not hold, the explanation tells the story of an order that breaks the invariant, and the replay
 * string brings it about again.
 *
 * Algorithms: Optimal-DPOR for threads and Source-DPOR with sleep sets for tasks (Abdulla, Aronis, Jonsson, Sagonas,
 * "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", JACM 2017); with a preemption bound an exact
 * bounded search (after Musuvathi, Qadeer, "Iterative Context Bounding", PLDI 2007).
 *
 * @throws TypeError or FrontrunError, before anything runs, for options that are wrong; after the first execution for
 * a task that is not instrumented
 * @example
 * const result = await exploreDpor({
 *   setup: () => new BankAccount(100),
 *   tasks: [account => account.transfer(50), account => account.transfer(50)],
 *   invariant: account => account.balance === 200,
 * })
 * expect(result.propertyHolds, result.explanation).toBe(true)
 */
export async function exploreDpor<S>(options: ExploreDporOptions<S>): Promise<InterleavingResult> {
  const checked = checkOptions('exploreDpor', options)
  const { search, preemptionBound, replay } = checked
  if (replay !== undefined) return replaySchedule('exploreDpor', checked, replay)
  const explorer = new Explorer('exploreDpor', checked)
  explorer.followsPreference = search === 'dfs'
  return explorer.explore(macroSteps => {
    if (preemptionBound !== null) return new BoundedSearch({ bound: preemptionBound, search })
    return macroSteps ? new SourceDpor({ search }) : new OptimalDpor({ search })
  })
}
