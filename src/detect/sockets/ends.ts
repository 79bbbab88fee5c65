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

const LOCAL = /^(localhost|127\.|::1$|0\.0\.0\.0$|::$|::ffff:127\.)/

export class Ends {
  private readonly servers = new Set<Server>()
  private readonly known = new WeakMap<Socket, End>()
  private readonly counts = new WeakMap<Execution, Map<string, number>>()
  /** The one that is being connected. There is at most one: its step stays open until it is. */
  private connecting: End | null = null

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

  /** Connects it; over when both ends know. */
  async connect(end: End, connect: () => void): Promise<void> {
    this.connecting = end
    try {
      connect()
      do await end.settled()
      while (end.peer === null && !end.socket.destroyed && this.runtime.execution === end.execution)
    } finally {
      if (this.connecting === end) this.connecting = null
    }
  }

  /** A connection has come to a server; true: `tell` is called in a task of its own. */
  accept(socket: Socket, tell: () => void): boolean {
    const end = this.connecting
    if (end === null || end.execution !== this.runtime.execution) return false
    if (end.peer !== null || (socket.remotePort !== undefined && socket.remotePort !== end.socket.localPort))
      return false
    const peer = new End(this.runtime, end.execution, socket, `${end.id}:server`, `the client of ${end.address}`, false)
    peer.follow()
    this.known.set(socket, peer)
    peer.peer = end
    end.peer = peer
    peer.tell('connection', tell)
    return true
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
