/**
 * The driver: runs instrumented code as coroutines, on an explicit stack of frames per task, and keeps the state that
 * emitted code shares with it. One instance per process, reached through a global symbol (see index.ts).
 *
 * Protocol with emitted code: a hook that needs the driver leaves a command here and returns true; the emitted code
 * then yields, and gets the result (or the exception) from the yield.
 */
import type { Ahead } from './accessors.js'
import { applyBound, isCalledByApplyBound } from './bound.js'
import { Cell } from './cell.js'
import { BASE, Construction, DERIVED } from './construction.js'
import type { Context, Contexts } from './contexts.js'
import type { EventLoop } from './event-loop/event-loop.js'
import type { Execution } from './execution.js'
import { Frame } from './frame.js'
import {
  BOUND,
  CLASS,
  type Coroutine,
  constructors,
  coroutineOf,
  FOREIGN,
  type FunctionInfo,
  IN_PLACE,
  INSTRUMENTED,
  infoOf,
  keepCoroutine,
  PURE,
} from './functions.js'
import type { Guard } from './guard.js'
import { driveInactive } from './inactive.js'
import { apply, construct, getPrototypeOf, isObject, isPromise } from './natives.js'
import { isOfNode } from './node-functions.js'
import type { Observer } from './outside/observer.js'
import type { Recorder } from './recorder.js'
import type { Sites } from './sites.js'
import type { Point, Task } from './task.js'
import { thenableFrame } from './thenables.js'

export enum Command {
  None = 0,
  /** Run the frame in `entered`. */
  Call = 1,
  /** The same, and await its result. */
  CallAwait = 2,
  /** Await `operand`. */
  Wait = 3,
  /** Nothing to await after all: go on with `operand`. */
  GoOn = 9,
  /** A thread is about to do what `point` says. */
  Point = 4,
  /** Await what `guard` says. */
  Await = 5,
  /** Block the whole task or thread until `guard` lets it go on. */
  Block = 7,
  /** The task stands at the marker in `marked`. */
  Marker = 8,
  /** The task is in an endless loop. */
  Abandon = 6,
}

export enum Outcome {
  Done = 0,
  Suspended = 1,
  Abandoned = 2,
}

/** What the language throws when an iterator's `next` or `return` gives something else. */
export const notAnObject = (value: unknown): TypeError =>
  new TypeError(`Iterator result ${String(value)} is not an object`)

const MAX_FRAMES = 10_000

/** Stands for the foreign code that calls a callback from the event loop. */
const CALLBACK = Object.defineProperty(() => {}, 'name', { value: 'a callback' })

/** Stands for a task where a function is asked for its frame only. */
const PROBE = {} as Task

export class Runtime {
  /** An execution is going on: instrumented functions enter their coroutines. */
  on = false
  /** Result of the hook that has just returned false. */
  value: unknown = undefined
  /** The task that is running, null between steps. */
  task: Task | null = null
  execution: Execution | null = null
  recorder: Recorder | null = null
  /** Accesses are scheduling points. */
  points = false
  contexts: Contexts | null = null
  /** With `fidelity: 'engine'`: promises and async functions are the engine's own. */
  eventLoop: EventLoop | null = null
  /** Names of the detectors that the present exploration asks for (see outside/gate.ts). */
  readonly detectors = new Set<string>()
  /** Sees what native code did. */
  observer: Observer | null = null
  /** Prototypes of drivers whose operations a detector of the present exploration sees, so that nothing else is hidden in them. */
  readonly understood = new WeakSet<object>()
  /** Where instrumented code called the foreign code that is running; 0: none is. */
  foreignSite = 0
  /** Depth of native calls that instrumented code is running under: nothing can be suspended there. */
  nested = 0

  command: Command = Command.None
  operand: unknown = undefined
  operandRejected = false
  /** Context in which what waits for the operand goes on; null: the one it waits in. */
  context: Context | null = null
  point: Point | null = null
  guard: Guard | null = null
  marked = ''
  site = 0

  /** The next instrumented function to be entered was called by the driver: it hands over its frame. */
  wanted = false
  entered: Frame | null = null
  /** It was called through a bound function, if that is what the bound function calls. */
  bound = false
  /** Its coroutine, if that serves other calls of the function too. */
  private reusable: Coroutine | null = null
  /** The call that is being prepared is awaited. */
  awaits = false
  /** The frame that runs. */
  current: Frame | null = null
  result: unknown = undefined
  resultIsError = false

