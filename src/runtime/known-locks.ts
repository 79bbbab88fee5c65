/**
 * Locks of well-known packages that are not traced. They run natively, as any code that is not instrumented; but what their
 * methods are for is known, so that a deadlock tells which lock is waited for and who has it, and is found without waiting:
 * such a promise is settled by who holds the lock, and not by the outside world.
 *
 * A package is recognised by the file that a method was made in. Nothing of it is replaced; the functions that run under a
 * lock are passed on wrapped, which tells when they begin and end.
 */
import { fileOf, packageNameOf } from './function-file.js'
import { apply, getOwnPropertyDescriptor, getPrototypeOf, isObject, isPromise, isProxy } from './natives.js'
import type { Task } from './task.js'

/** How a method uses its lock. */
interface Usage {
  /** What the lock is called in stories. */
  noun: string
  /** Which argument is the function that runs under the lock; -1: there is none, the promise gives what releases it. */
  callback: number
  /** The first argument says which of several locks. */
  keyed?: boolean
}

const mutexOrSemaphore = (self: unknown): string =>
  /semaphore/i.test((self as object).constructor?.name ?? '') ? 'semaphore' : 'mutex'

/** Of each package, what its method of this name does; undefined: nothing that concerns a lock. */
const PACKAGES: Record<string, (method: string, self: unknown) => Usage | undefined> = {
  'async-mutex': (method, self) =>
    method === 'acquire'
      ? { noun: mutexOrSemaphore(self), callback: -1 }
      : method === 'runExclusive'
        ? { noun: mutexOrSemaphore(self), callback: 0 }
        : undefined,
  'await-semaphore': (method, self) =>
    method === 'acquire'
      ? { noun: mutexOrSemaphore(self), callback: -1 }
      : method === 'use'
        ? { noun: mutexOrSemaphore(self), callback: 0 }
        : undefined,
  'async-lock': method => (method === 'acquire' ? { noun: 'lock', callback: 1, keyed: true } : undefined),
  'p-limit': method => (method === LIMIT ? { noun: 'limit', callback: 0 } : undefined),
  'p-queue': method => (method === 'add' ? { noun: 'queue', callback: 0 } : undefined),
}

/** Stands for a limit itself, a function that may be called as anything's method. */
const LIMIT = 'a limit'

/** Looked at before any file is asked for. */
const METHODS = new Set(['acquire', 'runExclusive', 'use', 'add'])

interface Method {
  readonly name: string
  readonly usage: (method: string, self: unknown) => Usage | undefined
}

const recognised = new WeakMap<Function, Method | null>()

type Silently = <T>(run: () => T) => T

function recognise(target: Function, self: unknown, silently: Silently): Method | null {
  const known = recognised.get(target)
  if (known !== undefined) return known
  const name = nameOf(target, self)
  let method: Method | null = null
  if (name !== undefined) {
    const usage = silently(() => {
      const file = fileOf(target)
      return file === undefined ? undefined : PACKAGES[packageNameOf(file) ?? '']
    })
    if (usage !== undefined) method = { name, usage }
  }
  recognised.set(target, method)
  return method
}

/** What a function is called as, if it could be one of those known. */
function nameOf(target: Function, self: unknown): string | undefined {
  if (getOwnPropertyDescriptor(target, 'pendingCount') !== undefined) return LIMIT
  if (!isObject(self)) return undefined
  for (const name of METHODS) if (methodOf(self, name) === target) return name
  return undefined
}

/** Without running anything. */
function methodOf(self: object, name: string): unknown {
  for (let object: object | null = self; object !== null; object = getPrototypeOf(object)) {
    if (isProxy(object)) return undefined
    const descriptor = getOwnPropertyDescriptor(object, name)
    if (descriptor !== undefined) return descriptor.value
  }
  return undefined
}

/** One lock: a mutex, or one key of an `AsyncLock`. */
class KnownLock {
  readonly calls = new Set<LockCall>()
}

/** In one execution: what has been called, and what is held. */
export class KnownLocks {
  private readonly locks = new Map<object, Map<string, KnownLock>>()
  private readonly releases = new Map<object, LockCall>()
  private readonly calls = new Map<object, LockCall>()

  /** @param live the tasks of the execution, in the order in which they came to be */
  constructor(private readonly live: readonly Task[]) {}

