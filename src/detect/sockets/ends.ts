/** The connections that an exploration follows, and the servers of this process that they may lead to. */
import type { Server, Socket } from 'node:net'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { End } from './end.js'

/** Where a socket is to be connected to. */
export interface Target {
  readonly port?: number
  readonly host?: string
  readonly path?: string
}

/** By the forms that `connect` takes. Null: none of them. */
export function targetOf(args: readonly unknown[]): Target | null {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first === 'object' && first !== null) {
    const { port, host, path } = first as { port?: unknown; host?: unknown; path?: unknown }
    if (typeof path === 'string') return { path }
    return port === undefined ? null : { port: Number(port), host: typeof host === 'string' ? host : 'localhost' }
  }
  if (typeof first === 'string' && !(Number(first) >= 0)) return { path: first }
  return { port: Number(first), host: typeof second === 'string' ? second : 'localhost' }
}

/** Its own port, also while it is being connected: asked too early, `socket.localPort` would be wrong for good. */
function portOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { _handle: { getsockname?(name: { port?: number }): void } | null }
  const name: { port?: number } = {}
  handle?.getsockname?.(name)
  return name.port
}

const LOCAL = /^(localhost|127\.|::1$|0\.0\.0\.0$|::$|::ffff:127\.)/

export class Ends {
  private readonly servers = new Set<Server>()
  private readonly known = new WeakMap<Socket, End>()
  private readonly counts = new WeakMap<Execution, Map<string, number>>()
  /** Those that are being connected, in the order of the calls. */
  private readonly connecting = new Set<End>()

  constructor(private readonly runtime: RuntimeHooks) {}

  get(socket: Socket): End | null {
    const end = this.known.get(socket)
    return end !== undefined && end.execution === this.runtime.execution ? end : null
  }

  /** A socket that the program is about to connect. */
  add(socket: Socket, target: Target): End {
    const execution = this.runtime.execution as Execution
    const isLocal = this.leadsHere(target)
    const owner = (this.runtime.task ?? execution.stepped)?.identity.path ?? ''
    const counts = this.counts.get(execution) ?? new Map<string, number>()
    this.counts.set(execution, counts)
    const count = (counts.get(owner) ?? 0) + 1
    counts.set(owner, count)
    const address = target.path ?? `${target.host}:${target.port}`
    const end = new End(this.runtime, execution, socket, `socket:${owner}:${count}`, address, !isLocal)
    this.known.set(socket, end)
    return end
  }

  /** Connects it. The open step stays open until both ends know. */
  connect(end: End, connect: () => unknown): unknown {
    this.connecting.add(end)
    const result = connect()
    end.settle(async () => {
      do await end.settled()
      while (end.peer === null && !end.socket.destroyed && this.runtime.execution === end.execution)
      this.connecting.delete(end)
    })
    return result
  }

  /** A connection has come to a server; true: `tell` is called in a task of its own. */
  accept(socket: Socket, tell: () => void): boolean {
    const end = [...this.connecting].find(one => one.peer === null && this.isOther(one, socket))
    if (end === undefined) return false
    const peer = new End(this.runtime, end.execution, socket, `${end.id}:server`, `the client of ${end.address}`, false)
    peer.follow()
    this.known.set(socket, peer)
    peer.peer = end
    end.peer = peer
    peer.tell('connection', tell)
    return true
  }

  private isOther({ execution, socket }: End, accepted: Socket): boolean {
    if (execution !== this.runtime.execution) return false
    const { remotePort } = accepted
    // Nothing but the order tells ends of unix sockets apart.
    return remotePort === undefined ? portOf(socket) === undefined : remotePort === portOf(socket)
  }

  listening(server: Server): void {
    this.servers.add(server)
  }
  closed(server: Server): void {
    this.servers.delete(server)
  }

  private leadsHere({ port, host, path }: Target): boolean {
    for (const server of this.servers) {
      const address = server.address()
      if (address === null) continue
      if (typeof address === 'string') {
        if (address === path) return true
      } else if (address.port === port && LOCAL.test(host ?? '')) return true
    }
    return false
  }
}
