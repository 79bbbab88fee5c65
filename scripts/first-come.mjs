/**
 * The strategy of running whoever became able to run first: the order of the platform's own queue, which some tests rely
 * on. An exploration has no such order, so the moments are noted here.
 *
 * The way in which this file takes the runtime keeps it from being instrumented: a strategy is not part of what it runs.
 */
const $fr = globalThis[Symbol.for('frontrun.runtime')]

/** @param {{ Execution: Function, READY: number, runtime?: object }} of the copy of frontrun that runs the tasks */
export function firstComeFirstServed({ Execution, READY, runtime = $fr }) {
  /** When each task last became able to run. */
  let moment = 0
  const since = new WeakMap()
  const { newTask, root, suspend, registerSuspended } = Execution.prototype
  for (const [name, make] of Object.entries({ newTask, root }))
    Execution.prototype[name] = function (...args) {
      const task = make.apply(this, args)
      let { state } = task
      since.set(task, ++moment)
      Object.defineProperty(task, 'state', {
        get: () => state,
        set(next) {
          if (next === READY && !registering) since.set(task, ++moment)
          state = next
        },
      })
      return task
    }

  /** What a step suspends is looked at when the step ends, last first; who could have gone on at once has waited since then. */
  let registering = false
  Execution.prototype.suspend = function (task) {
    since.set(task, ++moment)
    return suspend.call(this, task)
  }
  Execution.prototype.registerSuspended = function () {
    registering = true
    registerSuspended.call(this)
    registering = false
  }

  return {
    begin: () => true,
    executed() {},
    end() {},
    choose(enabled) {
      const able = new Set(enabled)
      let first
      for (const task of runtime.execution.live)
        if (able.has(task.identity.number) && !(since.get(task) > since.get(first))) first = task
      return first.identity.number
    },
  }
}
