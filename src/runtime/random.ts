/** Seeded randomness: one stream per task, so that what a task draws does not depend on the schedule. */
import { createRequire } from 'node:module'
import type { Execution } from './execution.js'
import { declare } from './functions.js'
import type { RuntimeHooks } from './iteration.js'
import { apply } from './natives.js'
import { nodesOwn } from './node-functions.js'
import type { Patches } from './patches.js'
import type { Task } from './task.js'

const require = createRequire(import.meta.url)
const nodeCrypto = require('node:crypto') as Record<string, any>

/** FNV-1a over the task's path, so that every task has a stream of its own. */
function hash(seed: number, text: string): number {
  let value = (2166136261 ^ seed) >>> 0
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16777619) >>> 0
  return value || 1
}

export function installRandom(runtime: RuntimeHooks, patches: Patches, seed: number): void {
  /** mulberry32. */
  const draw = (): number => {
    const execution = runtime.execution as Execution
    const task = (runtime.task ?? execution.stepped) as Task
    execution.polling.changed(task)
    if (task.randomState === 0) task.randomState = hash(seed, task.identity.path)
    task.randomState = (task.randomState + 0x6d2b79f5) >>> 0 || 1
    let value = task.randomState
    value = Math.imul(value ^ (value >>> 15), value | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return (value ^ (value >>> 14)) >>> 0
  }
  const fill = (array: ArrayBufferView): void => {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    for (let index = 0; index < bytes.length; index++) bytes[index] = draw() & 255
  }
  const uuid = (): string => {
    const bytes = new Uint8Array(16)
    fill(bytes)
    bytes[6] = ((bytes[6] as number) & 15) | 64
    bytes[8] = ((bytes[8] as number) & 63) | 128
    const hex = Buffer.from(bytes).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
  const patch = (owner: object, name: string, seeded: (...args: any[]) => unknown, builtin = false): void => {
    const original = (owner as Record<string, Function>)[name]
    if (typeof original !== 'function') return
    const replacement = function (this: unknown, ...args: unknown[]): unknown {
      return runtime.on && runtime.enters() ? seeded(...args) : apply(original, this, args)
    }
    Object.defineProperty(replacement, 'name', { value: name, configurable: true })
    for (const target of [original, replacement])
      declare(target, (_, __, args) => {
        runtime.value = seeded(...args)
        return false
      })
    if (builtin) nodesOwn.add(replacement)
    patches.replace(owner, name, replacement, builtin)
  }

  patch(Math, 'random', () => draw() / 4294967296)
  const getRandomValues = (array: ArrayBufferView): ArrayBufferView => {
    fill(array)
    return array
  }
  const crypto = Object.getPrototypeOf(globalThis.crypto) as object
  patch(crypto, 'getRandomValues', getRandomValues)
  patch(crypto, 'randomUUID', uuid)
  patch(nodeCrypto, 'getRandomValues', getRandomValues, true)
  patch(nodeCrypto, 'randomUUID', uuid, true)
  const { randomBytes, randomInt } = nodeCrypto
  patch(
    nodeCrypto,
    'randomBytes',
    (size: number, callback?: unknown) => {
      if (callback !== undefined) return randomBytes(size, callback)
      const buffer = Buffer.alloc(size)
      fill(buffer)
      return buffer
    },
    true,
  )
  patch(
    nodeCrypto,
    'randomInt',
    (first: number, second?: unknown, callback?: unknown) => {
      if (typeof second === 'function' || callback !== undefined) return randomInt(first, second, callback)
      const [low, high] = second === undefined ? [0, first] : [first, second as number]
      return low + Math.floor((draw() / 4294967296) * (high - low))
    },
    true,
  )
}
