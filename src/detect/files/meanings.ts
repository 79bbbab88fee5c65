/** What each of Node's file functions does, by name: the same for callbacks, promises and synchronous calls. */
import { constants } from 'node:fs'
import type { FileNotes } from './file-notes.js'
import { absolute, displayed, textOf } from './paths.js'

/** One call, in terms of what it touches. */
export interface Meaning {
  /** What it does to what, for people. */
  readonly name: string
  note?(files: FileNotes): void
  noted?(files: FileNotes, result: unknown, error: unknown): void
}

/** Null: not a call that this detector has anything to say to. */
export type MeaningOf = (args: any[]) => Meaning | null

/** A function of one path. */
const onPath =
  (verb: string, note: (files: FileNotes, path: string, args: any[]) => void, noted?: Noted): MeaningOf =>
  args => {
    const text = textOf(args[0])
    if (text === null) return null
    const path = absolute(text)
    return {
      name: `${verb} ${displayed(path)}`,
      note: files => note(files, path, args),
      ...(noted === undefined ? {} : { noted: (files, result, error) => noted(files, path, args, result, error) }),
    }
  }
type Noted = (files: FileNotes, path: string, args: any[], result: any, error: unknown) => void

/** A function of two paths. */
const onPaths =
  (verb: string, note: (files: FileNotes, from: string, to: string, args: any[]) => void): MeaningOf =>
  args => {
    const [from, to] = [textOf(args[0]), textOf(args[1])]
    if (from === null || to === null) return null
    const [source, target] = [absolute(from), absolute(to)]
    return {
      name: `${verb} ${displayed(source)} to ${displayed(target)}`,
      note: files => note(files, source, target, args),
    }
  }

/** A function of a file descriptor. 0 to 2 are the process's own. */
const onDescriptor =
  (verb: string, note: (files: FileNotes, descriptor: number, args: any[]) => void, noted?: Noted2): MeaningOf =>
  args => {
    const [descriptor] = args
    if (!Number.isInteger(descriptor) || descriptor < 3) return null
    return {
      name: `${verb} descriptor ${descriptor}`,
      note: files => note(files, descriptor, args),
      ...(noted === undefined
        ? {}
        : { noted: (files, result, error) => noted(files, descriptor, args, result, error) }),
    }
  }
type Noted2 = (files: FileNotes, descriptor: number, args: any[], result: any, error: unknown) => void

/** By path, or by descriptor where a function takes both. */
const either =
  (path: MeaningOf, descriptor: MeaningOf): MeaningOf =>
  args =>
    (typeof args[0] === 'number' ? descriptor : path)(args)

export const optionsOf = (value: unknown): Record<string, any> =>
  typeof value === 'object' && value !== null ? (value as Record<string, any>) : { encoding: value }

