/**
 * The globals the runtime itself needs, captured when it is loaded: nothing that a program under test, a fake-timer
 * library or our own patches do later can reach them.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { types } from 'node:util'

export const NativePromise = Promise
export const NativeDate = Date
export const nativeThen = Promise.prototype.then
export const nativeSetImmediate = setImmediate
export const nativeQueueMicrotask = queueMicrotask
export const nativeNextTick: typeof process.nextTick = process.nextTick
export const nativeSetTimeout = setTimeout
export const nativeClearTimeout = clearTimeout
export const monotonicNow = performance.now.bind(performance)
export const { apply, construct } = Reflect
const { exec } = RegExp.prototype
/** `pattern.test(text)`, also where the program has put an `exec` of its own in the language's place. */
export const matches = (pattern: RegExp, text: string): boolean => apply(exec, pattern, [text]) !== null
export const {
  isModuleNamespaceObject,
  isProxy,
  isPromise,
  isTypedArray,
  isDataView,
  isMap,
  isSet,
  isSharedArrayBuffer,
} = types
export const { hasOwn, getOwnPropertyDescriptor, getPrototypeOf } = Object
/** Where our replacement of `Function.prototype.toString` keeps the original: another copy of this package may have made it. */
export const ORIGINAL = Symbol.for('frontrun.original')
export const functionToString: Function =
  (Function.prototype.toString as unknown as { [ORIGINAL]?: Function })[ORIGINAL] ?? Function.prototype.toString
export { AsyncLocalStorage }

/** A type that private fields can be added to any object with: the constructor returns what it is given. */
export class Anchor {
  constructor(target: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how a private field gets onto a foreign object
    return target
  }
}

export const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
