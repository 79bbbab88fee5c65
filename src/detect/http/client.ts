/** Requests of `node:http` and `node:https`, which most client packages are built on. */
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import { type Detect, gate } from '../../runtime/outside/gate.js'
import type { Exchange } from './exchange.js'
import { request } from './operation.js'
import { takeIn, withhold } from './withhold.js'

/** What a request tells its listeners of the response. */
const OUTCOMES = new Set([
  'response',
  'error',
  'close',
  'abort',
  'timeout',
  'upgrade',
  'connect',
  'continue',
  'information',
])
/** After these there will be no response. */
const LAST = new Set<string | symbol>(['error', 'close', 'upgrade', 'connect'])
const OF_BODY = new Set(['error', 'aborted', 'close'])

/** What was written to requests that have not been sent. */
const held = new WeakMap<ClientRequest, (() => unknown)[]>()
const sent = new WeakSet<ClientRequest>()

const { ClientRequest: Requests } = http

function urlOf(message: ClientRequest): URL | null {
  const host = String(message.getHeader('host') ?? message.host)
  return URL.canParse(`${message.protocol}//${host}${message.path}`)
    ? new URL(`${message.protocol}//${host}${message.path}`)
    : null
}

const isOfInterest = (message: unknown): message is ClientRequest =>
  message instanceof Requests && !sent.has(message) && !message.headersSent && !message.hasHeader('upgrade')

/** Puts gates in the place of the methods that send a request, for good. */
export function installClientGates(runtime: RuntimeHooks, isActive: () => boolean): void {
  const prototype = Requests.prototype as unknown as Record<string, Function>
  const later: Detect = (message, args, original) => {
    if (!isOfInterest(message)) return null
    const writes = held.get(message) ?? []
    held.set(message, writes)
    return { kind: 'sync', phase: { perform: () => writes.push(() => apply(original, message, args)) > 0 } }
  }
  const end: Detect = (message, args, original) => {
    const url = isOfInterest(message) ? urlOf(message) : null
    if (url === null) return null
    sent.add(message)
    const execution = runtime.execution as Execution
    let letGo: (() => void) | null = null
    let isOver = false
    // Cut short, the execution leaves a request that was never sent, or never answered.
    execution.outside.onEnd(() => {
      if (!isOver) discard(message)
    })
    const operation = request(message.method, url, execution, exchange => {
      letGo = listen(message, exchange)
      for (const write of held.get(message) ?? []) write()
      held.delete(message)
      apply(original, message, args)
    })
    const callback = (): void => {
      isOver = true
      letGo?.()
    }
    return { kind: 'callback', operation, callback, toArguments: () => [], returns: message }
  }
  for (const name of ['write', 'flushHeaders'])
    prototype[name] = gate(runtime, prototype[name] as Function, isActive, later)
  prototype.end = gate(runtime, prototype.end as Function, isActive, end)
}

/** Gives back the connection of a request, and tells nobody. */
function discard(message: ClientRequest): void {
  message.emit = () => true
  message.destroy()
}

/** Keeps the response back until the operation is over; returns what lets it go. */
function listen(message: ClientRequest, { execution, task, over }: Exchange): () => void {
  const letGo: (() => void)[] = []
  letGo.push(
    withhold(message, OUTCOMES, execution, task, (event, [response]) => {
      if (LAST.has(event)) over.raise()
      if (event !== 'response') return
      const body = response as IncomingMessage
      letGo.push(withhold(body, OF_BODY, execution, task, over.raise))
      // Events that are sent one by one, for as long as the server likes.
      if (body.headers['content-type']?.startsWith('text/event-stream')) over.raise()
      else takeIn(body, over.raise)
    }),
  )
  return () => {
    for (const go of letGo) go()
  }
}
