/**
 * Code that is not instrumented: it runs natively. What it leaves in the event loop is let run to quiescence before the
 * next step is chosen, so that its timing decides nothing.
 */
import { Cell, CellState } from './cell.js'
import { runWithStore } from './contexts.js'
import type { Execution } from './execution.js'
import { BUILTIN, INSIDE, recordOf, stamp, walk } from './identity.js'
import { KnownLocks, type LockCall } from './known-locks.js'
import {
  AsyncLocalStorage,
  apply,
  getPrototypeOf,
  isObject,
  monotonicNow,
  NativePromise,
  nativeSetImmediate,
  nativeSetTimeout,
  nativeThen,
} from './natives.js'
import { isInsideOfNode } from './node-objects.js'
import { overseenDatagramSockets, overseenSockets } from './overseen-sockets.js'
import { WRITE } from './recorder.js'
import type { Task } from './task.js'

interface Context {
  execution: Execution
  task: Task | null
}

/** Tells which task a native callback belongs to. */
const context = new AsyncLocalStorage<Context>()

/** Whether the running code was started by an exploration. */
export const isWithinExploration = (): boolean => context.getStore() !== undefined

/** A promise that somebody waits for, whom the engine itself lets know. */
interface Expected {
  readonly lockCall: LockCall | null
}

/** Never added to. Most executions wait for nothing foreign, and would make sets for nothing. */
const NO_CELLS = new Set<Cell>()
const NONE_EXPECTED = new Set<Expected>()

export class Foreign {
  /** Foreign code ran in this execution: it may hold our promises. */
  seen = false
  /** Something may wait in the event loop. */
  needsDrain = false
  /** Foreign promises that somebody waits for. */
  private watched: Set<Cell> = NO_CELLS
  private expected: Set<Expected> = NONE_EXPECTED
  /** What the process had under way before the exploration began. */
  private static baseline: Map<string, number> = new Map()

  private baseline = Foreign.baseline

  private knownLocks: KnownLocks | null = null

  constructor(private readonly execution: Execution) {}

  /** Locks of packages that are not traced. */
  get locks(): KnownLocks {
    this.knownLocks ??= new KnownLocks(this.execution.live)
    return this.knownLocks
  }

  static rememberBaseline(): void {
    Foreign.baseline = activity()
  }

  /** Until Node 24 a storage in use makes every promise of the process two to three times as expensive. */
  static forgetContexts(): void {
    context.disable()
  }

  private get waitedFor(): number {
    return this.watched.size + this.expected.size
  }

  get pending(): boolean {
    if (this.waitedFor === 0) return false
    for (const { lockCall } of this.watched) if (lockCall === null || !lockCall.isUnderstood) return true
    for (const { lockCall } of this.expected) if (lockCall === null || !lockCall.isUnderstood) return true
    return false
  }

  /** The same for a promise that the engine itself lets its waiters know of. */
  expect(promise: Expected): void {
    if (this.expected === NONE_EXPECTED) this.expected = new Set()
    this.expected.add(promise)
    this.needsDrain = true
  }

  arrived(promise: Expected): void {
    this.expected.delete(promise)
  }

  watches(cell: Cell): boolean {
    return this.watched.has(cell)
  }

  watch(promise: Promise<unknown>): Cell {
    const cell = Cell.watch(promise)
    const { execution } = this
    if (this.watched === NO_CELLS) this.watched = new Set()
    this.watched.add(cell)
    this.needsDrain = true
    const call = this.locks.callOf(promise)
    cell.lockCall = call
    const settle = (state: CellState) => (value: unknown) => {
      this.watched.delete(cell)
      if (call !== null) {
        if (state === CellState.Fulfilled) this.locks.settled(call, value)
        else call.end()
      }
      if (execution.runtime.execution === execution) execution.settle(cell, state, value, [])
    }
    apply(nativeThen, promise, [settle(CellState.Fulfilled), settle(CellState.Rejected)])
    return cell
  }

  /** Runs a foreign function in the context of the running task. */
  run(call: () => unknown): unknown {
    const task = this.execution.runtime.task ?? this.execution.stepped
    return runWithStore(context, { execution: this.execution, task: task as Task }, call)
  }

  /** Runs what belongs to the exploration, but is none of its business: a detector's native part. */
  silently<T>(run: () => T): T {
    const { runtime } = this.execution
    const { task } = runtime
    runtime.task = null
    try {
      return runWithStore<Context | undefined, T>(context as AsyncLocalStorage<Context | undefined>, undefined, run)
    } finally {
      runtime.task = task
    }
  }

  called(args: readonly unknown[], site: number): void {
    this.seen = true
    this.needsDrain = true
    for (const value of args) {
      if (!isObject(value)) continue
      const cell = Cell.of(value)
      if (cell !== undefined) cell.escaped = true
      // It may look at whatever it is given.
      else if (typeof value === 'object') {
        const { recorder } = this.execution
        recorder.withoutRaces(() => recorder.addReachableRead(value, site, false))
      }
    }
  }

  /** What `target` returned goes on after the call: code that is not instrumented runs where nothing can get between. */
  wentOn(target: Function): void {
    this.unseen ??= target.name || 'an anonymous function'
  }

  /** A function was called that foreign code has made in this execution; or so it seems, in the first one. */
  calledFunction = false

  /** Name of a foreign function, not of Node, that went on asynchronously. */
  unseen: string | null = null

