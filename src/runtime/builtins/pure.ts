/**
 * Builtins that call nothing back into the event loop and touch no state of the program beyond their arguments: they
 * need no draining afterwards. Whatever has a handler is declared later and overrides this.
 */
import { createRequire } from 'node:module'
import { declare, IN_PLACE, PURE } from '../functions.js'
import { BUILTIN, stamp } from '../identity.js'

const require = createRequire(import.meta.url)

const NAMES = [
  'Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Math', 'JSON', 'Reflect', 'Date', 'RegExp',
  'Promise',
  'process',
  'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Int8Array', 'Uint8Array',
  'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array',
  'BigUint64Array', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError',
  'AggregateError', 'Intl', 'Atomics', 'Iterator', 'URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'Event', 'EventTarget',
  'AbortController', 'AbortSignal', 'DOMException', 'Buffer', 'console', 'structuredClone', 'parseInt', 'parseFloat', 'isNaN',
  'isFinite', 'encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI', 'atob', 'btoa', 'performance',
] // biome-ignore format: a table

export function declarePureBuiltins(scope: Record<string, unknown>): void {
  const seen = new Set<unknown>()
  const visit = (value: unknown, depth: number): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 3)
      return
    seen.add(value)
    if (typeof value === 'function') declare(value, PURE)
    stamp(value, BUILTIN)
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key)
      if (descriptor !== undefined && 'value' in descriptor && typeof descriptor.value === 'function')
        visit(descriptor.value, depth + 1)
      else if (key === 'prototype') visit(descriptor?.value, depth + 1)
    }
    visit(Object.getPrototypeOf(value), depth + 1)
  }
  for (const name of NAMES) visit(scope[name], 0)
  // Modules of pure functions; emitters call their listeners at once, natively.
  for (const name of ['node:path', 'node:util', 'node:assert', 'node:url', 'node:querystring', 'node:os'])
    visit(require(name), 0)
  const { EventEmitter } = require('node:events') as { EventEmitter: { prototype: Record<string, unknown> } }
  for (const method of Object.values(EventEmitter.prototype)) declare(method, IN_PLACE)
  // Prototypes that have no global name.
  const unnamed = [
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().values(),
    ''[Symbol.iterator](),
    'a'.matchAll(/a/g),
    (function* () {})(),
  ]
  for (const value of unnamed) visit(Object.getPrototypeOf(value), 0)
}
