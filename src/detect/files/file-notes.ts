/** Accesses of one operation on files. */
import { dirname, join } from 'node:path'
import type { Execution } from '../../runtime/execution.js'
import { KEYS } from '../../runtime/identity.js'
import type { Notes } from '../../runtime/outside/operation.js'
import type { Resource } from '../../runtime/outside/resource.js'
import { fstatSync, readdirSync } from './natives.js'
import { type Place, resolvePath } from './paths.js'
import { StartState } from './start-state.js'
import { type ChangeKind, WATCHED, type Watcher, Watches } from './watchers.js'
import { CONTENT, ENTRY, FileWorld, META, nameOf, type OpenFile, PARTS, SIZE } from './world.js'

/** Accesses of at most so many bytes within a block are noted byte by byte. */
const FINE = 64
const BLOCK = 4096

export class FileNotes {
  readonly world: FileWorld
  private readonly start: StartState
  constructor(
    protected readonly notes: Notes,
    readonly execution: Execution,
  ) {
    this.world = FileWorld.of(execution)
    this.start = StartState.of(execution)
  }

  protected resource(path: string): Resource {
    const name = this.world.canonical(path)
    return this.notes.resource(`file:${name}`, nameOf(name))
  }

  private contentOf(path: string): Resource {
    return this.resource(this.world.contentPath(path))
  }

  // --- names -------------------------------------------------------------------------------------------------------

  /** Follows a path, which reads every name on the way, but the last. */
  private walk(path: string, follow: boolean): Place {
    const place = resolvePath(path, follow)
    this.start.sawName(place.path, place.exists)
    for (const name of place.passed) this.notes.read(this.resource(name), ENTRY)
    return place
  }

  /** Finds out whether something is there. */
  look(path: string, follow = true): Place {
    const place = this.walk(path, follow)
    this.notes.read(this.resource(place.path), ENTRY, place.exists)
    return place
  }

  /** Puts something in a place where nothing is, or finds that there is something. */
  create(path: string, follow = true): Place {
    const place = this.walk(path, follow)
    if (place.exists) this.notes.read(this.resource(place.path), ENTRY, true)
    else this.changeName(place.path, true)
    return place
  }

  /** Puts something in a place, whatever is there. */
  replace(path: string): Place {
    const place = this.walk(path, false)
    this.changeName(place.path, true, !place.exists)
    return place
  }

  /** Takes something away, or finds that there is nothing. */
  remove(path: string): Place {
    const place = this.walk(path, false)
    if (!place.exists) this.notes.read(this.resource(place.path), ENTRY, false)
    else {
      this.changeName(place.path, false)
      // An empty folder can go, another can't.
      if (place.isDirectory) this.notes.write(this.resource(place.path), KEYS)
    }
    return place
  }

  private changeName(path: string, exists: boolean, changesList = true): void {
    this.start.changes(path)
    this.notes.write(this.resource(path), ENTRY, exists)
    this.announce(path, 'rename')
    if (changesList) this.notes.update(this.resource(dirname(path)), KEYS)
  }

  /** Looks which names there are in a folder. */
  list(path: string): void {
    this.notes.read(this.resource(path), KEYS)
  }

  /** Everything at and under a place, `each` of it. */
  tree(path: string, isDirectory: boolean, each: (path: string, isDirectory: boolean) => void): void {
    each(path, isDirectory)
    if (!isDirectory) return
    let entries: import('node:fs').Dirent[]
    try {
      entries = readdirSync(path, { withFileTypes: true })
    } catch {
      return
    }
    for (const entry of entries) this.tree(join(path, entry.name), entry.isDirectory(), each)
  }

  removeTree(path: string): void {
    const place = this.walk(path, false)
    if (!place.exists) return this.notes.read(this.resource(place.path), ENTRY, false)
    this.tree(place.path, place.isDirectory, (inner, isDirectory) => {
      this.changeName(inner, false)
      if (isDirectory) this.notes.write(this.resource(inner), KEYS)
    })
  }

  rename(from: string, to: string): void {
    const source = this.walk(from, false)
    if (!source.exists) return this.notes.read(this.resource(source.path), ENTRY, false)
    this.changeName(source.path, false)
    const target = this.replace(to)
    // Only an empty folder gives way.
    if (target.exists && target.isDirectory) this.notes.write(this.resource(target.path), KEYS)
    // What whoever has the file open goes on with has another name from now on.
    for (const file of this.world.openUnder(source.path)) {
      this.write(file.path)
      this.write(target.path + file.path.slice(source.path.length))
    }
    this.moving = [source.path, target.path]
  }

  link(from: string, to: string): void {
    const source = this.look(from, false)
    const target = this.create(to, false)
    if (source.exists && !target.exists) this.linking = [source.path, target.path]
  }

