/** One end of a connection, of which events come in tasks of their own. */
import type { Socket } from 'node:net'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply, NativePromise, nativeSetImmediate } from '../../runtime/natives.js'
import type { Notes } from '../../runtime/outside/operation.js'
import { Telling } from './telling.js'

/** What a socket says when the network, or the end of a call, lets it. */
const TOLD = new Set<unknown>(['connect', 'ready', 'drain', 'finish', 'error', 'close'])

type Handle = { reading?: boolean } | null

export class End {
  /** The other end, if it is in this process. */
  peer: End | null = null
  /** The peer has ended: there will be no more data. */
  private hasEnded = false
  private hasClosed = false
  /** Until the listeners know of the connection, Node keeps back what is written. */
  private isConnected = false
  private readonly telling: Telling

  /**
   * @param id the same in every execution
   * @param address of the other end, for people
   * @param isRemote whether nobody in this process listens there
   */
  constructor(
    private readonly runtime: RuntimeHooks,
    readonly execution: Execution,
    readonly socket: Socket,
    readonly id: string,
    readonly address: string,
    readonly isRemote: boolean,
  ) {
    this.telling = new Telling(runtime, execution, address, () => this.settle())
  }

  /** From now on events come in tasks of their own. */
  follow(): void {
    const { socket, execution } = this
    const { push } = socket
    const emit = socket.emit as Function
    this.isConnected = !socket.pending
    socket.push = (chunk, encoding) => {
      if (chunk === null) this.hasEnded = true
      this.tell(chunk === null ? 'end' : 'data', () => apply(push, socket, [chunk, encoding]))
      // No backpressure: the sender's step would wait for a reader who waits for that step to end.
      return true
    }
    socket.emit = (event: unknown, ...args: unknown[]): boolean => {
      if (!TOLD.has(event)) return apply(emit, socket, [event, ...args]) as boolean
      if (event === 'close') this.hasClosed = true
      this.tell(String(event), () => {
        if (event === 'connect') this.isConnected = true
        apply(emit, socket, [event, ...args])
      })
      return true
    }
    execution.outside.onEnd(complete => {
      if (!complete) this.discard()
    })
  }

  /** What is written from two tasks comes in their order. What happens to a server elsewhere, anybody may notice. */
  note(notes: Notes): void {
    const { address, id } = this
    if (this.isRemote)
      notes.write(
        notes.resource(`endpoint:${address}`, () => address),
        'content',
      )
    else
      notes.write(
        notes.resource(id, () => `the connection to ${address}`),
        'written',
      )
  }

  /** Has `deliver` run in a task of its own, after what was to be told before; started by the step that is open. */
  tell(name: string, deliver: () => unknown): void {
    this.telling.tell(name, deliver)
  }

  /** Holds the open step open until the other end has got what was sent. */
  settle(settled: () => Promise<void> = () => this.settled()): void {
    const { outside } = this.execution
    outside.expect(settled(), { name: `the connection to ${this.address}`, site: outside.site, task: null })
  }

  /** Over when that is so. */
  async settled(): Promise<void> {
    do await new NativePromise<void>(resolve => nativeSetImmediate(resolve))
    while (this.runtime.execution === this.execution && !(this.isSettled() && (this.peer?.isSettled() ?? true)))
  }

  private isSettled(): boolean {
    const { socket, peer } = this
    if (socket.connecting) return false
    if (socket.destroyed) {
      if (!this.hasClosed) return false
    } else if (!this.isConnected) return true
    if (peer === null || !peer.isReading) return true
    const isOver = socket.destroyed || socket.writableFinished
    if (isOver) return peer.hasEnded
    return !socket.writableEnded && peer.socket.bytesRead >= socket.bytesWritten
  }

  private get isReading(): boolean {
    const { _handle: handle } = this.socket as unknown as { _handle: Handle }
    return !this.socket.destroyed && handle?.reading === true
  }

  /** Nobody is interested any more. */
  private discard(): void {
    this.socket.emit = () => true
    this.socket.destroy()
  }
}
