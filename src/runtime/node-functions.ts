/** Which functions are Node's own: what they leave under way is I/O, not code that could be interleaved. */
import { builtinModules, createRequire } from 'node:module'
import { apply, functionToString } from './natives.js'

const require = createRequire(import.meta.url)
let known: WeakSet<object> | null = null
/** Functions of Node that are not found where they were, and those that stand there instead. */
export const nodesOwn = new WeakSet<object>()
/** What `promisify` made, and of what. */
export const promisified = new WeakMap<object, Function>()

export function isOfNode(target: Function): boolean {
  const original = promisified.get(target)
  if (original !== undefined) return isOfNode(original)
  if ((apply(functionToString, target, []) as string).endsWith('{ [native code] }')) return true
  known ??= collect()
  return known.has(target) || nodesOwn.has(target) || isOfWebPlatform(target)
}

let webPlatform: WeakSet<object> | null = null

/** `fetch` and what belongs to it. Touching these globals loads them: only where they have been loaded. */
function isOfWebPlatform(target: Function): boolean {
  if (webPlatform === null) {
    const { moduleLoadList } = process as unknown as { moduleLoadList: string[] }
    if (!moduleLoadList.includes('NativeModule internal/deps/undici/undici')) return false
    webPlatform = new WeakSet()
    for (const value of [fetch, Request, Response, Headers, FormData]) visit(webPlatform, value, 3)
  }
  return webPlatform.has(target)
}

/** Left out: modules that warn when they are loaded, or start something. */
const SKIPPED = /^_|^(wasi|sys|punycode|trace_events|inspector|repl|test|sqlite|domain)/

function collect(): WeakSet<object> {
  const found = new WeakSet<object>()
  // What is not loaded can't have been called; loading it would take time and leave traces.
  const loaded = new Set((process as unknown as { moduleLoadList: string[] }).moduleLoadList)
  for (const name of builtinModules)
    if (!SKIPPED.test(name) && loaded.has(`NativeModule ${name}`)) visit(found, require(`node:${name}`), 3)
  return found
}

function visit(found: WeakSet<object>, value: unknown, depth: number): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || found.has(value)) return
  found.add(value)
  if (depth === 0) return
  for (const key of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    if (descriptor !== undefined && 'value' in descriptor) visit(found, descriptor.value, depth - 1)
  }
  visit(found, Object.getPrototypeOf(value), depth - 1)
}
