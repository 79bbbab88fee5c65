/** What is behind a proxy: without that, an access through it and one to its target look like two different things. */
import { INSTRUMENTED, infoOf } from './functions.js'
import { getOwnPropertyDescriptor, getPrototypeOf, isProxy } from './natives.js'

interface Parts {
  target: object
  handler: object
}

const known = new WeakMap<object, Parts>()

/** Called wherever instrumented code makes a proxy. */
export function rememberProxy<T extends object>(proxy: T, target: object, handler: object): T {
  known.set(proxy, { target, handler })
  return proxy
}

/** The handler's method, if it can be had without running anything. */
function trapOf({ handler }: Parts, trap: string): unknown {
  for (let object: object | null = handler; object !== null; object = getPrototypeOf(object)) {
    if (isProxy(object)) return undefined
    const descriptor = getOwnPropertyDescriptor(object, trap)
    if (descriptor !== undefined) return descriptor.value
  }
  return undefined
}

/**
 * The object that an access through `proxy` gets to: its target, unless an instrumented trap says itself what it does
 * (null). A proxy made by other code stands for itself: nothing tells what is behind it.
 */
export function behind(proxy: object, trap: string): object | null {
  let object = proxy
  for (let parts = known.get(object); parts !== undefined; parts = known.get(object)) {
    const method = trapOf(parts, trap)
    if (typeof method === 'function' && infoOf(method) === INSTRUMENTED) return null
    object = parts.target
    if (!isProxy(object)) return object
  }
  return object
}

/** The trap of a proxy, with what it is called on and with. */
export function trapped(proxy: object, trap: string): { method: Function; handler: object; target: object } | null {
  const parts = known.get(proxy)
  const method = parts === undefined ? undefined : trapOf(parts, trap)
  return parts !== undefined && typeof method === 'function' ? { method, ...parts } : null
}

/** The innermost target, whatever the traps are: to look at without calling them. */
export function innermost(object: object): object {
  let inner = object
  for (let parts = known.get(inner); parts !== undefined; parts = known.get(inner)) inner = parts.target
  return inner
}
