import { FrontrunError } from '../explore/errors.js'
import { Schedule } from './schedule.js'
import { type Worker, WorkersRun } from './workers-run.js'

// biome-ignore lint/suspicious/noExplicitAny: a worker is called with whatever arguments it was registered with
export type WorkerFunction = (...args: any[]) => unknown
export type WorkerFunctions = Readonly<Record<string, WorkerFunction>>

export interface TraceExecutorOptions {
  /** Real milliseconds that code which is not instrumented may take without a sign of life. Default 5000. */
  deadlockTimeout?: number
}

export interface WaitOptions {
  /** Real milliseconds that all workers together may take. Default: none; a schedule that can't go on is noticed at once. */
  timeout?: number
}

/**
 * Runs workers, synchronous or async functions of instrumented files, in the order that a schedule gives for their trace
 * markers. A worker that comes to a marker stops until the schedule's next step is (its name, this marker); markers met
 * after the schedule is used up are passed freely. Between two markers a worker runs without interruption.
 *
 * @example
 * const executor = new TraceExecutor(schedule)
 * executor.run('t1', () => account.transfer(50))
 * executor.run('t2', account.transfer.bind(account), 50)
 * await executor.wait({ timeout: 5000 })
 */
export class TraceExecutor {
  /** What each worker returned, or what its promise was fulfilled with. */
  results: Record<string, unknown> = {}
  /** What each worker threw that did. */
  errors: Record<string, unknown> = {}
  readonly #workers: Worker[] = []
  #timeout: number | undefined
  #running: Promise<void> | null = null

  constructor(
    readonly schedule: Schedule,
    private readonly options: TraceExecutorOptions = {},
  ) {
    if (!(schedule instanceof Schedule)) throw new TypeError('frontrun: TraceExecutor expects a Schedule')
  }

  /**
   * Names a worker, to be called with `args` when `wait` runs them all.
   *
   * @throws TypeError for something that is not a function; FrontrunError for a name that is taken, or after the run
   */
  run<A extends unknown[]>(name: string, worker: (...args: A) => unknown, ...args: A): void
  /** Names several workers. Awaiting the result is the same as `wait`. */
  run(workers: WorkerFunctions, options?: WaitOptions): PromiseLike<void>
  run(first: string | WorkerFunctions, ...rest: unknown[]): void | PromiseLike<void> {
    if (typeof first === 'string') {
      const [worker, ...args] = rest
      return this.#add(first, worker, args)
    }
    if (typeof first !== 'object' || first === null) {
      throw new TypeError('frontrun: TraceExecutor.run expects a name and a function, or a record of functions')
    }
    for (const [name, worker] of Object.entries(first)) this.#add(name, worker, [])
    this.#timeout = (rest[0] as WaitOptions | undefined)?.timeout
    const wait = (): Promise<void> => this.wait()
    // biome-ignore lint/suspicious/noThenProperty: the run begins when somebody waits for it
    return { then: (onFulfilled, onRejected) => wait().then(onFulfilled, onRejected) }
  }

  #add(name: string, worker: unknown, args: unknown[]): void {
    if (typeof worker !== 'function') throw new TypeError(`frontrun: TraceExecutor.run: '${name}' is not a function`)
    if (this.#running !== null) {
      throw new FrontrunError('TraceExecutor.run: the workers have run. Call reset() to run others.')
    }
    if (this.#workers.some(known => known.name === name)) {
      throw new FrontrunError(`TraceExecutor.run: there is a worker '${name}' already`)
    }
    this.#workers.push({ name, run: worker, args })
  }

  /**
   * Runs the workers to their end. Called again, it gives the same outcome.
   *
   * @throws the first error of a worker; UnknownStepError, ScheduleStallError, IncompleteScheduleError or TimeoutError when
   * the schedule could not be followed to its end
   */
  wait({ timeout = this.#timeout }: WaitOptions = {}): Promise<void> {
    this.#running ??= new WorkersRun(this.schedule, this.#workers, { ...this.options, timeout }, this).run()
    return this.#running
  }

  /** Forgets workers, results and errors: the schedule can be run again. */
  reset(): void {
    this.#workers.length = 0
    this.#timeout = undefined
    this.#running = null
    this.results = {}
    this.errors = {}
  }
}
