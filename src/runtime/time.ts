/** Timers, jobs and clocks of the platform, as far as code of an exploration uses them. */
import { noteAbort } from './builtins/platform.js'
import { installClocks } from './clocks.js'
import type { RuntimeHooks } from './iteration.js'
import { apply, nativeNextTick, nativeQueueMicrotask } from './natives.js'
import type { Patches } from './patches.js'
import { PlatformFunctions } from './platform-functions.js'
import { installTimers, startTimer } from './timers.js'
import { installTimersPromises } from './timers-promises.js'

export function installTime(runtime: RuntimeHooks, patches: Patches, withClocks: boolean): void {
  const functions = new PlatformFunctions(runtime, patches)
  installTimers(functions)
  installTimersPromises(functions)
  installJobs(functions)
  installSignals(functions)
  if (withClocks) installClocks(functions)
}

/** `queueMicrotask` and `process.nextTick`: jobs start in the order in which their task queued them. */
function installJobs(functions: PlatformFunctions): void {
  const queueJob = (site: number, name: string, callback: Function, args: unknown[]): void => {
    const { execution, runtime } = functions
    const { eventLoop } = runtime
    if (eventLoop !== null) {
      const job = eventLoop.spawn('microtask')
      job.site = site
      const run = (): void => eventLoop.job(job, callback, args)
      return name === 'nextTick' ? apply(nativeNextTick, process, [run]) : nativeQueueMicrotask(run)
    }
    const task = execution.newTask('microtask', runtime.task)
    task.site = site
    task.start = () => execution.begin(callback, args)
    if (task.parent !== null) {
      task.parent.jobs ??= []
      task.parent.jobs.push(task)
    }
  }
  const replace = (owner: object, name: string): void => {
    functions.replacePuttingOff([[owner, name]], (site, _, callback, ...args) =>
      queueJob(site, name, callback, name === 'nextTick' ? args : []),
    )
  }
  replace(globalThis, 'queueMicrotask')
  replace(process, 'nextTick')
}

/** `AbortSignal.timeout`. */
function installSignals(functions: PlatformFunctions): void {
  const { runtime } = functions
  const { timeout } = AbortSignal
  functions.replace([[AbortSignal, 'timeout']], (site, foreign, delay) => {
    // For the error that Node throws.
    if (!Number.isInteger(delay) || delay < 0 || delay > 2 ** 32 - 1) return apply(timeout, AbortSignal, [delay])
    const controller = new AbortController()
    const abort = (): void => {
      if (runtime.recorder !== null) noteAbort(runtime.recorder, controller.signal, site)
      const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
      runtime.callInPlace(AbortController.prototype.abort, controller, [reason])
    }
    functions.handle(abort, abort)
    startTimer(functions, { site, foreign }, abort, [], delay, false)
    runtime.identify(controller.signal)
    return controller.signal
  })
}
