import { type Key, recordOf, Shape } from './identity.js'
import { getOwnPropertyDescriptor, getPrototypeOf, isProxy } from './natives.js'
import { NO_VALUE } from './recorder.js'

/** The value of a property, if it can be had without running anything. */
export function peek(target: object, key: Key): unknown {
  for (let object: object | null = target; object !== null; object = getPrototypeOf(object)) {
    if (recordOf(object)?.shape === Shape.Proxy || isProxy(object)) return NO_VALUE
    const descriptor = getOwnPropertyDescriptor(object, key)
    if (descriptor !== undefined) return 'value' in descriptor ? descriptor.value : NO_VALUE
  }
  return undefined
}
