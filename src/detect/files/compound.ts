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

/** One step: `note` before it is done, `noted` when it has been. */
function step(
  execution: Execution,
  note: (files: FileNotes) => void,
  perform: () => unknown,
  noted?: (files: FileNotes, result: any) => void,
): Phase {
  let files: FileNotes | null = null
  return {
    note: notes => {
      files = new FileNotes(notes, execution)
      note(files)
    },
    perform,
    noted: (_, result, error) => {
      if (files === null || error !== undefined) return
      files.succeeded()
      noted?.(files, result)
    },
  }
}

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
      const open = step(
        execution,
        files => {
          real = noteOpen(files, path, flagsOf(flag))
        },
        () => openHandle(target, flag as OpenMode, mode),
        ({ world }, handle: Handle) => world.opened(handle.fd, real, false, handle),
      )
      const handle = (yield { ...open, discard: late => void (late as Handle).close().catch(() => {}) }) as Handle
      const { fd } = handle
      yield step(
        execution,
        files => {
          files.write(files.world.file(fd).path, shown(data))
          files.world.closed(fd)
        },
        async () => {
          try {
            await handle.writeFile(data as string, encoding)
            if (flush) await handle.sync()
          } finally {
            await handle.close()
          }
        },
      )
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
  const gone = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

  function* removeFile(path: string): Generator<Phase, void, any> {
    yield step(
      execution,
      files => void files.remove(path),
      () => unlink(path),
    )
  }
  function* removeFolder(path: string): Generator<Phase, void, any> {
    const entries = yield step(
      execution,
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
      execution,
      files => void files.remove(path),
      () => rmdir(path),
    )
  }
  return {
    name: `rm ${displayed(top)}`,
    *phases(): Generator<Phase, unknown, any> {
      try {
        const status = yield step(
          execution,
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
