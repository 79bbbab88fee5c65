/** Datagrams between sockets of this process: who has sent what, and where it arrives. */
import type { Socket } from 'node:dgram'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import type { Notes } from '../../runtime/outside/operation.js'
import { overseeDatagrams } from '../../runtime/overseen-sockets.js'
import { Signal } from '../signal.js'
import type { Sending } from './datagram-calls.js'
import { Endpoint } from './endpoint.js'

/** A datagram under way to a socket of this process. */
interface Flight {
  readonly sender: Endpoint
  readonly port: number
  readonly arrived: Signal
}

const LOCAL = /^(localhost|127\.|::1$|0\.0\.0\.0$|::$)/

/** What belongs to one execution. */
class Present {
  readonly counts = new Map<string, number>()
  readonly closed = new Set<Endpoint>()
  readonly flights = new Set<Flight>()
}

export class Datagrams {
  private readonly known = new WeakMap<Socket, Endpoint>()
  private readonly open = new Set<Endpoint>()
  private readonly presents = new WeakMap<Execution, Present>()
  private outsideCount = 0

  constructor(private readonly runtime: RuntimeHooks) {}

  endpoint(socket: Socket): Endpoint {
    let endpoint = this.known.get(socket)
    if (endpoint === undefined) {
      endpoint = new Endpoint(this.runtime, socket, this.newId())
      this.known.set(socket, endpoint)
    }
    return endpoint
  }

  /** By who made it, never by its port. */
  private newId(): string {
    const { execution, task } = this.runtime
    if (execution === null) return `udp::${++this.outsideCount}`
    const { counts } = this.present(execution)
    const owner = (task ?? execution.stepped)?.identity.path ?? ''
    const count = (counts.get(owner) ?? 0) + 1
    counts.set(owner, count)
    return `udp:${owner}:${count}`
  }

  private present(execution: Execution): Present {
    let present = this.presents.get(execution)
    if (present === undefined) {
      present = new Present()
      this.presents.set(execution, present)
    }
    return present
  }

  listening(endpoint: Endpoint, isFollowed: boolean): void {
    const { execution } = this.runtime
    endpoint.place = endpoint.socket.address()
    this.open.add(endpoint)
    if (isFollowed && !endpoint.hasAsked) overseeDatagrams(endpoint.socket, true)
    execution?.outside.onEnd(complete => {
      if (!complete && endpoint.isBound) endpoint.socket.close()
    })
  }

  /** What is under way to it is lost. */
  closed(endpoint: Endpoint): void {
    endpoint.isClosed = true
    this.open.delete(endpoint)
    overseeDatagrams(endpoint.socket, false)
    const { execution } = this.runtime
    if (execution === null) return
    const present = this.present(execution)
    present.closed.add(endpoint)
    this.loseLost(present)
  }

  /** Whom a datagram would reach, or would have reached. */
  target(
    endpoint: Endpoint,
    { port, host }: Sending,
  ): { receiver: Endpoint | null; address: string; isLocal: boolean } {
    const isIPv6 = (endpoint.socket as unknown as { type: string }).type === 'udp6'
    const { peer } = endpoint
    const to =
      port === undefined && peer !== null
        ? { port: peer.port, host: peer.address }
        : { port: port ?? 0, host: host ?? (isIPv6 ? '::1' : '127.0.0.1') }
    const isMapped = to.host.startsWith('::ffff:')
    const bare = isMapped ? to.host.slice('::ffff:'.length) : to.host
    const isLocal = LOCAL.test(bare)
    const isThere = (one: Endpoint): boolean => isLocal && one.isAt(to.port, bare, isIPv6 && !isMapped)
    const { closed } = this.present(this.runtime.execution as Execution)
    const receiver = [...this.open].find(isThere) ?? [...closed].reverse().find(isThere) ?? null
    return { receiver, address: `${to.host}:${to.port}`, isLocal }
  }

  /** What a socket gets comes in the order in which it was sent. What comes to somebody elsewhere, anybody may notice. */
  noteSending(notes: Notes, endpoint: Endpoint, sending: Sending): void {
    const { receiver, address, isLocal } = this.target(endpoint, sending)
    if (receiver === null) {
      notes.write(
        notes.resource(`endpoint:${address}`, () => address),
        'content',
      )
      // It may be bound later.
      if (isLocal) notes.alsoRead(portOf(notes, Number(sending.port ?? 0)), 'bound')
      return
    }
    this.noteReceiver(notes, receiver)
    if (receiver.wantedPort !== 0) notes.alsoRead(portOf(notes, receiver.wantedPort), 'bound')
  }

  /** A socket closes: whether what came before was told before is another matter than whether it came. */
  noteClosing(notes: Notes, endpoint: Endpoint): void {
    this.noteReceiver(notes, endpoint)
    notes.write(receivedBy(notes, endpoint), 'open')
    this.notePort(notes, endpoint.wantedPort)
  }

  /** A datagram that has come is told, if the socket is open. */
  noteTelling(notes: Notes, endpoint: Endpoint): void {
    notes.alsoRead(receivedBy(notes, endpoint), 'open')
  }

  private noteReceiver(notes: Notes, endpoint: Endpoint): void {
    notes.write(receivedBy(notes, endpoint), 'received')
  }

  notePort(notes: Notes, port: number): void {
    if (port !== 0) notes.write(portOf(notes, port), 'bound')
  }

  /** A datagram goes out. Null: to nobody in this process. */
  send(sender: Endpoint, sending: Sending): Flight | null {
    const { receiver } = this.target(sender, sending)
    if (receiver?.place == null || receiver.isClosed) {
      sender.hasAsked ||= receiver === null
      if (sender.hasAsked) overseeDatagrams(sender.socket, false)
      return null
    }
    const flight = { sender, port: receiver.place.port, arrived: new Signal() }
    this.present(this.runtime.execution as Execution).flights.add(flight)
    return flight
  }

  /** It is not under way, or no longer. */
  drop(execution: Execution, flight: Flight | null): void {
    if (flight === null) return
    this.present(execution).flights.delete(flight)
    flight.arrived.raise()
  }

  /** Node has handed it to the system, which drops what nobody takes. */
  loseLost(present = this.present(this.runtime.execution as Execution)): void {
    for (const flight of present.flights) {
      const { sender, port, arrived } = flight
      const takes = (one: Endpoint): boolean =>
        one.place?.port === port && (one.peer === null || one.peer.port === sender.place?.port)
      if (sender.place === null || [...this.open].some(takes)) continue
      present.flights.delete(flight)
      arrived.raise()
    }
  }

  /** Which one has come; null: one from elsewhere. */
  arrival(execution: Execution, receiver: Endpoint, port: number): Flight | null {
    const { flights } = this.present(execution)
    for (const flight of flights)
      if (flight.port === receiver.place?.port && flight.sender.place?.port === port) {
        flights.delete(flight)
        return flight
      }
    return null
  }
}

const portOf = (notes: Notes, port: number) => notes.resource(`udp port ${port}`, () => `UDP port ${port}`)

const receivedBy = (notes: Notes, { id }: Endpoint) => notes.resource(id, () => 'what a datagram socket gets')
