/** What turning an object into a string or a number reads of it, where that is not code of the program. */
import { types } from 'node:util'
import { INSIDE, Shape } from '../identity.js'
import { isObject, isProxy } from '../natives.js'
import { innermost } from '../proxies.js'
import { READ, type Recorder } from '../recorder.js'

const MOST_NESTED = 20

/** Notes what `String(value)`, `+value` and the like are about to read. */
export function noteConversion(recorder: Recorder, value: unknown, site: number, depth = 0): void {
  if (!isObject(value) || typeof value === 'function') return
  const object = isProxy(value) ? innermost(value) : value
  if (isProxy(object)) return
  if (types.isDate(object)) return recorder.touch(recorder.record(object, site).location(INSIDE), READ, site)
  if (object instanceof Error) {
    recorder.addRead(object, 'name', site)
    return recorder.addRead(object, 'message', site)
  }
  const { shape } = recorder.record(object, site)
  if (shape === Shape.Plain) {
    // Methods of the program's own are called, and record what they do.
    recorder.addRead(object, Symbol.toPrimitive, site)
    recorder.addRead(object, 'valueOf', site)
    recorder.addRead(object, 'toString', site)
    return recorder.addRead(object, Symbol.toStringTag, site)
  }
  if (shape !== Shape.Array && shape !== Shape.View && shape !== Shape.Whole) return
  recorder.addContentRead(object, site)
  if (shape === Shape.Array && depth < MOST_NESTED)
    for (const item of object as unknown[]) noteConversion(recorder, item, site, depth + 1)
}

/** Notes what the conversions of all of `values` read. */
export function noteConversions(recorder: Recorder, values: readonly unknown[], site: number): void {
  for (const value of values) if (isObject(value)) noteConversion(recorder, value, site)
}
