/** Servers of this process: a request is handled by a task of its own, so that handlers interleave. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import type { Task } from '../../runtime/task.js'
import { arriving, type Exchange } from './exchange.js'
import { attribute, takeIn } from './withhold.js'

/** Looks at what servers emit, for good. */
export function installServerGates(runtime: RuntimeHooks, isActive: () => boolean): void {
  for (const { Server } of [http, https]) {
    const { emit } = Server.prototype
    const replacement = function (this: http.Server, event: string, ...args: unknown[]): boolean {
      const { execution } = runtime
      if (event !== 'request' || execution === null || !isActive()) return apply(emit, this, [event, ...args])
      const [request, response] = args as [IncomingMessage, ServerResponse]
      serve(execution, request, response, () => apply(emit, this, [event, request, response]))
      return true
    }
    Object.defineProperty(Server.prototype, 'emit', { value: replacement, writable: true, configurable: true })
  }
}

/** Has the request handled, once it is here as a whole. */
function serve(execution: Execution, request: IncomingMessage, response: ServerResponse, handle: () => unknown): void {
  const exchange = arriving(request.method ?? '', request.url ?? '')
  const { destroy } = response
  // Cut short, the execution leaves a client that waits.
  execution.outside.onEnd(() => {
    if (!response.writableEnded) apply(destroy, response, [])
  })
  takeIn(request, () => {
    const parent = exchange?.task ?? execution.stepped
    if (parent === null || execution.runtime.execution !== execution) return void handle()
    execution.outside.inStepOf(parent, () => begin(execution, exchange, request, response, handle))
    exchange?.arrived.raise()
  })
}

function begin(
  execution: Execution,
  exchange: Exchange | null,
  request: IncomingMessage,
  response: ServerResponse,
  handle: () => unknown,
): void {
  const callback = (): void => {
    const task = execution.runtime.task as Task
    attribute(request, execution, task)
    attribute(response, execution, task)
    if (exchange !== null) answerInStep(response, exchange, task)
    handle()
  }
  const operation = {
    name: `handle ${request.method} ${request.url}`,
    // Nothing but the call of the handler.
    *phases() {},
  }
  execution.outside.start({ kind: 'callback', operation, callback, toArguments: () => [] }, 0, true)
}

/** The step that ends the response stays open until the client has it. */
function answerInStep(response: ServerResponse, { execution, over, name }: Exchange, task: Task): void {
  for (const method of ['end', 'destroy'] as const) {
    const original = response[method] as Function
    response[method] = ((...args: unknown[]) => {
      const { outside, runtime } = execution
      if (runtime.execution === execution)
        outside.expect(over.promise, { name: `the response to ${name}`, site: outside.site, task })
      return apply(original, response, args)
    }) as never
  }
}
