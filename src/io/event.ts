/** What happened to a resource. `stat`, `open` and the like that failed have their `error` set. */
export type IOEventKind =
  | 'open'
  | 'close'
  | 'read'
  | 'write'
  | 'connect'
  | 'accept'
  | 'rename'
  | 'unlink'
  | 'truncate'
  | 'sync'
  | 'lock'
  | 'unlock'
  | 'dup'
  | 'create'
  | 'stat'
  | 'lost'
  | 'blind'

/** An operation of the C library, as the preload library saw it. */
export interface IOEvent {
  /**
   * `send` and its kin are `write`, `recv` and its kin `read`; `mkdir`, `link` and `symlink` are `create`. Two kinds are
   * no operations: `lost` says that `length` events are missing here, `blind` that what comes can't be seen (io_uring).
   */
  readonly kind: IOEventKind
  /** `file:/real/path`, `socket:host:port` (IPv6 hosts in brackets), `socket:unix:/path`; empty for `lost`. */
  readonly resourceId: string
  /** What it does to the resource: null for closing, synchronising and copying descriptors. */
  readonly access: 'read' | 'write' | null
  /** Whose code called: Node's own, libuv's among it, or any other: a native addon, or another program. */
  readonly origin: 'node' | 'native'
  /** The file descriptor, or -1 where a path was named. */
  readonly fd: number
  /** Process and thread, as the kernel numbers them. */
  readonly pid: number
  readonly tid: number
  /** errno of an operation that failed, or 0. */
  readonly error: number
  /** Byte offset of `pread` and its kin, or -1: at the descriptor's position. The old descriptor for `dup`. */
  readonly offset: number
  /**
   * Bytes moved, or -1 if it failed. For `open`: 1 if it made the file. For `lock`: 1 if the lock is of the open file
   * (`flock`, `F_OFD_SETLK`), 0 if of the process.
   */
  readonly length: number
}
