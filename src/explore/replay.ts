/** Runs one given schedule. */

import { checkInstrumentation } from './coverage.js'
import { FrontrunError } from './errors.js'
import { Executor } from './executor.js'
import { Explorer } from './explorer.js'
import { type CheckedOptions, checkOptions, type ExploreDporOptions } from './options.js'
import { decodeReplay, shapeOf } from './replay-string.js'
import type { InterleavingResult, TaskSchedule } from './result.js'

/** Runs the schedule of a replay string, and reports on it as on an exploration of one execution. */
export async function replaySchedule(
  api: string,
  options: CheckedOptions,
  replay: string,
): Promise<InterleavingResult> {
  const schedule = decodeReplay(replay, shapeOf(options), options.replayOrigin)
  const explorer = new Explorer(api, options)
  return explorer.exploreSchedule(schedule)
}

/**
 * Runs the tasks under this schedule and returns the state. Steps of tasks that have ended or wait are passed over; where
 * the schedule ends, the task that ran last goes on, then the others in order. `invariant` is not needed, and not called.
 *
 * @param schedule the task of each step: a root task's number, or a started task's path such as `'0.1'`
 * @throws the error of a task that throws; FrontrunError for a deadlock, a livelock or a time-out
 * @example
 * const account = await runWithSchedule([0, 1, 0, 1], { setup: () => new BankAccount(100), tasks: [deposit, deposit] })
 * account.balance // one deposit is lost
 */
export async function runWithSchedule<S>(
  schedule: TaskSchedule,
  options: Omit<ExploreDporOptions<S>, 'invariant'> & { invariant?: ExploreDporOptions<S>['invariant'] },
): Promise<S> {
  if (!Array.isArray(schedule)) {
    throw new TypeError('frontrun: runWithSchedule expects a schedule: a list of tasks, one per step')
  }
  const checked = { ...checkOptions('runWithSchedule', options, false), invariant: null }
  return (await runSchedule('runWithSchedule', checked, schedule)) as S
}

/**
 * Runs one schedule and returns the state. `once`: the tasks may be run only this one time, since they change state that
 * `setup` does not make.
 */
export async function runSchedule(
  api: string,
  options: CheckedOptions,
  schedule: TaskSchedule,
  once = false,
): Promise<unknown> {
  const executor = new Executor(api, options)
  try {
    if (!once) await executor.prepare()
    const { run, verdict } = await executor.follow(schedule, { lenient: true })
    checkInstrumentation(api, options, run, executor.scheduler)
    if (verdict === null) return run.state
    if (verdict.error instanceof Error) throw verdict.error
    throw new FrontrunError(`${api}: ${verdict.kind}: ${verdict.message}`, { cause: verdict.error })
  } finally {
    executor.end()
  }
}
