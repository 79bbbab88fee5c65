import { FrontrunError } from './errors.js'
import { checkOptions } from './options.js'
import { runSchedule } from './replay.js'
import type { TaskSchedule } from './result.js'

/** Runs functions under one schedule; see `controlledInterleaving`. */
export interface ControlledRunner extends AsyncDisposable {
  /**
   * Runs the functions as tasks under the schedule and resolves once all have ended.
   *
   * @throws the error of a function that throws; FrontrunError when their number is not `numTasks`, or when the
   * functions cannot follow the schedule
   */
  run(functions: readonly (() => unknown)[]): Promise<void>
}

/**
 * A runner for one schedule: a building block for tests that know the order they want. State is whatever the functions
 * close over.
 *
 * @param schedule the task of each step; where it ends, tasks go on by themselves
 * @param options `numTasks`: how many functions `run` will be given; `unit`: `'task'` (default) switches at awaits,
 * `'thread'` at each access
 * @example
 * const runner = controlledInterleaving([0, 1, 1, 0], { numTasks: 2 })
 * await runner.run([() => deposit(account, 50), () => deposit(account, 50)])
 */
export function controlledInterleaving(
  schedule: TaskSchedule,
  options: { numTasks: number; unit?: 'task' | 'thread' },
): ControlledRunner {
  const { numTasks, unit = 'task' } = options
  if (!Number.isInteger(numTasks) || numTasks < 1) {
    throw new TypeError(
      `frontrun: controlledInterleaving: 'numTasks' must be a whole number from 1 up, not ${numTasks}`,
    )
  }
  const unknown = schedule.find(task => typeof task === 'number' && (task < 0 || task >= numTasks))
  if (unknown !== undefined) {
    throw new FrontrunError(`controlledInterleaving: the schedule names task ${unknown}, but numTasks is ${numTasks}`)
  }
  let running: Promise<unknown> = Promise.resolve()
  return {
    run(functions) {
      if (functions.length !== numTasks) {
        throw new FrontrunError(
          `controlledInterleaving: run was given ${functions.length} functions, but numTasks is ${numTasks}`,
        )
      }
      const setup = (): undefined => undefined
      const program = unit === 'task' ? { setup, tasks: functions } : { setup, threads: functions }
      const checked = { ...checkOptions('controlledInterleaving', program, false), invariant: null }
      const started = runSchedule('controlledInterleaving', checked, schedule, true).then(() => {})
      running = started.catch(() => {})
      return started
    },
    async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
      await running
    },
  } as ControlledRunner
}
