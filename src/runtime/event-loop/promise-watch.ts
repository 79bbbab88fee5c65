/**
 * What the engine does with promises, seen by V8's own promise hooks: which promise was made, settled, or looked at, by
 * whatever code. Each promise is a location: settling it is a write; waiting for it is a read once it is settled, and
 * before that a write too, since reactions run in the order in which they were registered.
 */

import { inspect } from 'node:util'
import { promiseHooks } from 'node:v8'
import type { Execution } from '../execution.js'
import { type ObjectRecord, SETTLE } from '../identity.js'
import type { LockCall } from '../known-locks.js'
import { Anchor, isObject, isPromise, NativePromise } from '../natives.js'
import { peek } from '../peek.js'
import { READ, WRITE } from '../recorder.js'
import type { Task } from '../task.js'

/** What is known of one native promise. */
export class PromiseInfo {
  /** Step in which it was first resolved, perhaps with another promise. */
  resolvedAt = Number.POSITIVE_INFINITY
  /** Promises made of this one by `Promise.race` and the like: its settling takes part in theirs. */
  dependents: PromiseInfo[] | null = null
  /** The async call that settles it by ending. */
  call: { readonly task: Task } | null = null
  /** The call of a known lock that made it. */
  lockCall: LockCall | null = null
  constructor(
    readonly execution: Execution,
    readonly record: ObjectRecord,
    readonly site: number,
    /** Made by code that is not instrumented: nobody knows what settles it. */
    public foreign: boolean,
  ) {}

  get location(): number {
    return this.record.location(SETTLE)
  }
}

class PromiseStamp extends Anchor {
  #info: PromiseInfo
  constructor(promise: object, info: PromiseInfo) {
    super(promise)
    this.#info = info
  }
  static of(promise: object): PromiseInfo | undefined {
    return #info in promise ? promise.#info : undefined
  }
  static put(promise: object, info: PromiseInfo): void {
    if (#info in promise) promise.#info = info
    else new PromiseStamp(promise, info)
  }
}

type PromiseHook = (promise: object, parent?: object) => void

export class PromiseWatch {
  private readonly stop: () => void
  /** Promises that a combinator waits for, while one is being called. */
  private parts: PromiseInfo[] | null = null

  constructor(
    private readonly execution: Execution,
    private readonly loop: { readonly draining: boolean },
  ) {
    const hooks = promiseHooks as unknown as {
      createHook(callbacks: { init: PromiseHook; settled: PromiseHook }): () => void
    }
    this.stop = hooks.createHook({ init: this.made, settled: this.settled })
  }

  end(): void {
    this.stop()
  }

  /** Undefined: none of this execution. */
  infoOf(promise: object): PromiseInfo | undefined {
    const info = PromiseStamp.of(promise)
    return info?.execution === this.execution ? info : undefined
  }

  /** The promise that an `await` waits for by another one, which nobody gets to see. */
  hidden: object | null = null
  private hiding = false

  /** What an `await` waits for, made ready so that what the engine makes for it is no location of the program's. */
  hide(operand: unknown): unknown {
    let promise = operand
    if (!isObject(operand)) {
      this.hiding = true
      promise = NativePromise.resolve(operand)
      this.hiding = false
    } else if (!isPromise(operand) || peek(operand, 'constructor') !== NativePromise) return operand
    this.hidden = promise as object
    return promise
  }

  private readonly made = (promise: object, parent?: object): void => {
    const { execution, loop } = this
    if (!loop.draining && !execution.foreign.owns()) return
    const { runtime } = execution
    // The head of an async function, asked for its coroutine, leaves a promise that nobody gets.
    if (runtime.wanted) return
    if (parent !== undefined) {
      this.awaited(parent)
      if (parent === this.hidden) {
        this.hidden = null
        return
      }
    }
    if (this.hiding) return
    const foreign = runtime.foreignSite !== 0 || !loop.draining
    PromiseStamp.put(promise, new PromiseInfo(execution, execution.newRecord(), runtime.site, foreign))
  }

  /** Something waits for `promise`. */
  private awaited(promise: object): void {
    const { execution } = this
    const { recorder, runtime, foreign, step } = execution
    let info = this.infoOf(promise)
    if (info === undefined) {
      // It was made before, or elsewhere.
      info = new PromiseInfo(execution, recorder.record(promise, runtime.site), runtime.site, true)
      PromiseStamp.put(promise, info)
      if (!isPending(promise)) info.resolvedAt = -1
    }
    this.parts?.push(info)
    const settled = info.resolvedAt < step && !isPending(promise)
    recorder.add(info.location, settled ? READ : WRITE)
    if (info.foreign && runtime.foreignSite === 0 && info.resolvedAt > step) {
      info.lockCall = foreign.locks.callOf(promise)
      foreign.expect(info)
    }
  }

  private readonly settled = (promise: object): void => {
    const info = this.infoOf(promise)
    if (info === undefined || this.execution.runtime.execution !== this.execution) return
    const { recorder, foreign, step } = this.execution
    if (info.foreign) foreign.arrived(info)
    // What was acquired can't be seen here, and so not who has it.
    if (info.lockCall?.runs) info.lockCall.end()
    recorder.add(info.location, WRITE)
    if (info.resolvedAt > step) info.resolvedAt = step
    for (const dependent of info.dependents ?? []) recorder.add(dependent.location, READ)
  }

  /** `call` makes a promise of others: which of them settles first may matter to it. */
  combine(call: () => unknown): unknown {
    const { parts } = this
    const own: PromiseInfo[] = []
    this.parts = own
    try {
      const result = call()
      const info = typeof result === 'object' && result !== null ? this.infoOf(result) : undefined
      if (info !== undefined)
        for (const part of own) {
          if (part.dependents === null) part.dependents = [info]
          else part.dependents.push(info)
        }
      return result
    } finally {
      this.parts = parts
    }
  }
}

const SHALLOW = {
  depth: 0,
  customInspect: false,
  showProxy: false,
  getters: false,
  maxStringLength: 0,
  maxArrayLength: 0,
  breakLength: Number.POSITIVE_INFINITY,
} as const

/** The language has no way to ask; Node prints it. */
export function isPending(promise: object): boolean {
  const text = inspect(promise, SHALLOW)
  return text.startsWith('{ <pending>', text.indexOf('{'))
}
