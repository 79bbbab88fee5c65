/** Datagram sockets: what they send, and when they are told what. */
import dgram, { type RemoteInfo, type Socket } from 'node:dgram'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import { type Detect, gate } from '../../runtime/outside/gate.js'
import type { Signal } from '../signal.js'
import { sendingOf } from './datagram-calls.js'
import { Datagrams } from './datagrams.js'
import type { Endpoint } from './endpoint.js'

type Functions = Record<string, Function>

/** What Node says some time after the call that led to it. */
const TOLD = new Set<unknown>(['listening', 'connect', 'close', 'error'])

/** Puts gates in the place of what datagram sockets do, for good. */
export function installDatagramGates(runtime: RuntimeHooks, isActive: () => boolean): void {
  const prototype = dgram.Socket.prototype as unknown as Functions
  const datagrams = new Datagrams(runtime)
  const replace = (name: string, detect: Detect): void => {
    const value = gate(runtime, prototype[name] as Function, isActive, detect)
    Object.defineProperty(prototype, name, { value, enumerable: true, configurable: true, writable: true })
  }
  const hold = (signal: Signal, name: string): void => {
    const { outside } = runtime.execution as Execution
    outside.expect(signal.promise, { name, site: outside.site, task: null })
  }
  const until = (endpoint: Endpoint, event: string, call: () => unknown): unknown => {
    const signal = endpoint.await(event)
    try {
      const result = call()
      hold(signal, `${event} of a datagram socket`)
      return result
    } catch (error) {
      signal.raise()
      throw error
    }
  }

  replace('bind', (socket: Socket, args, original) => {
    const endpoint = datagrams.endpoint(socket)
    if (endpoint.place !== null) return null
    const [first] = args
    const port = Number(typeof first === 'object' && first !== null ? first.port : first)
    if (port > 0) endpoint.wantedPort = port
    const perform = (): unknown => until(endpoint, 'listening', () => apply(original, socket, args))
    return { kind: 'sync', phase: { note: notes => datagrams.notePort(notes, endpoint.wantedPort), perform } }
  })

  replace('connect', (socket: Socket, args, original) => {
    const endpoint = datagrams.endpoint(socket)
    const execution = runtime.execution as Execution
    const callback = args.at(-1)
    const given = [...args]
    if (typeof callback === 'function')
      // Node calls it as a listener, which is told already, or with an error.
      given[given.length - 1] = (...results: unknown[]): unknown => {
        if (results.length === 0) return apply(callback, socket, results)
        endpoint.happened('error')
        return endpoint.tell(execution, 'error', () => apply(callback, socket, results))
      }
    return {
      kind: 'sync',
      phase: { perform: () => until(endpoint, 'connect', () => apply(original, socket, given)) },
    }
  })

  replace('close', (socket: Socket, args, original) => {
    const endpoint = datagrams.endpoint(socket)
    if (endpoint.isClosed) return null
    const perform = (): unknown => until(endpoint, 'close', () => apply(original, socket, args))
    return {
      kind: 'sync',
      phase: {
        note: notes => datagrams.noteClosing(notes, endpoint),
        perform,
      },
    }
  })

  replace('send', (socket: Socket, args, original) => {
    const endpoint = datagrams.endpoint(socket)
    const execution = runtime.execution as Execution
    const sending = sendingOf(args, endpoint.peer !== null)
    const { callback } = sending
    const perform = (): unknown => {
      const flight = datagrams.send(endpoint, sending)
      const sent = endpoint.await('sent')
      let isSent = false
      const over = (...results: unknown[]): void => {
        const [error] = results as [(Error & { syscall?: string }) | null]
        isSent = true
        sent.raise()
        if (error === null) datagrams.loseLost()
        else datagrams.drop(execution, flight)
        if (callback !== null) endpoint.callBack(execution, () => apply(callback, socket, results))
        // What Node does where there is no callback: any other error is passed over.
        else if (error?.syscall?.startsWith('getaddrinfo')) socket.emit('error', error)
      }
      try {
        const result = apply(original, socket, sending.withCallback(over))
        hold(sent, 'a datagram to be sent')
        // Closed before it was sent: it never will be.
        void sent.promise.then(() => {
          if (!isSent) datagrams.drop(execution, flight)
        })
        if (flight !== null) hold(flight.arrived, 'a datagram to a socket of this process')
        return result
      } catch (error) {
        sent.raise()
        datagrams.drop(execution, flight)
        throw error
      }
    }
    return { kind: 'sync', phase: { note: notes => datagrams.noteSending(notes, endpoint, sending), perform } }
  })

  watchEvents(runtime, datagrams, isActive)
}

/** What Node tells sockets becomes tasks; all are known, whether an exploration goes on or not. */
function watchEvents(runtime: RuntimeHooks, datagrams: Datagrams, isActive: () => boolean): void {
  const emit = dgram.Socket.prototype.emit as Function
  const replacement = function (this: Socket, event: string, ...args: unknown[]): unknown {
    const natively = (): unknown => apply(emit, this, [event, ...args])
    if (event !== 'message' && !TOLD.has(event)) return natively()
    const endpoint = datagrams.endpoint(this)
    if (event === 'listening') datagrams.listening(endpoint, runtime.execution !== null && isActive())
    else if (event === 'close') datagrams.closed(endpoint)
    const { execution } = runtime
    // What the program itself emits is no news.
    if (execution === null || runtime.task !== null || !isActive()) return natively()
    if (event === 'message') {
      const [, { port }] = args as [Buffer, RemoteInfo]
      const flight = datagrams.arrival(execution, endpoint, port)
      if (flight === null) return natively()
      // The system throws away what a closed socket has not read.
      endpoint.tell(execution, event, () => {
        const { outside, step } = execution
        if (step >= 0) datagrams.noteTelling(outside.notes(outside.site), endpoint)
        if (!endpoint.isClosed) natively()
      })
      flight.arrived.raise()
      return true
    }
    if (event === 'listening') sendQueued(execution, this)
    endpoint.tell(execution, event, natively)
    endpoint.happened(event)
    return true
  }
  Object.defineProperty(dgram.Socket.prototype, 'emit', { value: replacement, writable: true, configurable: true })
}

/** What was to be sent before a socket was bound goes out by a listener of Node's own: that is no event of the program. */
function sendQueued(execution: Execution, socket: Socket): void {
  for (const listener of socket.rawListeners('listening')) {
    const { listener: own } = listener as unknown as { listener?: Function }
    if (own?.name === 'onListenSuccess') execution.outside.silently(() => apply(listener, socket, []))
  }
}