  /** Some file makes getters, setters or proxies. */
  hasAccessors = false
  /** What a getter, setter or trap gave that the running coroutine is about to call. */
  ahead: Ahead | null = null

  /** The constructor of a class that is to hand over its coroutine. */
  readonly construction = new Construction()
  /** Calls of `super` under way, in constructors that have a coroutine for what comes after. */
  supers = 0

  /** URL of the module that made this instance. */
  home: string | undefined

  /** Loop turns that the present step may still take. */
  turnsLeft = 0
  turnLimit = 1_000_000

  constructor(readonly sites: Sites) {}

  /** The loop that used up the turns of a step. */
  describeLoop(at = this.site): string {
    const site = this.sites.describe(at)
    return site === undefined ? 'a loop' : `the loop at ${site.file}:${site.line}`
  }

  // --- functions -----------------------------------------------------------------------------------------------

  /** Site of an instrumented function; 0 of any other. */
  siteOf(target: Function): number {
    if (infoOf(target) !== INSTRUMENTED) return 0
    const { on, task } = this
    this.on = true
    this.task = PROBE
    this.wanted = true
    try {
      apply(target, undefined, [])
      return this.entered?.functionSite ?? 0
    } finally {
      this.on = on
      this.task = task
      this.wanted = false
      this.entered = null
    }
  }

  /** Called by the head of an instrumented function. `kind`: 1 async, 2 the body serves every call of the closure, 4 so does an arrow's. */
  enter(
    kind: number,
    site: number,
    body: () => Generator<unknown, unknown, unknown>,
    self: unknown,
    args: ArrayLike<unknown>,
    target?: Function,
  ): unknown {
    const { ahead } = this
    if (ahead !== null && ahead.site === site) {
      this.ahead = null
      return ahead.value
    }
    const isAsync = (kind & 1) !== 0
    if (kind >= BASE && this.on && this.construction.hands(target, kind >= DERIVED, this.nested)) {
      this.entered = constructorFrame(target as Function, kind, site, body, self as object, args)
      return undefined
    }
    const frame = new Frame(apply(body, self, args), isAsync, site)
    if (target !== undefined) frame.constructed = self as object
    if (this.bound) {
      this.bound = false
      // Under a bound function that is not instrumented: called natively.
      if (!isCalledByApplyBound(this.enter)) this.wanted = false
    }
    if (this.wanted) {
      this.wanted = false
      this.entered = frame
      const isArrow = (kind & 4) !== 0
      this.reusable = kind > 1 ? { body, lexicalThis: isArrow ? self : undefined, isArrow, isAsync, site } : null
      return undefined
    }
    if (!this.on || !this.enters()) return driveInactive(this, frame)
    return this.enterFromNative(frame)
  }

  /** Whether a call belongs to the exploration, rather than to something else that goes on in the process. */
  enters(): boolean {
    return this.task !== null || (this.execution?.owns() ?? false)
  }

  /** Native code called instrumented code: it runs to its end, or, if async, to its first suspension. */
  private enterFromNative(frame: Frame): unknown {
    // What goes on because a detected operation has ended could not be interleaved otherwise: nothing was missed.
    const { foreign, stepped } = this.execution as Execution
    const inOrder = stepped?.kind === 'io' || this.eventLoop?.draining === true
    if (this.task === null && !inOrder) foreign.wentOn(CALLBACK)
    return this.runNested(frame)
  }

  /** Runs `frame` to its end, or, if async, to its first suspension, under a native caller. */
  runNested(frame: Frame): unknown {
    const execution = this.execution as Execution
    const outside = this.task === null
    if (outside) execution.beginForeign()
    this.nested++
    const current = this.current
    const { command, operand, site, value } = this
    try {
      if (frame.isAsync && this.eventLoop !== null) return this.eventLoop.call(frame, false)
      const outcome = this.drive(frame, undefined, false)
      if (outcome === Outcome.Abandoned) throw execution.abandon()
      if (outcome === Outcome.Suspended) return this.detach(frame, this.current as Frame).escape()
      if (frame.isAsync) {
        const cell = new Cell()
        execution.resolve(cell, this.result, this.resultIsError)
        return cell.escape()
      }
      if (this.resultIsError) throw this.result
      return this.result
    } finally {
      this.nested--
      this.current = current
      this.command = command
      this.operand = operand
      this.site = site
      this.value = value
      if (outside) execution.endForeign()
    }
  }