export const flagsOf = (flags: unknown): number => {
  if (typeof flags === 'number') return flags
  const { O_RDONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_EXCL, O_WRONLY } = constants
  const text = String(flags ?? 'r').replace('s', '')
  const plus = text.includes('+')
  const exclusive = text.includes('x') ? O_EXCL : 0
  if (text.startsWith('w')) return (plus ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC | exclusive
  if (text.startsWith('a')) return (plus ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND | exclusive
  return plus ? O_RDWR : O_RDONLY
}

/** What opening a file does to it. Returns its real path. */
export function noteOpen(files: FileNotes, path: string, flags: number): string {
  const { O_CREAT, O_EXCL, O_TRUNC } = constants
  const follow = (flags & (O_CREAT | O_EXCL)) !== (O_CREAT | O_EXCL)
  const place = (flags & O_CREAT) === 0 ? files.look(path) : files.create(path, follow)
  if (place.exists) {
    files.mayUse(place.path)
    if ((flags & O_TRUNC) !== 0 && follow) files.write(place.path, '')
  }
  return place.path
}

const open: MeaningOf = args => {
  const text = textOf(args[0])
  if (text === null) return null
  const path = absolute(text)
  const flags = flagsOf(typeof args[1] === 'function' ? undefined : args[1])
  let real = path
  return {
    name: `open ${displayed(path)}`,
    note: files => {
      real = noteOpen(files, path, flags)
    },
    noted: (files, result: any) => {
      if (result === undefined) return
      const isHandle = typeof result === 'object'
      files.world.opened(
        isHandle ? result.fd : result,
        real,
        (flags & constants.O_APPEND) !== 0,
        isHandle ? result : null,
      )
    },
  }
}

/** A read or write at the position given, or at the one that the descriptor stands at. */
const transfer = (kind: 'read' | 'write', where: (args: any[]) => { position: unknown; length: number }): MeaningOf =>
  onDescriptor(kind, (files, descriptor, args) => {
    const file = files.world.file(descriptor)
    if (file === undefined) return
    const { position, length } = where(args)
    const at = typeof position === 'bigint' ? Number(position) : position
    const positioned = typeof at === 'number' && at >= 0 && !(kind === 'write' && file.appends)
    files.use(file, !positioned)
    if (length === 0) return
    if (positioned) files.part(file, descriptor, at, length, kind)
    else files[kind](file.path)
  })

const byteLength = (view: unknown): number => (ArrayBuffer.isView(view) ? view.byteLength : 0)

/** `(buffer, offset, length, position)`, `(buffer, options)` or `(options)`. */
function readRange([, buffer, offset, length, position]: any[]): { position: unknown; length: number } {
  if (ArrayBuffer.isView(buffer)) {
    if (typeof offset === 'object' && offset !== null)
      return {
        position: offset.position,
        length: offset.length ?? byteLength(buffer) - (offset.offset ?? 0),
      }
    const from = typeof offset === 'number' ? offset : 0
    return { position, length: typeof length === 'number' ? length : byteLength(buffer) - from }
  }
  const options = optionsOf(buffer)
  return { position: options.position, length: options.length ?? (byteLength(options.buffer) || 16384) }
}

/** As for `read`, or `(string, position, encoding)`. */
function writeRange(args: any[]): { position: unknown; length: number } {
  const [, data, second, third] = args
  if (typeof data !== 'string') return readRange(args)
  return {
    position: second,
    length: Buffer.byteLength(data, typeof third === 'string' ? (third as BufferEncoding) : 'utf8'),
  }
}

function vectorRange([, buffers, position]: any[]): { position: unknown; length: number } {
  const list: unknown[] = Array.isArray(buffers) ? buffers : []
  return { position, length: list.reduce((sum: number, view) => sum + byteLength(view), 0) }
}

const withFile = (use: (files: FileNotes, path: string) => void) => (files: FileNotes, descriptor: number) => {
  const file = files.world.file(descriptor)
  if (file === undefined) return
  files.use(file)
  use(files, file.path)
}

const status = (follow: boolean): MeaningOf =>
  onPath('look at', (files, path) => {
    const place = files.look(path, follow)
    if (place.exists) files.status(place.path)
  })

const change = (verb: string, follow: boolean): MeaningOf =>
  onPath(verb, (files, path) => {
    const place = files.look(path, follow)
    if (place.exists) files.changeStatus(place.path)
  })

const changeOpen = (verb: string): MeaningOf =>
  onDescriptor(
    verb,
    withFile((files, path) => files.changeStatus(path)),
  )
const nothing: MeaningOf = onDescriptor(
  'sync',
  withFile(() => {}),
)

const mkdir: MeaningOf = onPath('mkdir', (files, path, args) => {
  const isRecursive = optionsOf(args[1]).recursive === true
  const missing: string[] = []
  if (isRecursive) {
    for (let at = path; ; ) {
      const place = files.look(at)
      if (place.exists) break
      missing.push(place.path)
      const above = at.slice(0, Math.max(1, at.replace(/[\\/]+$/, '').search(/[\\/][^\\/]*$/)))
      if (above === at) break
      at = above
    }
    for (const level of missing) files.create(level, false)
  } else files.create(path, false)
})

const readFile: MeaningOf = args => {
  const text = textOf(args[0])
  if (text === null) return null
  const path = absolute(text)
  let real = path
  return {
    name: `read ${displayed(path)}`,
    note: files => {
      real = noteOpen(files, path, flagsOf(optionsOf(args[1]).flag))
    },
    noted: (files, result) => files.read(real, shown(result)),
  }
}

export const meanings: Record<string, MeaningOf> = {
  access: onPath('look for', (files, path) => {
    const place = files.look(path)
    if (place.exists) files.mayUse(place.path)
  }),
  exists: onPath('look for', (files, path) => void files.look(path)),
  stat: status(true),
  lstat: status(false),
  realpath: onPath('look up', (files, path) => void files.look(path)),
  readlink: onPath('look up', (files, path) => void files.look(path, false)),
  chmod: change('chmod', true),
  lchmod: change('chmod', false),
  chown: change('chown', true),
  lchown: change('chown', false),
  utimes: change('utimes', true),
  lutimes: change('utimes', false),
  fchmod: changeOpen('chmod'),
  fchown: changeOpen('chown'),
  futimes: changeOpen('utimes'),
  fsync: nothing,
  fdatasync: nothing,
  fstat: onDescriptor(
    'look at',
    withFile((files, path) => files.status(path)),
  ),
  open,
  close: onDescriptor(
    'close',
    (files, descriptor) => {
      const file = files.world.file(descriptor)
      if (file !== undefined) files.close(file)
    },
    (files, descriptor) => files.world.closed(descriptor),
  ),
  read: transfer('read', readRange),
  write: transfer('write', writeRange),
  readv: transfer('read', vectorRange),
  writev: transfer('write', vectorRange),
  readFile: either(
    readFile,
    onDescriptor(
      'read',
      withFile((files, path) => files.read(path)),
    ),
  ),
  writeFile: either(
    onPath('write', (files, path, args) => {
      const real = noteOpen(files, path, flagsOf(optionsOf(args[2]).flag ?? 'w'))
      files.write(real, shown(args[1]))
    }),
    onDescriptor(
      'write',
      withFile((files, path) => files.write(path)),
    ),
  ),
  appendFile: either(
    onPath('append to', (files, path, args) => {
      const real = noteOpen(files, path, flagsOf(optionsOf(args[2]).flag ?? 'a'))
      files.write(real, shown(args[1]))
    }),
    onDescriptor(
      'append to',
      withFile((files, path) => files.write(path)),
    ),
  ),
  truncate: either(
    onPath('truncate', (files, path) => {
      const place = files.look(path)
      if (place.exists) files.write(place.path)
    }),
    onDescriptor(
      'truncate',
      withFile((files, path) => files.write(path)),
    ),
  ),
  ftruncate: onDescriptor(
    'truncate',
    withFile((files, path) => files.write(path)),
  ),
  copyFile: onPaths('copy', (files, from, to, args) => {
    const source = files.look(from)
    if (source.exists) files.read(source.path)
    const isExclusive = typeof args[2] === 'number' && (args[2] & constants.COPYFILE_EXCL) !== 0
    const target = files.create(to, !isExclusive)
    if (!(isExclusive && target.exists)) files.write(target.path)
  }),
  mkdir,
  mkdtemp: onPath(
    'mkdtemp',
    () => {},
    (files, _, __, result) => {
      if (typeof result !== 'string') return
      files.madeTemporary(absolute(result))
    },
  ),
  rmdir: onPath('rmdir', (files, path, args) => {
    if (optionsOf(args[1]).recursive === true) files.removeTree(path)
    else files.remove(path)
  }),
  rm: onPath('rm', (files, path, args) => {
    if (optionsOf(args[1]).recursive === true) files.removeTree(path)
    else files.remove(path)
  }),
  unlink: onPath('unlink', (files, path) => void files.remove(path)),
  rename: onPaths('rename', (files, from, to) => files.rename(from, to)),
  link: onPaths('link', (files, from, to) => files.link(from, to)),
  symlink: args => {
    const text = textOf(args[1])
    if (text === null) return null
    const path = absolute(text)
    return { name: `symlink ${displayed(path)}`, note: files => void files.create(path, false) }
  },
  readdir: onPath(
    'list',
    (files, path) => {
      const place = files.look(path)
      if (place.exists) files.list(place.path)
    },
    (files, path, args, result) => {
      if (result === undefined || optionsOf(args[1]).recursive !== true) return
      const place = files.look(path)
      files.tree(place.path, place.isDirectory, (inner, isDirectory) => {
        if (isDirectory) files.list(inner)
      })
    },
  ),
  opendir: onPath('list', (files, path) => {
    const place = files.look(path)
    if (place.exists) files.list(place.path)
  }),
}

/** Contents, as far as they are of any use in a story. */
export function shown(data: unknown): unknown {
  if (typeof data === 'string') return data.length > 200 ? `${data.slice(0, 200)}…` : data
  if (!ArrayBuffer.isView(data)) return undefined
  const bytes = Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, 200))
  const text = bytes.toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what tells text from other data
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? undefined : text
}
