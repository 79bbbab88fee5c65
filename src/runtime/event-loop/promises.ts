/** What the engine's own promises are asked to do, and by which tasks their callbacks are run. */
import { declare } from '../functions.js'
import { SETTLE } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, construct, isPromise, NativePromise, nativeThen } from '../natives.js'
import { peek } from '../peek.js'
import { READ, type Recorder, WRITE } from '../recorder.js'
import type { EventLoop } from './event-loop.js'

type Settle = (value?: unknown) => void

const { catch: nativeCatch, finally: nativeFinally } = NativePromise.prototype
const { withResolvers, all, allSettled, any, race } = NativePromise as unknown as Record<string, Function | undefined>
const combinators = new Set([all, allSettled, any, race])

/** A promise whose `then` is the engine's. */
const plain = (value: unknown): value is Promise<unknown> =>
  isPromise(value) && peek(value as Promise<unknown>, 'then') === nativeThen

export function promiseCall(
  runtime: RuntimeHooks,
  loop: EventLoop,
  native: Function,
  self: unknown,
  args: unknown[],
  site: number,
): unknown {
  const perform = (receiver: unknown, given: unknown[]): unknown => {
    const { nested } = runtime
    runtime.nested++
    try {
      return apply(native, receiver, given)
    } finally {
      runtime.nested = nested
    }
  }
  if (combinators.has(native)) return loop.watch.combine(() => perform(self, args))
  if (native === withResolvers) {
    const made = perform(self, args) as { promise: Promise<unknown>; resolve: Settle; reject: Settle }
    if (self !== NativePromise) return made
    return runtime.made(Object.assign(made, settlers(runtime, loop, made.promise, made.resolve, made.reject, site)))
  }
  const reacts = native === nativeThen || native === nativeCatch || native === nativeFinally
  if (!reacts || !(native === nativeThen ? isPromise(self) : plain(self))) return perform(self, args)
  const [source, handlers] = [
    loop.isForeign(self as object) ? loop.relay(self) : self,
    args.slice(0, native === nativeThen ? 2 : 1),
  ]
  if (!handlers.some(handler => typeof handler === 'function')) return perform(source, args)
  const task = loop.spawn('reaction')
  task.site = site
  const wrapped = handlers.map(handler =>
    typeof handler === 'function' ? (...given: unknown[]) => loop.callBack(task, handler, given) : handler,
  )
  return perform(source, wrapped)
}

/** `new Promise(executor)`. */
export function promiseConstruct(
  runtime: RuntimeHooks,
  loop: EventLoop,
  executor: unknown,
  site: number,
): Promise<unknown> {
  if (typeof executor !== 'function') return construct(NativePromise, [executor]) as Promise<unknown>
  let resolve: Settle = () => {}
  let reject: Settle = resolve
  const promise = new NativePromise((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  const given = settlers(runtime, loop, promise, resolve, reject, site)
  try {
    loop.callSync(executor, [given.resolve, given.reject])
  } catch (error) {
    given.reject(error)
  }
  return promise
}

/** The functions that settle a promise, for the program to call: a call that comes too late is an access, too. */
function settlers(
  runtime: RuntimeHooks,
  loop: EventLoop,
  promise: Promise<unknown>,
  resolve: Settle,
  reject: Settle,
  site: number,
): { resolve: Settle; reject: Settle } {
  let settled = false
  const settler = (settle: Settle): Settle => {
    const note = (value: unknown, at: number): void => {
      const location = loop.watch.infoOf(promise)?.record.location(SETTLE)
      if (location !== undefined && runtime.on)
        (runtime.recorder as Recorder).touch(location, settled ? READ : WRITE, at)
      settled = true
      settle(value)
    }
    const given = (value: unknown): void => note(value, 0)
    Object.defineProperty(given, 'name', { value: '', configurable: true })
    declare(given, (_, __, [value], at) => {
      note(value, at || site)
      runtime.value = undefined
      return false
    })
    return given
  }
  return { resolve: settler(resolve), reject: settler(reject) }
}
