/** Runs one given schedule. */

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
  const schedule = decodeReplay(replay, shapeOf(options))
  const explorer = new Explorer(api, options)
  return explorer.exploreSchedule(schedule)
}

/**
 * Runs the tasks under exactly this schedule (then on, where the schedule ends) and returns the state. `invariant` is
 * not needed, and not called.
 *
 * @param schedule the task of each step: a root task's number, or a started task's path such as `'0.1'`
 * @throws ScheduleMismatchError when the program cannot follow the schedule; the error of a task that throws
 * @example
 * const account = await runWithSchedule([0, 1, 0, 1], { setup: () => new BankAccount(100), tasks: [deposit, deposit] })
 * account.balance // one deposit is lost
 */
export async function runWithSchedule<S>(
  schedule: TaskSchedule,
  options: Omit<ExploreDporOptions<S>, 'invariant'> & { invariant?: ExploreDporOptions<S>['invariant'] },
): Promise<S> {
  if (!Array.isArray(schedule))
    throw new TypeError('frontrun: runWithSchedule expects a schedule: a list of tasks, one per step')
  const checked = { ...checkOptions('runWithSchedule', options, false), invariant: null }
  const executor = new Executor('runWithSchedule', checked)
  try {
    await executor.prepare()
    const { run, verdict } = await executor.follow(schedule)
    if (verdict !== null) {
      if (verdict.error instanceof Error) throw verdict.error
      throw new FrontrunError(`runWithSchedule: ${verdict.kind}: ${verdict.message}`, { cause: verdict.error })
    }
    return run.state as S
  } finally {
    executor.end()
  }
}
