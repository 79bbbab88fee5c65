/** Which tasks an execution has, and which objects they made. */
import type { Clock } from './clock.js'
import type { Foreign } from './foreign.js'
import type { Frame } from './frame.js'
import { INSTRUMENTED, infoOf } from './functions.js'
import { type ObjectRecord, stamp } from './identity.js'
import type { MarkerGate } from './marker-gate.js'
import { isDataView, isTypedArray } from './natives.js'
import type { Resources } from './outside/resource.js'
import { Polling } from './polling.js'
import type { Recorder } from './recorder.js'
import { Command, type Runtime } from './runtime.js'
import { starter } from './starters.js'
import { Task, type TaskIdentity, type TaskKind, type TaskRegistry } from './task.js'

/** How a run of tasks ended that is not a plain end. */
export interface Failure {
  kind: 'error' | 'livelock' | 'timeout'
  message: string
  error?: unknown
  task: Task | null
  step: number
}

export abstract class TaskLedger {
  /** Tasks that have not ended, in the order in which they came to be. */
  live: Task[] = []
  /** Index of the step that runs; -1 during setup. */
  step = -1
  stepped: Task | null = null
  failure: Failure | null = null
  abstract readonly foreign: Foreign
  protected born: Task[] = []
  /** Root tasks in which instrumented code ran, or an explicit point was met. */
  readonly seen = new Set<TaskIdentity>()
  steps = 0
  /** Where trace markers order the tasks. */
  markers: MarkerGate | null = null
  protected arrivals = 0
  readonly polling: Polling

  constructor(
    readonly runtime: Runtime,
    readonly recorder: Recorder,
    readonly registry: TaskRegistry,
    readonly clock: Clock,
    readonly opaque: ObjectRecord,
    readonly resources: Resources,
  ) {
    this.polling = new Polling(registry.locations, recorder, () => clock.location)
  }

  /** A root task: `run` is called with `args` at its first step. */
  root(identity: TaskIdentity, run: Function, args: unknown[]): Task {
    const task = new Task(identity, 'root', null)
    task.numbered = true
    task.start = () => this.begin(run, args)
    if (infoOf(run) === INSTRUMENTED) this.seen.add(identity)
    this.live.push(task)
    return task
  }

  /** A task started by a task; it gets its number when the step ends, unless its parent goes on waiting for it. */
  newTask(kind: TaskKind, parent: Task | null): Task {
    const origin = parent ?? this.stepped
    const task = new Task((origin as Task).identity, kind, origin)
    task.born = this.step
    task.context = this.runtime.contexts?.capture() ?? null
    task.generation = (origin as Task).generation + (kind === 'timer' ? 1 : 0)
    task.seenTime = (origin as Task).seenTime
    this.polling.started(task, origin as Task)
    if (this.step >= 0) task.causes.push(this.step)
    if (kind === 'async' && this.runtime.eventLoop === null) this.born.push(task)
    else this.number(task)
    this.live.push(task)
    return task
  }

  protected number(task: Task): void {
    const parent = task.parent as Task
    task.identity = parent.identity.child(parent.childCount++)
    task.numbered = true
  }

  /** Prepares the call of `run`, as far as the driver takes part in it. */
  begin(run: Function, args: unknown[]): Frame {
    const { runtime } = this
    if (infoOf(run) === INSTRUMENTED && runtime.call(run, undefined, args, 0) && runtime.command === Command.Call) {
      const frame = runtime.entered as Frame
      runtime.entered = null
      return frame
    }
    return starter(runtime, run, args)
  }

  newRecord(): ObjectRecord {
    const task = this.runtime.task ?? (this.stepped as Task)
    const record = task.identity.object(task.objectCount++)
    if (task.turns !== null) for (const turn of task.turns) turn.made.add(record)
    return record
  }

  /** A record for an object that appears at `site` without having been seen before. */
  foreignRecord(site: number): ObjectRecord {
    const task = this.runtime.task ?? (this.stepped as Task)
    task.foreignCount ??= new Map()
    let count = task.foreignCount.get(site) ?? 0
    let record = task.identity.foreignObject(site, count++)
    while (record.persistent) record = task.identity.foreignObject(site, count++)
    task.foreignCount.set(site, count)
    record.sighted = this.recorder.execution
    return record
  }

  made<T extends object>(value: T): T {
    stamp(value, this.newRecord())
    // Its buffer may have been made with it: whoever came by it first would give it a name that depends on the schedule.
    if ((isTypedArray(value) || isDataView(value)) && !this.recorder.knows(value.buffer))
      stamp(value.buffer, this.newRecord())
    return value
  }
}
