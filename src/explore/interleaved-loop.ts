import { nativeClearTimeout, nativeSetImmediate, nativeSetTimeout } from '../runtime/natives.js'
import { FrontrunError } from './errors.js'

type TaskId = string | number
type TaskBody = () => PromiseLike<unknown> | unknown

interface Waiting {
  taskId: TaskId
  marker: unknown
  proceed: () => void
}

/**
 * A building block for orders of one's own, in code that is not instrumented: tasks call `pause`, and a subclass decides
 * who goes on. Runs on the real event loop.
 *
 * @example
 * class InTurn extends InterleavedLoop {
 *   next = 0
 *   override shouldProceed(taskId) { return taskId === this.next }
 *   override onProceed() { this.next = 1 - this.next }
 * }
 * const loop = new InTurn()
 * await loop.runAll([
 *   async () => { await loop.pause(0); log.push('a') },
 *   async () => { await loop.pause(1); log.push('b') },
 * ])
 */
export abstract class InterleavedLoop {
  /** A task threw. */
  hadError = false
  #waiting: Waiting[] = []
  #alive = 0
  /** The task that was let go on last, until it pauses again, ends, or has done nothing for a turn of the event loop. */
  #running: TaskId | null = null
  #firstError: { error: unknown } | null = null

  /** Whether a task that stands at `pause(taskId, marker)` may go on now. Asked again whenever anything has changed. */
  abstract shouldProceed(taskId: TaskId, marker?: unknown): boolean

  /** The task goes on: the place to move one's own state forward. */
  onProceed(_taskId: TaskId, _marker?: unknown): void {}

  /** Suspends the calling task until `shouldProceed` lets it go on. */
  pause(taskId: TaskId, marker?: unknown): Promise<void> {
    return new Promise(resolve => {
      if (this.#running === taskId) this.#running = null
      this.#waiting.push({ taskId, marker, proceed: resolve })
      this.#settle()
    })
  }

  /**
   * Runs the tasks and resolves once all have ended.
   *
   * @param tasks functions, in a list or in a record
   * @param options `timeout`: real milliseconds that all of it may take, default 5000
   * @throws the first error of a task; FrontrunError when nobody may go on, naming where each task stands, and when the
   * time is up
   */
  async runAll(
    tasks: readonly TaskBody[] | Readonly<Record<string, TaskBody>>,
    options: { timeout?: number } = {},
  ): Promise<void> {
    const bodies: TaskBody[] = Object.values(tasks)
    this.#alive = bodies.length
    this.#firstError = null
    this.hadError = false
    const ended = Promise.all(bodies.map(body => this.#run(body)))
    const stalled = this.#watch(options.timeout ?? 5000)
    await Promise.race([ended, stalled.promise])
    stalled.cancel()
    const failure = this.#firstError as { error: unknown } | null
    if (failure !== null) throw failure.error
  }

  async #run(body: TaskBody): Promise<void> {
    try {
      await body()
    } catch (error) {
      this.hadError = true
      this.#firstError ??= { error }
    } finally {
      this.#alive--
      this.#running = null
      this.#settle()
    }
  }

  /** Lets one go on who may: what it does decides who is next. */
  #settle(): void {
    if (this.#running !== null) return
    const index = this.#waiting.findIndex(({ taskId, marker }) => this.shouldProceed(taskId, marker))
    if (index < 0) return
    const [{ taskId, marker, proceed }] = this.#waiting.splice(index, 1) as [Waiting]
    this.#running = taskId
    this.onProceed(taskId, marker)
    proceed()
  }

  /** Rejects when everybody waits and nobody may go on, or when the time is up. */
  #watch(timeout: number): { promise: Promise<never>; cancel: () => void } {
    let cancelled = false
    let timer: NodeJS.Timeout
    const promise = new Promise<never>((_, reject) => {
      timer = nativeSetTimeout(
        () => reject(new FrontrunError(`InterleavedLoop: time is up after ${timeout} ms; ${this.#describe()}`)),
        timeout,
      )
      const look = (): void => {
        if (cancelled) return
        // All that was ready has run: who was let go on waits for something else by now.
        this.#running = null
        this.#settle()
        if (this.#running === null && this.#alive > 0 && this.#waiting.length === this.#alive) {
          return reject(new FrontrunError(`InterleavedLoop: nobody may go on: ${this.#describe()}`))
        }
        nativeSetImmediate(look)
      }
      nativeSetImmediate(look)
    })
    const cancel = (): void => {
      cancelled = true
      nativeClearTimeout(timer)
    }
    promise.catch(cancel)
    return { promise, cancel }
  }

  #describe(): string {
    const places = this.#waiting.map(
      ({ taskId, marker }) => `task ${taskId} waits${marker === undefined ? '' : ` at ${String(marker)}`}`,
    )
    return places.length === 0 ? 'no task waits at a pause' : places.join(', ')
  }
}
