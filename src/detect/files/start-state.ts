/** Whether the files that the tasks read are as they were at the start of the other executions. */
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import type { Execution } from '../../runtime/execution.js'
import { lstatSync, readFileSync } from './natives.js'
import { displayed } from './paths.js'
import { FileWorld } from './world.js'

/** Of larger files only the size is compared. */
const MOST_BYTES = 1 << 20

const states = new WeakMap<Execution, StartState>()

export class StartState {
  private readonly seen = new Set<string>()
  /** What this execution has changed: whatever is there now is its own doing. */
  private readonly changed = new Set<string>()
  /** What was in the files at the start to which this execution has only appended: who reads them reads that as well. */
  private readonly appended = new Map<string, string>()
  /** What the first execution found. */
  private readonly memory: Map<string, string>
  private readonly world: FileWorld

  static of(execution: Execution): StartState {
    let state = states.get(execution)
    if (state === undefined) {
      state = new StartState(execution)
      states.set(execution, state)
    }
    return state
  }

  private constructor(private readonly execution: Execution) {
    this.world = FileWorld.of(execution)
    this.memory = execution.resources.atStart
  }

  private get isSetup(): boolean {
    return this.execution.step < 0
  }

  private nameOf(path: string): string {
    return this.world.canonical(this.world.contentPath(path))
  }

  /** A task changes the file at `path`. */
  changes(path: string): void {
    if (this.isSetup) return
    const name = this.nameOf(path)
    this.changed.add(this.world.canonical(path)).add(name)
    this.appended.delete(name)
  }

  /** A task is about to append to the file at `path`. */
  appends(path: string): void {
    if (this.isSetup) return
    const name = this.nameOf(path)
    if (this.isChanged(name)) return
    const before = fingerprint(path)
    this.changes(path)
    this.appended.set(name, before)
  }

  /** It, or a folder that it lies in. */
  private isChanged(name: string): boolean {
    for (let at = name; ; at = dirname(at)) {
      if (this.changed.has(at)) return true
      if (dirname(at) === at) return false
    }
  }

  /** A task saw whether there is anything at `path`. */
  sawName(path: string, exists: boolean): void {
    const name = this.world.canonical(path)
    if (!this.isChanged(name)) this.compare(`whether file ${name}`, name, () => String(exists))
  }

  /** A task saw what is in the file at `path`. */
  saw(path: string): void {
    const name = this.nameOf(path)
    if (!this.isChanged(name)) return this.compare(`in file ${name}`, name, () => fingerprint(path))
    const before = this.appended.get(name)
    if (before !== undefined) this.compare(`in file ${name}`, name, () => before)
  }

  private compare(what: string, name: string, find: () => string): void {
    if (this.isSetup || this.seen.has(what)) return
    this.seen.add(what)
    const found = find()
    const before = this.memory.get(what)
    if (before === undefined) this.memory.set(what, found)
    else if (before !== found)
      this.execution.outside.difference ??= `The file ${displayed(name.replaceAll(/<[^<>]*>/gu, ''))} was not as it was at the start of the executions before; or something changed it that is not seen.`
  }
}

function fingerprint(path: string): string {
  try {
    const status = lstatSync(path)
    if (!status.isFile()) return 'no file'
    if (status.size > MOST_BYTES) return `${status.size} bytes`
    return createHash('sha1').update(readFileSync(path)).digest('hex')
  } catch {
    return 'nothing'
  }
}
