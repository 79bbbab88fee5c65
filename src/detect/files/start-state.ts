/** Whether the files that the tasks read are as they were at the start of the other executions. */
import { createHash } from 'node:crypto'
import type { Execution } from '../../runtime/execution.js'
import type { Resources } from '../../runtime/outside/resource.js'
import { lstatSync, readFileSync } from './natives.js'
import { displayed } from './paths.js'
import { FileWorld } from './world.js'

/** Of larger files only the size is compared. */
const MOST_BYTES = 1 << 20

/** What the first execution found, by path. */
const memories = new WeakMap<Resources, Map<string, string>>()
const states = new WeakMap<Execution, StartState>()

export class StartState {
  /** Files that this execution has looked at, or changed: what is in them now is its own doing. */
  private readonly known = new Set<string>()
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
    let memory = memories.get(execution.resources)
    if (memory === undefined) {
      memory = new Map()
      memories.set(execution.resources, memory)
    }
    this.memory = memory
  }

  private get isSetup(): boolean {
    return this.execution.step < 0
  }

  private nameOf(path: string): string {
    return this.world.canonical(this.world.contentPath(path))
  }

  /** A task changes the file at `path`. */
  changes(path: string): void {
    if (!this.isSetup) this.known.add(this.nameOf(path))
  }

  /** A task saw what is in the file at `path`. */
  saw(path: string): void {
    const name = this.nameOf(path)
    if (this.isSetup || this.known.has(name)) return
    this.known.add(name)
    const found = fingerprint(path)
    const before = this.memory.get(name)
    if (before === undefined) this.memory.set(name, found)
    else if (before !== found)
      this.execution.outside.difference ??= `The file ${displayed(name)} was not as it was at the start of the executions before; or something changed it that is not seen.`
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
