/** Records of the preload library, see native/src/protocol.h. */
import type { IOEvent, IOEventKind } from './event.js'

export const PROTOCOL_VERSION = 1
export const CHANNEL_PATH = `/dev/frontrun-io/${PROTOCOL_VERSION}/`

const HEADER = 40

const KINDS: readonly IOEventKind[] = [
  'lost',
  'open',
  'close',
  'read',
  'write',
  'connect',
  'accept',
  'rename',
  'unlink',
  'truncate',
  'sync',
  'lock',
  'unlock',
  'dup',
  'create',
  'stat',
  'lost',
  'blind',
]

const ACCESSES = [null, 'read', 'write'] as const
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** Raised where what was read is no record: the library and this package are not of one version. */
export class ProtocolError extends Error {
  override name = 'ProtocolError'
}

/**
 * Takes whole records from the front of `bytes`, whose buffer has `length` of them. Gives how many bytes they were: the
 * beginning of a record that is not there in full yet is left.
 */
export function parseRecords(bytes: Buffer, length: number, emit: (event: IOEvent) => void): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  let at = 0
  while (length - at >= 2) {
    const size = view.getUint16(at, isLittleEndian)
    if (length - at < Math.max(size, 4)) break
    const resourceLength = size >= HEADER ? view.getUint16(at + 6, isLittleEndian) : -1
    const kind = KINDS[bytes[at + 3]]
    if (bytes[at + 2] !== PROTOCOL_VERSION || size !== HEADER + resourceLength || kind === undefined)
      throw new ProtocolError(
        'frontrun: the preload library speaks another protocol. Run the command with the `frontrun` of this package.',
      )
    emit({
      kind,
      resourceId: bytes.toString('utf8', at + HEADER, at + size),
      access: ACCESSES[bytes[at + 4]] ?? null,
      origin: bytes[at + 5] === 1 ? 'node' : 'native',
      fd: view.getInt32(at + 16, isLittleEndian),
      pid: view.getInt32(at + 8, isLittleEndian),
      tid: view.getInt32(at + 12, isLittleEndian),
      error: view.getInt32(at + 20, isLittleEndian),
      offset: Number(view.getBigInt64(at + 24, isLittleEndian)),
      length: Number(view.getBigInt64(at + 32, isLittleEndian)),
    })
    at += size
  }
  return at
}

const CLAIM = 1
const RELEASE = 2

export function claimCommand(fd: number, claimed: boolean): Buffer {
  const command = Buffer.alloc(8)
  new DataView(command.buffer, command.byteOffset).setInt32(0, claimed ? CLAIM : RELEASE, isLittleEndian)
  new DataView(command.buffer, command.byteOffset).setInt32(4, fd, isLittleEndian)
  return command
}