  /** Emitted call: `f.apply(self, args)`. */
  call(target: unknown, self: unknown, args: unknown[], site: number): boolean {
    if (typeof target !== 'function') throw new TypeError(`${this.sites.text(site)} is not a function`)
    if (this.task === null) return this.callInactive(target, self, args)
    const info = infoOf(target)
    if (info === INSTRUMENTED) {
      const coroutine = coroutineOf(target)
      return coroutine === null
        ? this.callHead(target, self, args, site)
        : this.push(frameOf(coroutine, self, args), site)
    }
    if (typeof info !== 'number' || info === PURE) (this.execution as Execution).polling.called(this.task, self, args)
    if (typeof info === 'function') return info(target, self, args, site)
    this.awaits = false
    if (info === PURE) this.value = apply(target, self, args)
    else if (info === IN_PLACE) this.callInPlace(target, self, args)
    else if (info === BOUND) return this.callBound(target, self, args, site)
    else if (this.isNativePoint) return this.nativePoint(site, () => this.callForeign(target, self, args, site))
    else this.callForeign(target, self, args, site)
    return false
  }

  /** In threads, what native code does is a step, where it can be seen. */
  private get isNativePoint(): boolean {
    return this.points && this.observer !== null && this.nested === 0
  }

  private nativePoint(site: number, run: () => void): true {
    const perform = (): unknown => {
      run()
      return this.value
    }
    this.command = Command.Point
    this.point = { site, awaited: false, perform, onlyNotes: false }
    this.site = site
    return true
  }

  /** The first call of an instrumented function: its head hands over the coroutine. */
  private callHead(target: Function, self: unknown, args: unknown[], site: number): boolean {
    this.wanted = true
    let value: unknown
    try {
      value = apply(target, self, args)
    } finally {
      this.wanted = false
    }
    if (this.entered !== null && this.reusable !== null) keepCoroutine(target, this.reusable)
    return this.takeFrame(value, site)
  }

  private callBound(target: Function, self: unknown, args: unknown[], site: number): boolean {
    const execution = this.execution as Execution
    const { nested } = this
    const task = this.task as Task
    this.observer?.expectNothing(execution)
    this.wanted = true
    this.bound = true
    this.nested++
    let value: unknown
    try {
      value = execution.foreign.run(() => applyBound(target, self, args))
    } finally {
      this.wanted = false
      this.bound = false
      this.nested = nested
      this.observe(site)
    }
    if (this.entered === null) {
      execution.foreignCall(target, self, args, site)
      if (isObject(value)) execution.foreignResult(value, site)
    } else execution.seen.add(task.identity.root ?? task.identity)
    return this.takeFrame(value, site)
  }

  /** Emitted `new target(...args)`. */
  construct(target: unknown, args: unknown[], site: number): boolean {
    if (typeof target !== 'function') throw new TypeError(`${this.sites.text(site)} is not a constructor`)
    if (this.task === null) {
      this.value = construct(target, args)
      return false
    }
    ;(this.execution as Execution).polling.called(this.task, undefined, args)
    const handler = constructors.get(target)
    if (handler !== undefined) return handler(target, undefined, args, site)
    const info = infoOf(target)
    if (info === CLASS) {
      const value = this.construction.run(this, target, args)
      this.identify(this.entered?.constructed ?? value)
      return this.takeFrame(value, site)
    }
    if (info === INSTRUMENTED) {
      this.wanted = true
      let value: unknown
      try {
        value = construct(target, args)
      } finally {
        this.wanted = false
      }
      this.identify(this.entered?.constructed)
      return this.takeFrame(value, site)
    }
    if (info === FOREIGN && this.isNativePoint)
      return this.nativePoint(site, () => this.constructNative(target, info, args, site))
    this.constructNative(target, info, args, site)
    return false
  }

  private constructNative(target: Function, info: FunctionInfo, args: unknown[], site: number): void {
    const { nested, foreignSite } = this
    if (info === FOREIGN) this.observer?.expectNothing(this.execution as Execution)
    this.nested++
    this.foreignSite = site
    try {
      if (info === FOREIGN) {
        ;(this.execution as Execution).polling.changed(this.task)
        ;(this.execution as Execution).foreign.called(args, site)
        this.value = (this.execution as Execution).foreign.run(() => construct(target, args))
      } else {
        this.value = construct(target, args)
        // The trace begins where the program made the error, not here.
        if (this.value instanceof Error) Error.captureStackTrace?.(this.value, this.construct)
      }
    } finally {
      this.nested = nested
      this.foreignSite = foreignSite
      if (info === FOREIGN) this.observe(site)
    }
    this.identify(this.value)
  }

