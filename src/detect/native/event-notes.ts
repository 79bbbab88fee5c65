import { dirname } from 'node:path'
import { KEYS } from '../../runtime/identity.js'
import { FileNotes } from '../files/file-notes.js'
import { statSync } from '../files/natives.js'
import { ENTRY, nameOf, SIZE } from '../files/world.js'

/** Accesses of what has happened to files. The paths are real ones, the state of the world is that of afterwards. */
export class EventNotes extends FileNotes {
  /** A name was looked up, whatever was found. */
  found(path: string): void {
    this.notes.read(this.resource(path), ENTRY)
  }

  looked(path: string, isThere: boolean): void {
    const place = this.look(path)
    if (isThere && place.exists) this.status(place.path)
  }

  opened(path: string, isNew: boolean, isChanged: boolean): void {
    if (isNew) {
      this.notes.write(this.resource(path), ENTRY)
      this.notes.update(this.resource(dirname(path)), KEYS)
    } else this.found(path)
    if (isChanged) this.write(path)
  }

  /** Something was made or taken away under this name. */
  changed(path: string): void {
    this.notes.write(this.resource(path), ENTRY)
    this.notes.update(this.resource(dirname(path)), KEYS)
    // If it is a folder: an empty one can go, another can't.
    this.notes.write(this.resource(path), KEYS)
  }

  moved(from: string, to: string): void {
    this.changed(from)
    this.changed(to)
    for (const file of this.world.openUnder(from)) {
      this.write(file.path)
      this.write(to + file.path.slice(from.length))
    }
    this.world.renamed(from, to)
  }

  /** Bytes by position. What a write ends at the file's end with may have made it longer. */
  placed(path: string, position: number, length: number, kind: 'read' | 'write'): void {
    const size = sizeOf(path)
    if (size === null) {
      if (kind === 'read') this.read(path)
      else this.write(path)
      return
    }
    if (length > 0) this.range(path, position, length, kind, position + length >= size)
    // Nothing was there to be read.
    else if (kind === 'read') this.range(path, position, 0, kind, true)
  }

  shown(path: string): string {
    return nameOf(this.world.canonical(path))(SIZE).replace('the size of ', '')
  }
}

function sizeOf(path: string): number | null {
  try {
    return statSync(path).size
  } catch {
    return null
  }
}