  private moving: [string, string] | null = null
  private linking: [string, string] | null = null

  private readonly changes: [string, ChangeKind][] = []

  /** Whoever watches the path will be told. */
  private announce(path: string, kind: ChangeKind): void {
    Watches.of(this.execution).note(this.notes, at => this.resource(at), path)
    this.changes.push([path, kind])
  }

  /** The operation has succeeded. */
  succeeded(): void {
    for (const [path, kind] of this.changes) Watches.of(this.execution).tell(path, kind, this.notes.site)
    if (this.moving !== null) this.world.renamed(...this.moving)
    if (this.linking !== null) this.world.linked(...this.linking)
  }

  /** Begins to watch a path. */
  watch(path: string, isDeep: boolean): Watcher | null {
    const place = this.look(path)
    if (!place.exists) return null
    this.notes.write(this.resource(place.path), WATCHED)
    return Watches.of(this.execution).add(this.notes, place.path, isDeep, this.notes.site)
  }

  madeTemporary(path: string): void {
    this.world.madeTemporary(path)
    this.changeName(path, true)
  }

  // --- contents ----------------------------------------------------------------------------------------------------

  read(path: string, value?: unknown): void {
    const file = this.contentOf(path)
    if (value === undefined) this.notes.read(file, CONTENT)
    else this.notes.read(file, CONTENT, value)
    this.notes.alsoRead(file, PARTS)
    this.notes.alsoRead(file, SIZE)
    this.start.saw(path)
  }

  write(path: string, value?: unknown): void {
    this.start.changes(path)
    this.change(path, value)
  }

  append(path: string, value?: unknown): void {
    this.start.appends(path)
    this.change(path, value)
  }

  private change(path: string, value: unknown): void {
    this.announce(path, 'change')
    const file = this.contentOf(path)
    if (value === undefined) this.notes.write(file, CONTENT)
    else this.notes.write(file, CONTENT, value)
  }

  /** What `stat` tells besides whether it is there: times and size follow from the content. */
  status(path: string): void {
    const file = this.contentOf(path)
    this.notes.read(file, META)
    this.notes.read(file, CONTENT)
    this.notes.alsoRead(file, PARTS)
  }

  mayUse(path: string): void {
    this.notes.read(this.contentOf(path), META)
  }

  changeStatus(path: string): void {
    this.notes.write(this.contentOf(path), META)
    this.announce(path, 'change')
  }

  /** Bytes of an open file, by position. */
  part(file: OpenFile, descriptor: number, position: number, length: number, kind: 'read' | 'write'): void {
    this.range(file.path, position, length, kind, position + length > sizeOf(descriptor))
  }

  /** `beyond`: also bytes that the file may not have. */
  protected range(path: string, position: number, length: number, kind: 'read' | 'write', beyond: boolean): void {
    const content = this.contentOf(path)
    const end = position + length
    this.notes.read(content, CONTENT)
    if (kind === 'write') {
      this.start.changes(path)
      this.announce(path, 'change')
      this.notes.update(content, PARTS)
    }
    const last = Math.floor((end - 1) / BLOCK)
    for (let block = Math.floor(position / BLOCK); block <= last; block++) {
      const from = Math.max(position, block * BLOCK)
      const to = Math.min(end, (block + 1) * BLOCK)
      if (to - from > FINE) {
        this.notes[kind](content, `block:${block}`)
        if (kind === 'read') this.notes.read(content, `parts:${block}`)
      } else {
        this.notes.read(content, `block:${block}`)
        if (kind === 'write') this.notes.update(content, `parts:${block}`)
        for (let byte = from; byte < to; byte++) this.notes[kind](content, `byte:${byte}`)
      }
    }
    if (beyond) this.notes[kind](content, SIZE)
  }

  // --- open files --------------------------------------------------------------------------------------------------

  private openFile(file: OpenFile): Resource {
    const path = this.world.canonical(file.path)
    return this.notes.resource(`${file.id}`, key =>
      key === 'position' ? `the position in ${nameOf(path)(CONTENT)}` : `the open file ${nameOf(path)(CONTENT)}`,
    )
  }

  /** Uses a descriptor; `moves`: also where in the file it stands. */
  use(file: OpenFile, moves = false): void {
    this.notes.read(this.openFile(file), 'open')
    if (moves) this.notes.write(this.openFile(file), 'position')
  }

  close(file: OpenFile): void {
    this.notes.write(this.openFile(file), 'open')
  }
}

function sizeOf(descriptor: number): number {
  try {
    return fstatSync(descriptor).size
  } catch {
    // Closed: the operation itself will say so.
    return 0
  }
}
