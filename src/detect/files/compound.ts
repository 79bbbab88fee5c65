/** Operations of several steps, in which others may come: each does natively what Node itself does there. */
import { constants, type OpenMode } from 'node:fs'
import { join } from 'node:path'
import type { Execution } from '../../runtime/execution.js'
import type { Operation, Phase } from '../../runtime/outside/operation.js'
import { FileNotes } from './file-notes.js'
import { openHandle, promises } from './natives.js'
import { flagsOf, noteOpen, optionsOf, shown } from './opening.js'
import { absolute, displayed, textOf } from './paths.js'

const { readdir, rmdir, unlink, lstat } = promises

/**
 * `writeFile` of a whole file: it is opened, which empties it, and then written to. Null: anything else (a descriptor, a
 * stream of data, flags that don't empty the file), which is one step.
 */
export function writeInSteps(execution: Execution, [target, data, given]: any[]): Operation | null {
  const text = textOf(target)
  if (text === null || !(typeof data === 'string' || ArrayBuffer.isView(data))) return null
  const options = optionsOf(given)
  const { flag = 'w', mode = 0o666, encoding, signal, flush } = options
  if ((flagsOf(flag) & constants.O_TRUNC) === 0 || signal !== undefined) return null
  const path = absolute(text)
  const name = `write ${displayed(path)}`
  let real = path
  return {
    name,
    *phases() {
      const handle = (yield {
        note: notes => {
          real = noteOpen(new FileNotes(notes, execution), path, flagsOf(flag))
        },
        perform: () => openHandle(target, flag as OpenMode, mode),
        noted: (notes, result) => {
          if (result === undefined) return
          const { world } = new FileNotes(notes, execution)
          world.opened((result as Handle).fd, real, false, result as Handle)
        },
      }) as Handle
      const { fd } = handle
      yield {
        note: notes => {
          const files = new FileNotes(notes, execution)
          real = files.world.file(fd).path
          files.write(real, shown(data))
          files.world.closed(fd)
        },
        perform: async () => {
          try {
            await handle.writeFile(data as string, encoding)
            if (flush) await handle.sync()
          } finally {
            await handle.close()
          }
        },
      } satisfies Phase
      return undefined
    },
  }
}
type Handle = import('node:fs/promises').FileHandle

/** `rm` of a whole folder: listed, emptied name by name, removed. Null: not such a call. */
export function removeInSteps(execution: Execution, [target, given]: any[]): Operation | null {
  const text = textOf(target)
  const { recursive, force, maxRetries } = optionsOf(given)
  if (text === null || recursive !== true || maxRetries) return null
  const top = absolute(text)
  const step = (note: (files: FileNotes) => void, perform: () => unknown): Phase => ({
    note: notes => note(new FileNotes(notes, execution)),
    perform,
  })
  const gone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

  function* removeFile(path: string): Generator<Phase, void, any> {
    yield step(
      files => void files.remove(path),
      () => unlink(path),
    )
  }
  function* removeFolder(path: string): Generator<Phase, void, any> {
    const entries = yield step(
      files => {
        const place = files.look(path, false)
        if (place.exists) files.list(place.path)
      },
      () => readdir(path, { withFileTypes: true }),
    )
    for (const entry of entries) {
      const inner = join(path, entry.name)
      try {
        yield* entry.isDirectory() ? removeFolder(inner) : removeFile(inner)
      } catch (error) {
        // Somebody else was faster.
        if (!gone(error)) throw error
      }
    }
    yield step(
      files => void files.remove(path),
      () => rmdir(path),
    )
  }
  return {
    name: `rm ${displayed(top)}`,
    *phases(): Generator<Phase, unknown, any> {
      try {
        const status = yield step(
          files => void files.look(top, false),
          () => lstat(top),
        )
        yield* status.isDirectory() ? removeFolder(top) : removeFile(top)
      } catch (error) {
        if (!(force && gone(error))) throw error
      }
      return undefined
    },
  }
}

/** What a synchronous copy of a whole folder touches, as one step. */
export function noteCopyTree(files: FileNotes, from: string, to: string): void {
  const source = files.look(from)
  if (!source.exists) return
  files.tree(source.path, source.isDirectory, (inner, isDirectory) => {
    if (isDirectory) files.list(inner)
    else files.read(inner)
    const target = to + inner.slice(source.path.length)
    const place = files.create(target)
    if (!isDirectory) files.write(place.path)
  })
}