  /**
   * A method of a foreign object may change it: two tasks that call methods of one instance, or one function that was
   * made for them (as `pLimit(1)` makes one), conflict. Functions of modules and of plain namespaces are taken as pure.
   */
  touched(target: Function, self: unknown, site: number): void {
    const { recorder, runtime } = this.execution
    const isMethod = typeof self === 'object' && self !== null
    if (isMethod) {
      if (runtime.understands(self)) return
      const prototype = getPrototypeOf(self) as object | null
      if (prototype === null || prototype === Object.prototype) return
    } else {
      if (!recorder.knows(target) || recordOf(target)?.persistent) return
      this.calledFunction = true
    }
    const record = recorder.record(isMethod ? self : target, site)
    recorder.withoutRaces(() => recorder.touch(record.location(INSIDE), WRITE, site))
  }

  /** Numbers the objects that foreign code made; `through`: also those that hang on objects which have their numbers. */
  returned(value: object, site: number, through = false): void {
    const { recorder } = this.execution
    if (recorder.knows(value) && !through) return
    const number = (prototypes: boolean): void =>
      walk(
        value,
        object => {
          if (recorder.knows(object)) return through && recordOf(object) !== BUILTIN
          stamp(object, this.execution.foreignRecord(site))
          return !isInsideOfNode(object)
        },
        { limit: 10_000, prototypes },
      )
    number(false)
    // Afterwards: they outlive this execution and have their numbers in the next, where they may not shift the others'.
    if (through) number(true)
  }

  /** Runs the scheduler so that native continuations of what it runs are known as ours. */
  within<T>(run: () => T): T {
    return runWithStore<Context, T>(context, { execution: this.execution, task: null }, run)
  }

  owns(): boolean {
    return context.getStore()?.execution === this.execution
  }

  /**
   * The task that the native code running now was started by. What goes on because an operation has ended belongs to
   * that operation's task: whatever it starts has a name then that does not depend on which of several ended first.
   */
  get task(): Task | null | undefined {
    const { stepped } = this.execution
    const store = context.getStore()
    if (store?.execution !== this.execution) return undefined
    return stepped?.kind === 'io' ? stepped : store.task
  }

  /** Native code calls instrumented code between steps: what it does belongs to the step that is open. */
  begin(): void {
    this.execution.runtime.task = this.task ?? this.execution.stepped
  }

  end(): void {
    this.execution.runtime.task = null
  }

  /** Lets the event loop run until nothing of ours is under way in it. */
  async drain(deadlineMs: number): Promise<void> {
    this.needsDrain = false
    const start = monotonicNow()
    do {
      await new NativePromise<void>(resolve => nativeSetImmediate(resolve))
      if (this.underWay().length === 0) return
    } while (monotonicNow() - start < deadlineMs)
    // It has had its time; it shall not hold up every step to come.
    this.stalledOn = this.underWay()
    this.baseline = activity()
  }

  /** What was still under way when the time for it was up: Node's names of resources. */
  stalledOn: string[] = []

  /**
   * Requests (a file being read) are waited for whoever asked; what may be idle for ever (a connection) only while
   * somebody waits for a promise of foreign code.
   */
  private underWay(): string[] {
    // A promise of foreign code that waits for an operation is not brought about by waiting.
    const waits = this.pending && this.execution.outside.pending === 0
    return activeBeyond(this.baseline, waits ? anything : isRequest)
  }

  /** Lets real time pass, or less if a foreign promise settles meanwhile. */
  async sleep(milliseconds: number): Promise<void> {
    const end = monotonicNow() + milliseconds
    const before = this.watched.size
    do {
      const left = Math.max(1, Math.ceil(end - monotonicNow()))
      await new Promise<void>(resolve => nativeSetTimeout(resolve, before > 0 ? Math.min(left, 2) : left))
    } while (monotonicNow() < end && this.watched.size === before)
  }

  /** Waits for a foreign promise or an operation, though nothing shows that anything is under way. */
  async wait(deadlineMs: number): Promise<boolean> {
    const start = monotonicNow()
    const { outside } = this.execution
    const [watched, blocked] = [this.waitedFor, outside.blockedCount]
    while (this.waitedFor === watched && outside.blockedCount === blocked) {
      if (monotonicNow() - start > deadlineMs) return false
      await new NativePromise<void>(resolve => nativeSetImmediate(resolve))
    }
    return true
  }
}

/** Resources that only tell that the process is alive, or that are ours. */
const IDLE = new Set(['Timeout', 'Immediate', 'TTYWrap', 'PipeWrap', 'MessagePort', 'TCPServerWrap', 'SignalWrap'])

function activity(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo())
    if (!IDLE.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
  const sockets = counts.get('TCPSocketWrap')
  if (sockets !== undefined) counts.set('TCPSocketWrap', Math.max(0, sockets - overseenSockets()))
  const datagrams = counts.get('UDPWrap')
  if (datagrams !== undefined) counts.set('UDPWrap', Math.max(0, datagrams - overseenDatagramSockets()))
  return counts
}

const anything = (): boolean => true
const isRequest = (name: string): boolean => /Req|Request|Connect|WriteWrap|Zlib|Job/.test(name)

/** What detectors see the beginning and the end of: nothing to wait for besides. Node's names of resources. */
export const overseen = new Set<string>()

function activeBeyond(baseline: Map<string, number>, counts: (name: string) => boolean): string[] {
  return [...activity()]
    .filter(([name, count]) => counts(name) && !overseen.has(name) && count > (baseline.get(name) ?? 0))
    .map(([name]) => name)
}
