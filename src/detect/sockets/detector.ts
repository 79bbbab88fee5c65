/** Raw sockets: TCP and unix, by `node:net`, and UDP, by `node:dgram`. */
import http from 'node:http'
import net, { type Socket } from 'node:net'
import tls from 'node:tls'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import { type Detect, gate } from '../../runtime/outside/gate.js'
import { oversee } from '../../runtime/overseen-sockets.js'
import type { Patches } from '../../runtime/patches.js'
import { installDatagramGates } from './datagram-gates.js'
import { Ends, targetOf } from './ends.js'

const NAME = 'sockets'

type Functions = Record<string, Function>

/** Turns on, for one exploration, what `installSocketGates` put in place. */
export function detectSockets(runtime: RuntimeHooks, patches: Patches): void {
  runtime.detectors.add(NAME)
  patches.onUndo(() => runtime.detectors.delete(NAME))
}

/** Puts gates in the place of what sockets do, for good; without an exploration they do nothing. */
export function installSocketGates(runtime: RuntimeHooks): void {
  const isActive = (): boolean => runtime.detectors.has(NAME)
  const ends = new Ends(runtime)
  const prototype = net.Socket.prototype as unknown as Functions
  const replace = (name: string, detect: Detect): void => {
    const value = gate(runtime, prototype[name] as Function, isActive, detect)
    Object.defineProperty(prototype, name, { value, enumerable: true, configurable: true, writable: true })
  }

  replace('connect', (socket: Socket, args, original) => {
    // What is encrypted comes from the socket below, or is not followed.
    const target =
      ofRequests > 0 || socket instanceof tls.TLSSocket || ends.get(socket) !== null ? null : targetOf(args)
    if (target === null) return null
    const end = ends.add(socket, target)
    // Nothing tells when somebody else answers: it goes on natively.
    if (end.isRemote) return null
    oversee(socket)
    end.follow()
    const perform = (): unknown => ends.connect(end, () => apply(original, socket, args))
    return { kind: 'sync', phase: { perform } }
  })

  // A call takes effect at once, as the system's does: what is explored is when the other end is told.
  const sending = (name: string): void =>
    replace(name, (socket: Socket, args, original) => {
      const end = ends.get(socket)
      if (end === null) return null
      if (end.isRemote) {
        const { outside } = runtime.execution as Execution
        end.note(outside.notes(outside.site))
        return null
      }
      const callback = args.at(-1)
      const told =
        typeof callback === 'function'
          ? [...args.slice(0, -1), (...results: unknown[]) => end.tell(name, () => apply(callback, socket, results))]
          : args
      const perform = (): unknown => {
        const result = apply(original, socket, told)
        end.settle()
        return result
      }
      return { kind: 'sync', phase: { note: notes => end.note(notes), perform } }
    })
  sending('write')
  sending('end')

  replace('destroy', (socket: Socket, args, original) => {
    const end = ends.get(socket)
    if (end === null || end.isRemote || socket.destroyed) return null
    const perform = (): unknown => {
      const result = apply(original, socket, args)
      end.settle()
      return result
    }
    return { kind: 'sync', phase: { note: notes => end.note(notes), perform } }
  })

  watchAgents()
  watchConnect(runtime)
  watchServers(runtime, ends, isActive)
  installDatagramGates(runtime, isActive)
}

/** Connections are being opened for requests, which are followed as requests. */
let ofRequests = 0

/** Agents open a connection as soon as there is a request, before it is sent. */
function watchAgents(): void {
  const prototype = http.Agent.prototype as unknown as Functions
  const createSocket = prototype.createSocket as Function
  prototype.createSocket = function (this: http.Agent, request: http.ClientRequest, ...args: unknown[]): unknown {
    if (request.hasHeader('upgrade')) return apply(createSocket, this, [request, ...args])
    ofRequests++
    try {
      return apply(createSocket, this, [request, ...args])
    } finally {
      ofRequests--
    }
  }
}

/** What detectors open themselves, they know to be idle or not. */
function watchConnect(runtime: RuntimeHooks): void {
  const { connect } = net.Socket.prototype
  const replacement = function (this: Socket, ...args: unknown[]): unknown {
    if (runtime.execution !== null && (ofRequests > 0 || !runtime.enters())) oversee(this)
    return apply(connect, this, args)
  }
  net.Socket.prototype.connect = Object.assign(replacement, connect) as never
}

/** Servers of any kind: which there are, and who connects to them. */
function watchServers(runtime: RuntimeHooks, ends: Ends, isActive: () => boolean): void {
  const { emit } = net.Server.prototype
  const replacement = function (this: net.Server, event: string, ...args: unknown[]): unknown {
    if (event === 'listening') ends.listening(this)
    else if (event === 'close') ends.closed(this)
    else if (event === 'connection') {
      const [socket] = args as [Socket]
      oversee(socket)
      if (runtime.execution !== null && isActive()) {
        const tell = (): unknown => apply(emit, this, [event, ...args])
        if (ends.accept(socket, tell)) return true
      }
    }
    return apply(emit, this, [event, ...args])
  }
  Object.defineProperty(net.Server.prototype, 'emit', { value: replacement, writable: true, configurable: true })
}
