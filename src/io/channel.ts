import fs from 'node:fs'
import type { IOEvent } from './event.js'
import { CHANNEL_PATH, claimCommand, parseRecords } from './protocol.js'

/** Before any detector takes them over. */
const { closeSync, openSync, readlinkSync, readSync, writeSync } = fs

/**
 * The way to the preload library in this process. Opening a path that the library answers for gives a pipe of its own;
 * reading never blocks and costs a system call.
 */
export class Channel {
  private readonly buffer = Buffer.allocUnsafeSlow(1 << 16)

  private constructor(private readonly fd: number) {}

  /** Null where the library is not loaded. `native`: without what Node's own code does. */
  static open(origin: 'all' | 'native'): Channel | null {
    try {
      return new Channel(openSync(CHANNEL_PATH + origin, 'r'))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return null
      throw error
    }
  }

  /** The number that the kernel has for the thread this runs on. */
  thread(): number {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  }

  /** Everything that happened since the last time. */
  drain(emit: (event: IOEvent) => void): void {
    for (;;) {
      // A pipe of whole records, of which a read may cut the last.
      let length = readSync(this.fd, this.buffer, 0, this.buffer.length - 2048, null)
      if (length === 0) return
      let used = parseRecords(this.buffer, length, emit)
      while (used < length) {
        this.buffer.copyWithin(0, used, length)
        length -= used
        length += readSync(this.fd, this.buffer, length, 2048, null)
        used = parseRecords(this.buffer, length, emit)
      }
    }
  }

  /** What happens to this descriptor is seen by a detector: silence until it is closed, or released. */
  claim(fd: number): void {
    writeSync(this.fd, claimCommand(fd, true))
  }

  release(fd: number): void {
    writeSync(this.fd, claimCommand(fd, false))
  }

  close(): void {
    closeSync(this.fd)
  }
}