  /** Native code has run. */
  private observe(site: number): void {
    this.observer?.observe(this.execution as Execution, site)
  }

  /** Gives an object that was just made its identity. */
  identify(value: unknown): void {
    if (isObject(value) && !(this.recorder as Recorder).knows(value)) (this.execution as Execution).made(value)
  }

  callInPlace(target: Function, self: unknown, args: unknown[]): void {
    const nested = this.nested
    this.nested++
    try {
      this.value = apply(target, self, args)
    } finally {
      this.nested = nested
    }
  }

  protected takeFrame(value: unknown, site: number): boolean {
    const frame = this.entered
    if (frame === null) {
      this.value = value
      return false
    }
    return this.push(frame, site)
  }

  /** Leaves `frame` for the driver to run. */
  push(frame: Frame, site: number): true {
    this.command = Command.Call
    this.entered = frame
    frame.site = site
    return true
  }

  private callInactive(target: Function, self: unknown, args: unknown[]): boolean {
    if (infoOf(target) === INSTRUMENTED) {
      // Not part of an exploration: whatever the function does, it does natively.
      this.wanted = false
    }
    this.value = apply(target, self, args)
    return false
  }

  /** Code that is not instrumented runs natively, in one go. */
  callForeign(target: Function, self: unknown, args: unknown[], site: number): void {
    const execution = this.execution as Execution
    this.observer?.expectNothing(execution)
    execution.foreignCall(target, self, args, site)
    const { nested, foreignSite } = this
    this.nested++
    this.foreignSite = site
    ;(this.task as Task).calledAt = site
    const { locks } = execution.foreign
    const call = locks.begin(target, self, args, this.task as Task, run => execution.foreign.silently(run))
    try {
      this.value = execution.foreign.run(() => apply(target, self, call === null ? args : call.passed))
      if (call !== null) locks.returned(call, this.value)
    } finally {
      this.nested = nested
      this.foreignSite = foreignSite
      this.observe(site)
    }
    if (!isObject(this.value)) return
    if (isPromise(this.value) && Cell.of(this.value) === undefined && !isOfNode(target) && !this.understands(self))
      execution.foreign.wentOn(target)
    execution.foreignResult(this.value, site)
  }

  /** Whether a detector sees all that methods of `self` do. */
  understands(self: unknown): boolean {
    for (let object = self; isObject(object); object = getPrototypeOf(object))
      if (this.understood.has(object)) return true
    return false
  }

  /** Emitted `await f(...)`: always followed by a yield. */
  callAwait(target: unknown, self: unknown, args: unknown[], site: number): void {
    this.awaits = true
    const yields = this.call(target, self, args, site)
    this.awaits = false
    if (yields) this.awaitCall()
    else this.wait(this.value, site)
  }

  /** Emitted `return f(...)` of an async function, where awaiting makes a difference to the number of microtasks only. */
  callReturn(target: unknown, self: unknown, args: unknown[], site: number): void {
    if (this.eventLoop === null) this.callAwait(target, self, args, site)
    else if (!this.call(target, self, args, site)) this.goOn(this.value)
  }

  /** Turns the call that was just prepared into an awaited one. */
  protected awaitCall(): void {
    if (this.command === Command.Call) this.command = Command.CallAwait
    else if (this.command === Command.Point) (this.point as Point).awaited = true
  }

  /** Emitted `await e`. */
  wait(operand: unknown, site: number): void {
    this.command = Command.Wait
    this.operand = operand
    this.operandRejected = false
    this.context = null
    this.site = site
  }

  /** In the place of an `await`: there is nothing to wait for. */
  goOn(value?: unknown): void {
    this.command = Command.GoOn
    this.operand = value
  }

  // --- the stack of frames -------------------------------------------------------------------------------------

