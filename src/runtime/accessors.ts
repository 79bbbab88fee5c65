/**
 * Getters, setters and a proxy's traps, where threads can be interrupted in them. The language calls them natively, in
 * the middle of a property access. So they are run ahead: as a coroutine, before the access; when the access then calls
 * the function, its head gives what the coroutine gave.
 */
import { Frame } from './frame.js'
import { isInstrumented } from './functions.js'
import { isPrivateKey, type Key } from './identity.js'
import { getOwnPropertyDescriptor, getPrototypeOf, isProxy } from './natives.js'
import { trapped } from './proxies.js'
import type { Runtime } from './runtime.js'

/** What a function has given ahead of its call. */
export interface Ahead {
  /** Site of the function. */
  readonly site: number
  readonly value: unknown
}

interface Upcoming {
  target: Function
  self: unknown
  args: unknown[]
}

/** What `object[key]`, or an assignment of `args` to it, is about to call. */
function upcoming(object: object, key: Key, args: unknown[]): Upcoming | null {
  const writes = args.length > 0
  for (let at: object | null = object; at !== null; at = getPrototypeOf(at)) {
    if (isProxy(at)) {
      const trap = at === object ? trapped(at, writes ? 'set' : 'get') : null
      if (trap === null || !isInstrumented(trap.method)) return null
      return { target: trap.method, self: trap.handler, args: [trap.target, propertyName(key), ...args, object] }
    }
    const descriptor = getOwnPropertyDescriptor(at, key)
    if (descriptor === undefined) continue
    const target = writes ? descriptor.set : descriptor.get
    return target !== undefined && isInstrumented(target) ? { target, self: object, args } : null
  }
  return null
}

const propertyName = (key: Key): string | symbol => (typeof key === 'number' ? String(key) : key)

function* runAhead(
  runtime: Runtime,
  { target, self, args }: Upcoming,
  site: number,
): Generator<unknown, void, unknown> {
  if (!runtime.call(target, self, args, site)) return
  const { functionSite } = runtime.entered as Frame
  const value = yield
  runtime.ahead = { site: functionSite, value }
}

/** A frame that runs what the access will call, if that is a function of the program. */
export function frameAhead(runtime: Runtime, object: object, key: Key, args: unknown[], site: number): Frame | null {
  if (isPrivateKey(key)) return null
  const call = upcoming(object, key, args)
  return call === null ? null : new Frame(runAhead(runtime, call, site), false, 0)
}
