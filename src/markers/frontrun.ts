import type { Schedule } from './schedule.js'
import { TraceExecutor, type WorkerFunctions } from './trace-executor.js'

export interface FrontrunOptions {
  /** What each worker is called with, by name. Default: nothing. */
  args?: Readonly<Record<string, readonly unknown[]>>
  /** Real milliseconds that all workers together may take. Default: none. */
  timeout?: number
  /** Real milliseconds that code which is not instrumented may take without a sign of life. Default 5000. */
  deadlockTimeout?: number
}

/**
 * Runs workers in the order that a schedule gives for their trace markers, and returns the executor with their results.
 *
 * @throws what `TraceExecutor.wait` throws; TypeError for `args` of a worker that there isn't
 * @example
 * await frontrun(schedule, { t1: transfer, t2: transfer }, { args: { t1: [account, 50], t2: [account, 50] } })
 */
export async function frontrun(
  schedule: Schedule,
  workers: WorkerFunctions,
  { args = {}, timeout, deadlockTimeout }: FrontrunOptions = {},
): Promise<TraceExecutor> {
  for (const name of Object.keys(args)) {
    if (!Object.hasOwn(workers, name)) throw new TypeError(`frontrun: args are given for '${name}', which is no worker`)
  }
  const executor = new TraceExecutor(schedule, { deadlockTimeout })
  for (const [name, worker] of Object.entries(workers)) executor.run(name, worker, ...(args[name] ?? []))
  await executor.wait({ timeout })
  return executor
}
