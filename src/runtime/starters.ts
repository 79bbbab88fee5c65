/** Coroutines with which tasks begin whose function is not instrumented itself. */
import type { Cell } from './cell.js'
import type { Execution } from './execution.js'
import { Frame } from './frame.js'
import type { Runtime } from './runtime.js'
import { resolvers } from './thenables.js'

export function starter(runtime: Runtime, run: Function, args: unknown[]): Frame {
  return new Frame(callOnce(runtime, run, args), false, 0)
}

function* callOnce(runtime: Runtime, run: Function, args: unknown[]): Generator<unknown, unknown, unknown> {
  return runtime.call(run, undefined, args, 0) ? yield : runtime.value
}

/** The job in which a promise resolved with a thenable calls its `then`. */
export function thenableCall(runtime: Runtime, cell: Cell, value: object, then: Function): Frame {
  return new Frame(callThen(runtime, cell, value, then), false, 0)
}

function* callThen(runtime: Runtime, cell: Cell, value: object, then: Function): Generator<unknown, void, unknown> {
  const execution = runtime.execution as Execution
  cell.resolved = false
  const { resolve, reject } = resolvers(execution, cell)
  try {
    if (runtime.call(then, value, [resolve, reject], 0)) yield
  } catch (error) {
    if (!cell.resolved) execution.resolve(cell, error, true)
  }
}
