import type { Cell } from './cell.js'
import type { Timer } from './clock.js'
import type { Context } from './contexts.js'
import type { Frame } from './frame.js'
import type { Guard } from './guard.js'
import { type LocationTable, ObjectRecord } from './identity.js'
import type { RunningOperation } from './outside/running-operation.js'
import type { Turn } from './polling.js'

/**
 * A task's identity across the executions of one exploration: its path (`0`, `0.2`), a small number for the engine,
 * and the records of the objects it creates, in creation order.
 */
export class TaskIdentity {
  readonly children: TaskIdentity[] = []
  readonly objects: ObjectRecord[] = []
  /** Records of objects that foreign code made for this task, by site. */
  readonly foreign = new Map<number, ObjectRecord[]>()
  constructor(
    readonly path: string,
    readonly number: number,
    readonly root: TaskIdentity | null,
    private readonly registry: TaskRegistry,
  ) {}

  child(index: number): TaskIdentity {
    const known = this.children[index]
    if (known !== undefined) return known
    const made = this.registry.add(`${this.path}.${index + 1}`, this.root ?? this)
    this.children[index] = made
    return made
  }

  foreignObject(site: number, index: number): ObjectRecord {
    let records = this.foreign.get(site)
    if (records === undefined) {
      records = []
      this.foreign.set(site, records)
    }
    records[index] ??= new ObjectRecord(`${this.path}@${site}#${index}`, this.registry.locations)
    return records[index]
  }

  object(index: number): ObjectRecord {
    const known = this.objects[index]
    if (known !== undefined) return known
    const made = new ObjectRecord(`${this.path}#${index}`, this.registry.locations)
    this.objects[index] = made
    return made
  }
}

export class TaskRegistry {
  readonly all: TaskIdentity[] = []
  private readonly roots = new Map<string, TaskIdentity>()
  constructor(readonly locations: LocationTable) {}
  add(path: string, root: TaskIdentity | null = null): TaskIdentity {
    const identity = new TaskIdentity(path, this.all.length, root, this)
    this.all.push(identity)
    if (root === null) this.roots.set(path, identity)
    return identity
  }

  /** The task of a path such as `0.2`, if it has come to be. */
  find(path: string): TaskIdentity | undefined {
    const [root, ...children] = path.split('.')
    let found = this.roots.get(root as string)
    for (const number of children) found = found?.children[Number(number) - 1]
    return found
  }
}

/** `operation`: of a synchroniser, such as taking a lock. `io`: an operation on the outside world. */
export type TaskKind =
  | 'root'
  | 'async'
  | 'reaction'
  | 'timer'
  | 'microtask'
  | 'operation'
  | 'io'
  | 'message'
  | 'callback'

/** In the place of a step: later than all. No infinity, which V8 would keep in an object of its own for each task. */
export const NEVER = 0x3fffffff

export enum TaskState {
  Ready = 0,
  Blocked = 1,
  Done = 2,
}

/** What a thread is about to do, declared before it is allowed to. */
export interface Point {
  site: number
  /** The result is awaited. */
  awaited: boolean
  perform(): unknown
  /** What the access is about to call, to be run before it; see accessors.ts. */
  ahead?(): Frame | null
  /** `perform` records the accesses, and emitted code makes them afterwards. */
  onlyNotes: boolean
}

/** The marker (`// frontrun: name`) that a task stands at, and when it came there. */
export interface StandingAt {
  readonly name: string
  readonly site: number
  readonly arrival: number
}

/** One line of control of one execution. */
export class Task {
  identity: TaskIdentity
  state: TaskState = TaskState.Ready
  /** Top of the stack of frames; null before the start and after the end. */
  frame: Frame | null = null
  /** Starts a task that has no frame yet. */
  start: (() => Frame) | null = null
  /** What the task gets when it goes on. */
  input: unknown = undefined
  inputIsError = false
  /** Steps that happen before its next one. */
  causes: number[] = []
  /** What it waits for, as long as it is not registered: the operand of `await`. */
  operand: unknown = undefined
  operandRejected = false
  /** Context in which it goes on, if the program uses contexts. */
  context: Context | null = null
  /** What blocks it. */
  cell: Cell | null = null
  guard: Guard | null = null
  /** Threads: the access it is about to make, or the builtin it is about to call. */
  point: Point | null = null
  /** Trace markers: it goes on once the gate lets it (see marker-gate.ts). */
  marker: StandingAt | null = null
  /** Code that is not instrumented stands at an explicit scheduling point: lets it go on. */
  gate: (() => void) | null = null
  /** The promise that its end settles. */
  completion: Cell | null = null
  /** Step in which it came to be. */
  born = -1
  adopted = false
  numbered = false
  objectCount = 0
  foreignCount: Map<number, number> | null = null
  childCount = 0
  /** Site of the present suspension. */
  site = 0
  /** Where it last called code that is not instrumented, which may go on by itself. */
  calledAt = 0
  /** Call chain there, when the story is wanted. */
  stack: readonly number[] | null = null
  /** State of the task's own random numbers; 0 before the first. */
  randomState = 0
  timer: Timer | null = null
  /** Root tasks that begin in one macrotask: this stands for them. */
  joined: readonly Task[] | null = null
  /** The operation that its next step goes on with. */
  operation: RunningOperation | null = null
  /** What it is called, also after its end. */
  operationName: string | null = null
  /** The latest time that it, or who started it before, has read off the clock. */
  seenTime = 0
  /** Jobs (microtasks) this task has queued, oldest first: they start in this order. */
  jobs: Task[] | null = null
  /** How many timers led here, each set by the callback of the one before. */
  generation = 0
  /** The turns that it takes, or that started it, of loops that wait for others; outermost first. */
  turns: readonly Turn[] | null = null
  /** The step since which it could run, and did not. */
  readySince = NEVER
  lastStep = -1
  result: unknown = undefined
  /** It ended by throwing its result. */
  failed = false
  constructor(
    identity: TaskIdentity,
    readonly kind: TaskKind,
    readonly parent: Task | null,
  ) {
    this.identity = identity
  }
}

/** It has not ended, and has not become part of the task that awaits it. */
export const isLive = (task: Task): boolean => task.state !== TaskState.Done && !task.adopted
