/** A request under way, from the client's side, and what a server of this process makes of it. */
import type { Execution } from '../../runtime/execution.js'
import type { Task } from '../../runtime/task.js'
import { Signal } from '../signal.js'

/** One request and its response. */
export class Exchange {
  /** It has come to a handler of this process, or is over. */
  readonly arrived = new Signal()
  /** The response is here as a whole, or there will be none. */
  readonly over = new Signal()
  /** A handler of this process has it. */
  isLocal = false

  constructor(
    readonly method: string,
    readonly url: URL,
    readonly execution: Execution,
    readonly task: Task,
  ) {
    // What is over needs no handler.
    this.over.promise.then(this.arrived.raise)
  }

  get name(): string {
    return `${this.method} ${this.url.href}`
  }
}

/**
 * The request that is being sent. There is at most one: its step stays open until it has arrived, so that a request that
 * a server of this process gets meanwhile is this one, if it looks like it.
 */
let sending: Exchange | null = null

/** Sends a request; what comes to a server meanwhile may be it. */
export function send(exchange: Exchange): void {
  sending = exchange
  exchange.arrived.promise.then(() => {
    if (sending === exchange) sending = null
  })
}

/** The request that has just come to a server, if this process has sent it. */
export function arriving(method: string, path: string): Exchange | null {
  if (sending === null || sending.method !== method || sending.url.pathname + sending.url.search !== path) return null
  const exchange = sending
  sending = null
  exchange.isLocal = true
  return exchange
}
