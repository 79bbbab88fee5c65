/** A datagram socket of this process. */
import type { Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { Signal } from '../signal.js'
import { Telling } from './telling.js'

export class Endpoint {
  /** Where it is bound, also after it has been closed. */
  place: AddressInfo | null = null
  /** The port that the program asked for; 0: any. */
  wantedPort = 0
  isClosed = false
  /** It has sent something to somebody elsewhere, who may answer. */
  hasAsked = false
  private readonly awaited = new Map<Signal, string>()
  private execution: Execution | null = null
  private events: Telling | null = null
  private calls: Telling | null = null

  /** @param id the same in every execution */
  constructor(
    private readonly runtime: RuntimeHooks,
    readonly socket: Socket,
    readonly id: string,
  ) {}

  /** Its events in their order. */
  tell(execution: Execution, event: string, deliver: () => unknown): void {
    this.prepare(execution)
    this.events?.tell(event, deliver)
  }

  /** The callbacks of `send` in their order: a message may come before the callback of what it answers. */
  callBack(execution: Execution, deliver: () => unknown): void {
    this.prepare(execution)
    this.calls?.tell('send', deliver)
  }

  /** One that was bound outside of the exploration has a part in many executions. */
  private prepare(execution: Execution): void {
    if (this.execution === execution) return
    this.execution = execution
    this.events = new Telling(this.runtime, execution, 'a datagram socket')
    this.calls = new Telling(this.runtime, execution, 'a datagram socket')
  }

  /** Raised when Node tells of `event`, or that there will be none. */
  await(event: string): Signal {
    const signal = new Signal()
    this.awaited.set(signal, event)
    return signal
  }

  /** Node tells of it. */
  happened(event: string): void {
    for (const [signal, wanted] of this.awaited) {
      if (event !== wanted && event !== 'error' && event !== 'close') continue
      this.awaited.delete(signal)
      signal.raise()
    }
  }

  /** Where it is connected to. */
  get peer(): AddressInfo | null {
    try {
      return this.socket.remoteAddress()
    } catch {
      return null
    }
  }

  get isBound(): boolean {
    return this.place !== null && !this.isClosed
  }

  /** Whether what is sent there comes to this socket. */
  isAt(port: number, host: string, isIPv6: boolean): boolean {
    const { place } = this
    if (place === null || place.port !== port) return false
    if (place.family === 'IPv6' ? place.address === '::' : place.address === '0.0.0.0' && !isIPv6) return true
    return host === 'localhost' ? (place.family === 'IPv6') === isIPv6 : place.address === host
  }
}
