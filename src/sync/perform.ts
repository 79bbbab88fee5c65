/** How the methods of the primitives do their operations, in whichever world they are called. */
import { declare, PURE } from '../runtime/functions.js'
import type { Parked } from '../runtime/guard.js'
import { runtime } from '../runtime/index.js'
import { at, type Core, callSite, ExploredCore, type RealCore } from './core.js'
import { attemptOrThrow, callAsync, callSync, currentOwner, Doing } from './explored.js'
import { type Operation, timeoutOf, type WaitOptions } from './operation.js'
import { doReal, doRealSync } from './real.js'

/** Stands for the code of the process, outside of explorations, where nothing tells one task from another. */
export const ANYBODY = {}

/** An operation of a primitive, and who does it. */
export interface Request<S, T> {
  core: Core<S>
  operation: Operation<S, T>
  /** Outside of explorations; inside it is the task. */
  by?: object
  timeout: number | undefined
}

export function doing<S, T>({ core, operation }: Request<S, T>, first: Parked | null = null): Doing<S, T> {
  return new Doing(core as ExploredCore<S>, operation, currentOwner(), first)
}

/** An async method, called by code that is not instrumented, or outside of explorations. */
export function performAsync<S, T>(request: Request<S, T>): Promise<T> {
  const { core, operation, by = ANYBODY, timeout } = request
  if (core instanceof ExploredCore) return doing(request).start(timeout, callSite()) as Promise<T>
  return doReal(core as RealCore<S>, operation, by, timeout)
}

/** A blocking method, called by code that is not instrumented, or outside of explorations. */
export function performSync<S, T>(api: string, request: Request<S, T>): T {
  const { core, operation, by = ANYBODY, timeout } = request
  if (core instanceof ExploredCore)
    return timeout === 0 ? doing(request).attempt(callSite()) : attemptOrThrow(doing(request), callSite())
  return doRealSync(api, core as RealCore<S>, operation, by, timeout)
}

type Method = (...args: any[]) => unknown

/** Tells the driver of an async method and of its blocking twin. */
export function declareWaiting<P>(
  asynchronous: Method,
  blocking: Method | null,
  request: (self: P, args: any[]) => Request<any, any>,
): void {
  declare(asynchronous, (_, self, args, site) => {
    const asked = request(self, args)
    return callAsync(doing(asked), asked.timeout, site)
  })
  if (blocking !== null)
    declare(blocking, (_, self, args, site) => {
      const asked = request(self, args)
      return callSync(doing(asked), asked.timeout, site)
    })
}

/** Tells the driver that making one starts nothing that the event loop would have to be waited for. */
export function declareConstruction(primitive: Function): void {
  declare(primitive, PURE)
}

/** Tells the driver of methods that never wait: in threads each call is a step of its own. */
export function declareInstant(...methods: Method[]): void {
  for (const method of methods)
    declare(method, (target, self, args, site) =>
      runtime.pointwise(site, () => at(site, () => Reflect.apply(target, self, args))),
    )
}

/** Options of methods that are told in Python's way not to wait: `{ blocking: false }`. */
export interface BlockingOptions extends WaitOptions {
  /** `false`: as with `timeout: 0`. Default `true`. */
  blocking?: boolean
}

export const timeLeft = (api: string, options: BlockingOptions | undefined): number | undefined =>
  options?.blocking === false ? 0 : timeoutOf(api, options)

/** The body of `withLock` and its like: takes, runs, gives back. A coroutine, so that what it calls can be suspended. */
export function* whileHolding(
  self: unknown,
  run: unknown,
  take: Function,
  isAsync: boolean,
  site: number,
): Generator<unknown, unknown, unknown> {
  if (isAsync) yield runtime.callAwait(take, self, [], site)
  else if (runtime.call(take, self, [], site)) yield
  try {
    if (!isAsync) return runtime.call(run, undefined, [], site) ? yield : runtime.value
    runtime.callAwait(run, undefined, [], site)
    return yield
  } finally {
    // A subclass may have its own.
    if (runtime.call((self as { release: unknown }).release, self, [], site)) yield
  }
}

/** Declares a pair such as `withLock` and `withLockSync`. */
export function declareHolding(
  [withAsync, take]: readonly [Method, Method],
  [withSync, takeSync]: readonly [Method, Method],
): void {
  declare(withAsync, (_, self, [run], site) => runtime.coroutine(whileHolding(self, run, take, true, site), true, site))
  declare(withSync, (_, self, [run], site) =>
    runtime.coroutine(whileHolding(self, run, takeSync, false, site), false, site),
  )
}
