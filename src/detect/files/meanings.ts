/** What each of Node's file functions does, by name: the same for callbacks, promises and synchronous calls. */
import { constants } from 'node:fs'
import { noteCopyTree } from './compound.js'
import type { FileNotes } from './file-notes.js'
import { either, type MeaningOf, onDescriptor, onPath, onPaths } from './meaning.js'
import { flagsOf, noteOpen, optionsOf, shown } from './opening.js'
import { absolute, displayed, textOf } from './paths.js'
import { readRange, vectorRange, writeRange } from './ranges.js'

const open: MeaningOf = args => {
  const text = textOf(args[0])
  if (text === null) return null
  const path = absolute(text)
  const flags = flagsOf(typeof args[1] === 'function' ? undefined : args[1])
  let real = path
  return {
    name: `open ${displayed(path)}`,
    opens: true,
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
    const { position, length } = where(args)
    const at = typeof position === 'bigint' ? Number(position) : position
    const positioned = typeof at === 'number' && at >= 0 && !(kind === 'write' && file.appends)
    files.use(file, !positioned)
    if (length === 0) return
    if (positioned) files.part(file, descriptor, at, length, kind)
    else files[kind === 'write' && file.appends ? 'append' : kind](file.path)
  })

const withFile = (use: (files: FileNotes, path: string) => void) => (files: FileNotes, descriptor: number) => {
  const file = files.world.file(descriptor)
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
    (files, descriptor) => files.close(files.world.file(descriptor)),
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
      files.append(real, shown(args[1]))
    }),
    onDescriptor(
      'append to',
      withFile((files, path) => files.append(path)),
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
  cp: onPaths('copy', noteCopyTree),
  copyFile: onPaths('copy', (files, from, to, args) => {
    const source = files.look(from)
    if (source.exists) files.read(source.path)
    // The system opens the target first, and takes it away again when the copy fails.
    if (source.isDirectory) files.remove(to)
    const isExclusive = typeof args[2] === 'number' && (args[2] & constants.COPYFILE_EXCL) !== 0
    const target = files.create(to, !isExclusive)
    if (!(isExclusive && target.exists)) files.write(target.path)
  }),
  statfs: onPath('look at', (files, path) => void files.look(path)),
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
  opendir: onPath(
    'open',
    (files, path) => void files.look(path),
    (files, _, __, result) => {
      if (result !== undefined) files.world.openedFolder(result)
    },
  ),
}
