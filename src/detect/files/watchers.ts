/**
 * `fs.watch`. What the system tells, and when, is a matter of luck; here each change that an operation makes is an event,
 * which reaches the watchers at any time after it, in the order of the changes.
 */
import { EventEmitter } from 'node:events'
import { basename, dirname, relative, sep } from 'node:path'
import type { Execution } from '../../runtime/execution.js'
import { Frame } from '../../runtime/frame.js'
import type { Notes } from '../../runtime/outside/operation.js'
import type { Resource } from '../../runtime/outside/resource.js'
import { type Task, TaskState } from '../../runtime/task.js'
import { displayed } from './paths.js'

export type ChangeKind = 'rename' | 'change'

/** What `fs.watch` returns in an exploration. */
export class Watcher extends EventEmitter {
  #close: () => void
  constructor(close: () => void) {
    super()
    this.#close = close
  }
  close(): void {
    this.#close()
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')](): void {
    this.close()
  }
}

interface Watch {
  /** Real path. */
  readonly path: string
  readonly isDeep: boolean
  readonly watcher: Watcher
  readonly resource: Resource
  readonly closes: boolean[]
  /** The task that tells of the latest change, if it has not done so yet. */
  last: Task | null
}

const worlds = new WeakMap<Execution, Watches>()

/** The watchers of one execution. */
export class Watches {
  private readonly all: Watch[] = []
  private readonly counts = new Map<string, number>()

  static of(execution: Execution): Watches {
    let watches = worlds.get(execution)
    if (watches === undefined) {
      watches = new Watches(execution)
      worlds.set(execution, watches)
    }
    return watches
  }

  private constructor(private readonly execution: Execution) {}

  add(notes: Notes, path: string, isDeep: boolean, site: number): Watcher {
    const { runtime, stepped } = this.execution
    const owner = (runtime.task ?? stepped)?.identity.path ?? ''
    const count = (this.counts.get(owner) ?? 0) + 1
    this.counts.set(owner, count)
    const resource = notes.resource(`watcher:${owner}:${count}`, () => `the watcher of ${displayed(path)}`)
    const closes: boolean[] = []
    const watcher = new Watcher(() => {
      if (closes.length > 0) return
      closes.push(true)
      this.execution.outside.notes(site).write(resource, 'open')
      // As Node does: after the call.
      const task = this.task(`close ${displayed(path)}`, site)
      task.start = () => this.emit(watcher, 'close')
    })
    this.all.push({ path, isDeep, watcher, resource, closes, last: null })
    return watcher
  }

  /** Notes that there may be somebody who watches `path`. */
  note(notes: Notes, resourceOf: (path: string) => Resource, path: string): void {
    for (let at = path; ; at = dirname(at)) {
      notes.alsoRead(resourceOf(at), WATCHED)
      if (dirname(at) === at) break
    }
    for (const watch of this.all) if (this.sees(watch, path)) notes.write(watch.resource, 'changes')
  }

  private sees({ path: watched, isDeep, closes }: Watch, path: string): boolean {
    if (closes.length > 0) return false
    return path === watched || dirname(path) === watched || (isDeep && path.startsWith(watched + sep))
  }

  /** The change has happened. */
  tell(path: string, kind: ChangeKind, site: number): void {
    for (const watch of this.all) {
      if (!this.sees(watch, path)) continue
      const { watcher, resource, closes, last } = watch
      const name = path === watch.path ? basename(path) : relative(watch.path, path)
      const task = this.task(`watch ${displayed(watch.path)}`, site)
      task.start = () => deliver()
      // Events come in the order of the changes.
      if (last !== null) {
        task.state = TaskState.Blocked
        this.after.set(last, task)
      }
      watch.last = task
      const deliver = (): Frame => {
        if (watch.last === task) watch.last = null
        const next = this.after.get(task)
        if (next !== undefined) {
          next.state = TaskState.Ready
          if (this.execution.step >= 0) next.causes.push(this.execution.step)
        }
        this.execution.outside.notes(site).read(resource, 'open')
        return closes.length === 0
          ? this.emit(watcher, 'change', kind, name)
          : new Frame(
              once(() => {}),
              false,
              0,
            )
      }
    }
  }

  private readonly after = new Map<Task, Task>()

  private emit(watcher: Watcher, ...event: [string, ...unknown[]]): Frame {
    return new Frame(
      once(() => this.execution.outside.callBack(watcher.emit, event, watcher)),
      false,
      0,
    )
  }

  private task(name: string, site: number): Task {
    const task = this.execution.newTask('io', this.execution.runtime.task)
    task.site = site
    task.operationName = name
    return task
  }
}

/** Who watches a file or folder. */
export const WATCHED = 'watched'

// biome-ignore lint/correctness/useYield: a coroutine that is never suspended
function* once(run: () => void): Generator<unknown, void, unknown> {
  run()
}
