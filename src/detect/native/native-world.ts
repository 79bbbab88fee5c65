/** Events of the preload library as accesses. They come when it has happened already, so nothing is looked up by a path. */
import type { IOEvent } from '../../io/event.js'
import type { Execution } from '../../runtime/execution.js'
import type { Notes } from '../../runtime/outside/operation.js'
import type { OpenFile } from '../files/world.js'
import { EventNotes } from './event-notes.js'

const FILE = 'file:'

export class NativeWorld {
  /** Sockets by descriptor: names that are the same in every execution. */
  private readonly sockets = new Map<number, string>()
  private readonly counts = new Map<string, number>()

  constructor(private readonly execution: Execution) {}

  /** Notes the accesses of events in the step that runs. */
  note(events: readonly IOEvent[], site: number): void {
    const notes = this.execution.outside.notes(site)
    const files = new EventNotes(notes, this.execution)
    for (let at = 0; at < events.length; at++) {
      const event = events[at]
      if (event.resourceId.startsWith('socket:')) this.noteSocket(notes, event)
      else if (event.kind === 'rename' && event.error === 0 && events[at + 1]?.kind === 'rename')
        files.moved(pathOf(event), pathOf(events[++at]))
      else this.noteFile(notes, files, event)
    }
  }

  private noteFile(notes: Notes, files: EventNotes, event: IOEvent): void {
    const path = pathOf(event)
    if (event.fd < 0) {
      if (event.kind === 'stat') files.looked(path, event.error === 0)
      else if (event.access === 'read') files.found(path)
      else if (event.kind === 'truncate') files.write(path)
      else files.changed(path)
      return
    }
    const { world } = files
    switch (event.kind) {
      case 'open':
        files.opened(path, event.length === 1, event.access === 'write')
        // Native code closes what it opens: nobody else may.
        world.opened(event.fd, path, false, { close: async () => {} })
        return
      case 'close':
        this.noteClose(files, event.fd)
        return
      case 'dup':
        this.withFile(files, event, file => world.shared(file, event.fd))
        return
      case 'lock':
      case 'unlock':
        this.noteLock(notes, files, event)
        return
      case 'sync':
        return
      case 'truncate':
        return files.write(path)
      case 'read':
      case 'write':
        if (event.offset >= 0) return files.placed(path, event.offset, event.length, event.kind)
        // It goes on from where the descriptor stands, and moves that.
        this.withFile(files, event, file => files.use(file, true))
        return event.kind === 'read' ? files.read(path) : files.write(path)
      default:
        return event.access === 'write' ? files.write(path) : files.read(path)
    }
  }

  /** Of a database only what it does since its first lock is told: nobody else knows the descriptor then. */
  private noteClose(files: EventNotes, fd: number): void {
    const file = files.world.known(fd)
    if (file === undefined) return
    files.close(file)
    files.world.closed(fd)
  }

  /** What is known of the descriptor, which the event itself may be the first to name. */
  private withFile(files: EventNotes, { fd, kind, offset, resourceId }: IOEvent, use: (file: OpenFile) => void): void {
    const known = kind === 'dup' ? offset : fd
    use(files.world.known(known) ?? files.world.foundOpen(known, resourceId.slice(FILE.length)))
  }

  /** Locks of the process keep none of its tasks out, so that they are nothing to any of them. */
  private noteLock(notes: Notes, files: EventNotes, event: IOEvent): void {
    if (event.length !== 1 && event.error === 0) return
    const path = pathOf(event)
    const lock = notes.resource(`lock:${files.world.canonical(path)}`, () => `the lock on ${files.shown(path)}`)
    if (event.access === 'write') notes.write(lock, 'lock')
    else notes.read(lock, 'lock')
  }

  private noteSocket(notes: Notes, event: IOEvent): void {
    const { resourceId, kind, fd, access } = event
    const endpoint = notes.resource(resourceId, () => resourceId.slice('socket:'.length))
    if (kind === 'connect' || kind === 'accept') this.sockets.set(fd, this.number(resourceId))
    if (kind === 'close') this.sockets.delete(fd)
    if (access === null) return
    // Whatever is received, nobody else receives any more.
    if (kind === 'read') {
      const id = this.sockets.get(fd) ?? `descriptor ${resourceId}`
      notes.write(
        notes.resource(id, () => `what comes from ${resourceId.slice('socket:'.length)}`),
        'received',
      )
    }
    if (access === 'read') notes.read(endpoint, 'traffic')
    else notes.write(endpoint, 'traffic')
  }

  private number(resourceId: string): string {
    const { runtime, stepped } = this.execution
    const key = `${(runtime.task ?? stepped)?.identity.path ?? ''} ${resourceId}`
    const count = (this.counts.get(key) ?? 0) + 1
    this.counts.set(key, count)
    return `connection ${key}:${count}`
  }
}

const pathOf = ({ resourceId }: IOEvent): string =>
  resourceId.startsWith(FILE) ? resourceId.slice(FILE.length) : resourceId