  /**
   * A function that is not instrumented is about to be called; null: it is no method of a lock.
   *
   * @param silently keeps what finding out does from being seen as done by the program
   */
  begin(target: Function, self: unknown, args: readonly unknown[], task: Task, silently: Silently): LockCall | null {
    const released = this.releases.get(target)
    if (released !== undefined) released.end()
    if (isObject(self) && target.name === 'release') this.releaseOf(self, task)
    const method = recognise(target, self, silently)
    const usage = method?.usage(method.name, self)
    if (usage === undefined) return null
    const owner = isObject(self) && method?.name !== LIMIT ? self : target
    const keys = usage.keyed ? [args[0]].flat().map(String) : ['']
    return new LockCall(
      usage,
      owner,
      keys,
      keys.map(key => this.lock(owner, key)),
      args,
      task,
      this.live,
    )
  }

  private lock(owner: object, key: string): KnownLock {
    let ofOwner = this.locks.get(owner)
    if (ofOwner === undefined) {
      ofOwner = new Map()
      this.locks.set(owner, ofOwner)
    }
    let lock = ofOwner.get(key)
    if (lock === undefined) {
      lock = new KnownLock()
      ofOwner.set(key, lock)
    }
    return lock
  }

  /** `lock.release()`, by the lock itself: what this task has taken, or else what was taken first. */
  private releaseOf(owner: object, task: Task): void {
    const held = [...(this.locks.get(owner)?.get('')?.calls ?? [])].filter(call => call.holder !== null)
    const call = held.find(({ holder }) => holder === task) ?? held[0]
    call?.end()
  }

  /** What the call returned. */
  returned(call: LockCall, promise: unknown): void {
    if (!isObject(promise) || !isPromise(promise)) return
    call.wait()
    this.calls.set(promise, call)
  }

  /** The call that made a promise which is being waited for. */
  callOf(promise: object): LockCall | null {
    return this.calls.get(promise) ?? null
  }

  /** The promise was fulfilled with this: the lock is held until one of its functions is called, or the call has ended. */
  settled(call: LockCall, value: unknown): void {
    if (call.runs) return call.end()
    call.take(call.task)
    for (const one of Array.isArray(value) ? value : [value])
      if (typeof one === 'function') this.releases.set(one, call)
  }
}

/** A call that takes a lock: it waits, then holds, then has ended. */
export class LockCall {
  /** Who has the lock by this call. */
  holder: Task | null = null
  private waits = false

  constructor(
    private readonly usage: Usage,
    readonly owner: object,
    private readonly keys: readonly string[],
    private readonly locks: readonly KnownLock[],
    private readonly args: readonly unknown[],
    readonly task: Task,
    /** The tasks of the execution. */
    readonly live: readonly Task[],
  ) {}

  /** It runs a function under the lock, rather than giving the lock to the caller. */
  get runs(): boolean {
    return this.usage.callback >= 0
  }

  /** The arguments, with the function that runs under the lock wrapped. */
  get passed(): unknown[] {
    const passed = [...this.args]
    const { callback } = this.usage
    const run = passed[callback]
    if (typeof run !== 'function') return passed
    const call = this
    const wrapped = function (this: unknown, ...given: unknown[]): unknown {
      call.take(call.task)
      const { live } = call
      const before = live.length
      const result = apply(run, this, given)
      if (!isObject(result) || !isPromise(result)) {
        // With a parameter it may be told of its end by calling that.
        if (run.length === 0) call.end()
        return result
      }
      // Suspended, it has become a task: the last one, as those that it started itself came before.
      const suspended = live[live.length - 1] as Task
      if (live.length > before && suspended.kind === 'async') call.take(suspended)
      return result
    }
    // `async-lock` looks at it.
    Object.defineProperty(wrapped, 'length', { value: run.length, configurable: true })
    Object.defineProperty(wrapped, 'name', { value: run.name, configurable: true })
    passed[callback] = wrapped
    return passed
  }

  wait(): void {
    if (this.holder !== null) return
    this.waits = true
    for (const lock of this.locks) lock.calls.add(this)
  }

  take(task: Task): void {
    this.waits = false
    this.holder = task
    for (const lock of this.locks) lock.calls.add(this)
  }

  end(): void {
    this.waits = false
    this.holder = null
    for (const lock of this.locks) lock.calls.delete(this)
  }

  /** Who has to do something for the call to go on: those who hold the lock, or the function that it runs. */
  holders(): Task[] {
    if (!this.waits) return this.holder === null ? [] : [this.holder]
    const holders = this.locks.flatMap(lock => [...lock.calls].flatMap(({ holder }) => holder ?? []))
    return [...new Set(holders)]
  }

  /** Whether it is known who will let it go on: then nothing outside has to be waited for. */
  get isUnderstood(): boolean {
    return this.holders().length > 0
  }

  describe(name: string): string {
    const { noun, keyed } = this.usage
    const key = keyed ? ` (${this.keys.map(one => `'${one}'`).join(', ')})` : ''
    return this.waits ? `${noun} ${name}${key}` : `what runs under ${noun} ${name}${key}`
  }
}
