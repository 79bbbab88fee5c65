/** The files of one execution: what is open, and by which names that are the same in every execution things go. */
import type { Dir } from 'node:fs'
import { basename, dirname, sep } from 'node:path'
import type { Execution } from '../../runtime/execution.js'
import type { Key } from '../../runtime/identity.js'
import { KEYS } from '../../runtime/identity.js'
import { closeSync, readlinkSync } from './natives.js'
import { displayed } from './paths.js'

/** An open file, shared by all who hold its descriptor. */
export interface OpenFile {
  path: string
  /** Same in every execution. */
  readonly id: string
  readonly appends: boolean
  readonly handle: { close(): Promise<void> } | null
}

/** Whether a name is there, and what it stands for. */
export const ENTRY = 'entry'
/** Everything in a file. */
export const CONTENT = 'content'
/** That some part of it is written to by position. */
export const PARTS = 'parts'
export const SIZE = 'size'
/** Mode, owner and times. */
export const META = 'meta'

const worlds = new WeakMap<Execution, FileWorld>()

export class FileWorld {
  private readonly open = new Map<number, OpenFile>()
  private readonly folders = new Set<Dir>()
  /** Folders with random names: real path → the name that they have in every execution. */
  private readonly temporary = new Map<string, string>()
  private readonly counts = new Map<string, number>()
  /** Second names of files. */
  private readonly links = new Map<string, string>()

  static of(execution: Execution): FileWorld {
    let world = worlds.get(execution)
    if (world === undefined) {
      world = new FileWorld(execution)
      worlds.set(execution, world)
    }
    return world
  }

  private constructor(private readonly execution: Execution) {
    execution.outside.onEnd(complete => {
      if (!complete) this.closeAll()
    })
  }

  /** The name of a path that it has in every execution. */
  canonical(path: string): string {
    for (const [real, name] of this.temporary)
      if (path === real || path.startsWith(real + sep)) return name + path.slice(real.length)
    return path
  }

  /** A folder was made whose name ends in six random characters. */
  madeTemporary(path: string): void {
    const base = `${this.canonical(dirname(path))}${sep}${basename(path).slice(0, -6)}XXXXXX`
    this.temporary.set(path, `${base}<${this.number(base)}>`)
  }

  private number(what: string): string {
    const { runtime, stepped } = this.execution
    const task = (runtime.task ?? stepped)?.identity.path ?? ''
    const key = `${task} ${what}`
    const count = (this.counts.get(key) ?? 0) + 1
    this.counts.set(key, count)
    return `${task}:${count}`
  }

  /** The id under which the content of a file is known. */
  contentPath(path: string): string {
    return this.links.get(path) ?? path
  }

  linked(from: string, to: string): void {
    this.links.set(to, this.contentPath(from))
  }

  renamed(from: string, to: string): void {
    for (const file of this.open.values())
      if (file.path === from || file.path.startsWith(from + sep)) file.path = to + file.path.slice(from.length)
    const content = this.links.get(from)
    this.links.delete(from)
    this.links.delete(to)
    if (content !== undefined) this.links.set(to, content)
  }

  removed(path: string): void {
    this.links.delete(path)
  }

  /** Open files at or under `path`. */
  *openUnder(path: string): Generator<OpenFile> {
    for (const file of this.open.values()) if (file.path === path || file.path.startsWith(path + sep)) yield file
  }

  opened(descriptor: number, path: string, appends: boolean, handle: OpenFile['handle']): void {
    const id = this.number(`open ${this.canonical(path)}`)
    this.open.set(descriptor, { path, id, appends, handle })
  }

  /** What a descriptor stands for. */
  file(descriptor: number): OpenFile {
    const known = this.open.get(descriptor)
    if (known !== undefined) return known
    let path: string
    try {
      path = readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      path = `descriptor ${descriptor}`
    }
    return this.foundOpen(descriptor, path)
  }

  /** What is known of a descriptor already. */
  known(descriptor: number): OpenFile | undefined {
    return this.open.get(descriptor)
  }

  /** A descriptor that was opened before the execution, or by code that was not looked at. */
  foundOpen(descriptor: number, path: string): OpenFile {
    const found = { path, id: `descriptor ${path}`, appends: false, handle: null }
    this.open.set(descriptor, found)
    return found
  }

  /** Another descriptor of an open file. */
  shared(file: OpenFile, descriptor: number): void {
    this.open.set(descriptor, file)
  }

  openedFolder(folder: Dir): void {
    this.folders.add(folder)
  }

  closed(descriptor: number): void {
    this.open.delete(descriptor)
  }

  private closeAll(): void {
    for (const folder of this.folders) {
      try {
        folder.closeSync()
      } catch {
        // Closed already.
      }
    }
    for (const [descriptor, { handle, id }] of this.open) {
      if (id.startsWith('descriptor ')) continue
      try {
        if (handle === null) closeSync(descriptor)
        else void handle.close().catch(() => {})
      } catch {
        // Closed already, by somebody who was not seen doing so.
      }
    }
    this.open.clear()
  }
}

/** A location's name for people. */
export function nameOf(canonical: string): (key: Key) => string {
  const path = displayed(canonical.replaceAll(/<[^<>]*>/gu, ''))
  return key => {
    if (key === ENTRY) return `whether ${path} exists`
    if (key === KEYS) return `the list of ${path}${sep}`
    if (key === META) return `the mode and times of ${path}`
    if (key === SIZE) return `the size of ${path}`
    const part = /^(byte|block):(\d+)/.exec(String(key))
    if (part !== null) return `${path}[${part[1] === 'byte' ? part[2] : `block ${part[2]}`}]`
    return path
  }
}
