/** Typed arrays of integers, and the conversions that `Atomics` makes of its arguments. */
import { apply } from '../natives.js'

export type IntegerView = Int32Array | BigInt64Array
/** One element of a view's type, in memory of its own. */
export type Scratch = IntegerView

const CONSTRUCTORS: Record<string, new (length: number) => unknown> = {
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
}

const tag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int8Array.prototype), Symbol.toStringTag)
  ?.get as () => unknown

/** `Int32Array` of any realm, and of its subclasses; undefined for what is no typed array. */
export const viewType = (value: unknown): unknown => apply(tag, value, [])

/** An element of the type of a view; null if that is no typed array of integers, such as `Atomics` takes. */
export function scratchFor(view: unknown): Scratch | null {
  const type = viewType(view)
  const Type = typeof type === 'string' ? CONSTRUCTORS[type] : undefined
  return Type === undefined ? null : (new Type(1) as Scratch)
}

/** Converts an object to a primitive value, with a preference for numbers: what runs code of the program, and so may run once only. */
export function primitive(value: unknown): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return value
  const exotic = (value as { [Symbol.toPrimitive]?: unknown })[Symbol.toPrimitive]
  if (exotic !== undefined && exotic !== null) {
    const result = apply(exotic as Function, value, ['number'])
    if (isPrimitive(result)) return result
  } else {
    for (const name of ['valueOf', 'toString'] as const) {
      const method: unknown = (value as Record<string, unknown>)[name]
      if (typeof method !== 'function') continue
      const result = apply(method, value, [])
      if (isPrimitive(result)) return result
    }
  }
  throw new TypeError('Cannot convert object to primitive value')
}

const isPrimitive = (value: unknown): boolean =>
  value === null || (typeof value !== 'object' && typeof value !== 'function')

/** A primitive value as an index, as the language converts it; NaN for one that is out of any range. */
export function toIndex(value: unknown): number {
  const index = Math.trunc(+(value as number)) || 0
  return index < 0 || index > Number.MAX_SAFE_INTEGER ? Number.NaN : index + 0
}
