import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { Channel } from './channel.js'
import type { IOEvent } from './event.js'
import { parseRecords } from './protocol.js'

const nativeSetInterval = setInterval
const nativeClearInterval = clearInterval

/** Called with each event, in the order in which they happened. */
export type IOEventListener = (event: IOEvent) => void

export interface IOEventDispatcherOptions {
  /** `'native'`: only what is not done by Node's own code. Default `'all'`. */
  origin?: 'all' | 'native'
  /**
   * Where the events come from: a stream that ends in another process (see {@link preloadEnvironment}), or the path of
   * a log that `FRONTRUN_IO_LOG` named, read once. Default: this process.
   */
  from?: Readable | string
  /** How often this process's events are looked for, in milliseconds. Default 10; 0: only by `flush`. */
  interval?: number
}

/**
 * Events of the preload library: which files and sockets the C code of a process opens, reads and writes.
 *
 * For events of this process it has to run under `frontrun <command>` on Linux; else the constructor throws. A listener
 * is called from the event loop, or from `flush`. Events that found no room are told as one of kind `lost`.
 *
 * @example
 * ```ts
 * using events = new IOEventDispatcher()
 * events.addListener(ev => console.log(ev.kind, ev.resourceId))
 * addon.writeSomething()
 * events.flush()
 * ```
 */
export class IOEventDispatcher {
  private readonly listeners = new Set<IOEventListener>()
  private readonly channel: Channel | null = null
  private readonly timer: NodeJS.Timeout | null = null
  private rest = Buffer.alloc(0)
  private readonly log: string | null = null
  private logPosition = 0
  private readonly origin: 'all' | 'native'

  constructor({ origin = 'all', from, interval = 10 }: IOEventDispatcherOptions = {}) {
    if (typeof from === 'string') this.log = from
    else if (from !== undefined) from.on('data', (chunk: Buffer) => this.received(chunk))
    else {
      this.channel = Channel.open(origin)
      if (this.channel === null)
        throw new Error(
          'frontrun: the preload library is not loaded in this process. Run it with `frontrun <command>` (Linux, x64 or arm64; `npm run build:native` builds the library in a checkout).',
        )
      if (interval > 0) this.timer = nativeSetInterval(() => this.flush(), interval).unref()
    }
    this.origin = origin
  }

  /** Whether the library is loaded in this process. */
  static get isAvailable(): boolean {
    const channel = Channel.open('native')
    channel?.close()
    return channel !== null
  }

  addListener(listener: IOEventListener): this {
    this.listeners.add(listener)
    return this
  }

  removeListener(listener: IOEventListener): this {
    this.listeners.delete(listener)
    return this
  }

  /** No events any more about this descriptor, until it is closed. Only for events of this process. */
  ignore(fd: number): this {
    this.channel?.claim(fd)
    return this
  }

  /** Tells the listeners at once what has happened until now. Reads the log, where one was given. */
  flush(): void {
    if (this.log !== null) this.received(this.newInLog(this.log))
    else this.channel?.drain(this.emit)
  }

  private newInLog(path: string): Buffer {
    const bytes = readFileSync(path).subarray(this.logPosition)
    this.logPosition += bytes.length
    return bytes
  }

  /** Tells what is left and stops. */
  close(): void {
    this.flush()
    if (this.timer !== null) nativeClearInterval(this.timer)
    this.channel?.close()
    this.listeners.clear()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  private readonly emit = (event: IOEvent): void => {
    for (const listener of this.listeners) listener(event)
  }

  private received(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    const used = parseRecords(bytes, bytes.length, event => {
      if (this.origin === 'all' || event.origin === 'native') this.emit(event)
    })
    this.rest = Buffer.from(bytes.subarray(used))
  }
}
