/** Makes a counterexample small: fewest context switches first, then fewest steps, still failing in the same way. */
import { BoundedSearch } from '../engine/index.js'
import { type Executor, scheduleOf, type Verdict } from './executor.js'
import type { TaskSchedule } from './result.js'

/** Executions that making a counterexample small may cost; where the event loop takes part, far fewer. */
const MOST_RUNS = 1000
const MOST_SLOW_RUNS = 100

export interface Minimized {
  schedule: TaskSchedule
  /** Executions it cost. */
  runs: number
  /** Every schedule with fewer switches, and of the same number with fewer steps, was seen to hold. */
  proven: boolean
}

/** How often a schedule changes from one task to another. */
export function contextSwitches(schedule: TaskSchedule): number {
  let switches = 0
  for (let step = 1; step < schedule.length; step++) if (schedule[step] !== schedule[step - 1]) switches++
  return switches
}

/**
 * Runs schedules in the order of their context switches (each state expanded once, see `BoundedSearch`) until one fails
 * as `verdict` does; then, among those with as many switches, looks for one with fewer steps.
 */
export async function minimize(executor: Executor, schedule: TaskSchedule, verdict: Verdict): Promise<Minimized> {
  const bound = contextSwitches(schedule)
  const search = new BoundedSearch({ bound, cost: 'switches' })
  let best = schedule
  let cost = Number.POSITIVE_INFINITY
  let runs = 0
  let most = MOST_RUNS
  while (!search.exhausted && search.cost <= cost) {
    if (runs >= most) return { schedule: best, runs, proven: false }
    if (!search.begin()) break
    const level = search.cost
    const found = await executor.attempt(() => executor.run(search))
    if (found === null) return { schedule: best, runs, proven: false }
    runs++
    const { foreign, outside } = found.run.execution
    if (foreign.seen || outside.waited) most = MOST_SLOW_RUNS
    if (found.verdict === null || !failsAlike(found.verdict, verdict)) continue
    const candidate = scheduleOf(found.run)
    if (cost > level || candidate.length < best.length) best = candidate
    cost = level
  }
  return { schedule: best, runs, proven: true }
}

/** Errors are told apart by their message; an invariant's message may quote values that depend on the order. */
const failsAlike = (one: Verdict, other: Verdict): boolean =>
  one.kind === other.kind && (one.kind !== 'error' || one.message === other.message)
