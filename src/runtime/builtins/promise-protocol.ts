/**
 * Whether promises are what the language made them. Where a program has put methods of its own in their place
 * (`promise.then = …`, `Promise.resolve = …`), these are called, as the standard says.
 */
import { getOwnPropertyDescriptor, getPrototypeOf, hasOwn, NativePromise, nativeThen } from '../natives.js'

const nativeResolve = NativePromise.resolve
const nativeSpecies = getOwnPropertyDescriptor(NativePromise, Symbol.species)?.get

const held = (target: object, key: string): unknown => getOwnPropertyDescriptor(target, key)?.value

/** `promise.then` is the language's own; found out without running anything. */
export function hasNativeThen(promise: object): boolean {
  for (let object: object | null = promise; object !== null; object = getPrototypeOf(object)) {
    if (hasOwn(object, 'then')) return held(object, 'then') === nativeThen
  }
  return false
}

/** `Promise.all` and its like may take the values of plain promises without calling anything. */
export const hasNativeStatics = (): boolean =>
  held(NativePromise, 'resolve') === nativeResolve && held(NativePromise.prototype, 'then') === nativeThen

/** What `.then` makes of a plain promise is a plain one. */
export const hasNativeSpecies = (): boolean =>
  getOwnPropertyDescriptor(NativePromise, Symbol.species)?.get === nativeSpecies
