import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Every property of everything that an exploration might replace: name → value, getter, or attributes. */
export function snapshotProcess(): Map<string, unknown> {
  const snapshot = new Map<string, unknown>()
  const note = (name: string, target: object): void => {
    for (const key of Reflect.ownKeys(target)) {
      const path = `${name}.${String(key)}`
      const { value, get, set, ...attributes } = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor
      snapshot.set(path, value)
      snapshot.set(`${path} (get)`, get)
      snapshot.set(`${path} (set)`, set)
      snapshot.set(`${path} (attributes)`, JSON.stringify(attributes))
    }
  }
  note('globalThis', globalThis)
  note('Date', Date)
  note('Date.prototype', Date.prototype)
  note('Promise', Promise)
  note('Promise.prototype', Promise.prototype)
  note('Math', Math)
  note('Atomics', Atomics)
  note('AbortSignal', AbortSignal)
  note('performance', performance)
  note('Performance.prototype', Object.getPrototypeOf(performance))
  note('crypto', crypto)
  note('Crypto.prototype', Object.getPrototypeOf(crypto))
  for (const name of ['nextTick', 'hrtime', 'emit', 'on', 'off'])
    snapshot.set(`process.${name}`, (process as any)[name])
  snapshot.set('process.hrtime.bigint', process.hrtime.bigint)
  for (const module of ['timers', 'timers/promises', 'crypto', 'fs', 'fs/promises', 'net', 'http', 'events'])
    note(module, require(`node:${module}`))
  note('timers/promises.scheduler', require('node:timers/promises').scheduler)
  note('Reflect', Reflect)
  for (const type of [Map, Set, Array, Function, Object]) note(type.name, type.prototype)
  for (const event of ['unhandledRejection', 'rejectionHandled', 'uncaughtException', 'exit', 'warning'])
    process.rawListeners(event).forEach((listener, i) => snapshot.set(`listener ${i} of ${event}`, listener))
  return snapshot
}