  /**
   * Runs `frame` and everything it calls until its base has ended (Done; see `result`), or the fiber it stands on is
   * suspended (Suspended; `current` is the top frame, the command says why).
   */
  drive(top: Frame, input: unknown, inputIsError: boolean): Outcome {
    let frame = top
    let sent = input
    let failed = inputIsError
    for (;;) {
      this.current = frame
      let done: boolean | undefined
      let value: unknown
      const { ahead } = this
      try {
        const next = failed ? frame.generator.throw(sent) : frame.generator.next(sent)
        done = next.done
        value = next.value
        failed = false
        // The access came to call something else.
        if (ahead !== null && this.ahead === ahead) this.ahead = null
      } catch (error) {
        done = true
        value = error
        failed = true
      }
      if (done) {
        const parent = frame.parent
        if (frame.yieldsObject && !failed && !isObject(value)) {
          failed = true
          value = notAnObject(value)
        }
        if (frame.constructed !== null && !failed && !isObject(value)) value = frame.constructed
        if (frame.awaited && parent !== null && (frame.isAsync || !failed)) {
          // The parent awaits this result.
          if (frame.cell !== null) (this.execution as Execution).resolve(frame.cell, value, failed)
          this.context = frame.outside
          frame = parent
          this.command = Command.Wait
          this.operand = value
          this.operandRejected = failed
          failed = false
        } else if (parent === null) {
          this.result = value
          this.resultIsError = failed
          return Outcome.Done
        } else {
          if (frame.isAsync) {
            const cell = new Cell()
            ;(this.execution as Execution).resolve(cell, value, failed)
            value = cell.promise
            failed = false
          }
          frame = parent
          sent = value
          continue
        }
      }
      switch (this.command) {
        case Command.Call:
        case Command.CallAwait: {
          const callee = this.entered as Frame
          this.entered = null
          callee.parent = frame
          callee.awaited = this.command === Command.CallAwait
          callee.depth = frame.depth + 1
          sent = undefined
          if (callee.depth > MAX_FRAMES) {
            sent = new RangeError('Maximum call stack size exceeded')
            failed = true
          } else if (callee.isAsync && this.eventLoop !== null) {
            callee.parent = null
            sent = this.eventLoop.call(callee, callee.awaited)
            this.current = frame
            if (callee.awaited) {
              this.wait(sent, callee.site)
              return Outcome.Suspended
            }
          } else frame = callee
          continue
        }
        case Command.GoOn:
          sent = this.operand
          continue
        case Command.Wait:
        case Command.Await: {
          this.current = frame
          if (this.eventLoop !== null) return Outcome.Suspended
          const settled = this.command === Command.Await || this.operandRejected
          const thenable = settled ? null : thenableFrame(this, this.operand)
          if (thenable !== null) {
            thenable.parent = frame
            thenable.awaited = true
            thenable.outside = this.context
            frame = thenable
            sent = undefined
            continue
          }
          const caller = this.detachFrom(frame)
          if (caller === null) return Outcome.Suspended
          sent = this.detached
          frame = caller
          continue
        }
        case Command.Abandon:
          return Outcome.Abandoned
        default:
          this.current = frame
          return Outcome.Suspended
      }
    }
  }

  /** The promise of the call that was just detached. */
  private detached: Promise<unknown> | null = null

  /** The fiber is suspended at `top`. If somebody on its stack called without awaiting, that one goes on: returns it. */
  private detachFrom(top: Frame): Frame | null {
    let owner = top
    while (owner.awaited && owner.parent !== null) owner = owner.parent
    const caller = owner.parent
    if (caller === null) return null
    owner.parent = null
    this.detached = this.detach(owner, top).promise
    return caller
  }

  /** The call from `owner` up to `top` is suspended while its caller goes on: it becomes a task of its own. */
  private detach(owner: Frame, top: Frame): Cell {
    const execution = this.execution as Execution
    const task = execution.newTask('async', this.task)
    const cell = new Cell()
    cell.producer = task
    cell.site = owner.functionSite
    owner.cell = cell
    task.completion = cell
    task.frame = top
    execution.suspend(task)
    return cell
  }

  /** Sites of the calls that led to where the running task is, innermost first. */
  callChain(): number[] {
    const chain: number[] = []
    for (let frame = this.current; frame !== null; frame = frame.parent) {
      if (frame.site !== 0) chain.push(frame.site)
      if (frame.callers !== null) chain.push(...frame.callers)
    }
    return chain
  }
}

function constructorFrame(
  target: Function,
  kind: number,
  site: number,
  body: () => Generator<unknown, unknown, unknown>,
  self: object,
  args: ArrayLike<unknown>,
): Frame {
  let known = (kind & 2) === 0 ? null : coroutineOf(target)
  if (known === null && (kind & 2) !== 0) {
    known = { body, lexicalThis: undefined, isArrow: false, isAsync: false, site }
    keepCoroutine(target, known)
  }
  const frame = new Frame(apply(known?.body ?? body, self, args), false, site)
  frame.constructed = self
  return frame
}

function frameOf(coroutine: Coroutine, self: unknown, args: unknown[]): Frame {
  const generator = apply(coroutine.body, coroutine.isArrow ? coroutine.lexicalThis : self, args)
  return new Frame(generator, coroutine.isAsync, coroutine.site)
}
