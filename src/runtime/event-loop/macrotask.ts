/**
 * Macrotasks of our own making. A callback of `setImmediate` is where no microtask is under way; from there the queues of
 * `process.nextTick` and of promise jobs can be run to their end, in Node's order, as often as wanted and without a turn
 * of the event loop in between, in which the outside world could interfere.
 */
import { nativeQueueMicrotask, nativeSetImmediate } from '../natives.js'

/** What Node itself does after each callback: ticks, microtasks, then the rejections that nobody handles. */
const runQueues = (process as unknown as { _tickCallback?: () => void })._tickCallback

export function inMacrotask<T>(run: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    nativeSetImmediate(() => {
      try {
        checkQueues()
        resolve(run())
      } catch (error) {
        reject(error)
      }
    })
  })
}

/** Runs all that is queued. `failed` is told what a callback of foreign code throws; the others still run. */
export function drainQueues(failed: (error: unknown) => void): void {
  for (;;) {
    try {
      ;(runQueues as () => void)()
      return
    } catch (error) {
      failed(error)
    }
  }
}

let checked = false

function checkQueues(): void {
  if (checked) return
  let ran = false
  nativeQueueMicrotask(() => {
    ran = true
  })
  runQueues?.()
  if (!ran)
    throw new Error(`frontrun: fidelity: 'engine' needs Node's own queues, which ${process.version} does not let run`)
  checked = true
}
