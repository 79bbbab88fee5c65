/** What a function value is to the runtime: instrumented, a builtin whose accesses we know, or foreign. */
import { isBound } from './bound.js'
import { Anchor, apply, functionToString, matches } from './natives.js'

/**
 * Does a builtin's work at an instrumented call site. Returns true when the driver must be asked (the emitted code
 * then yields to get the result); false when `runtime.value` holds it.
 */
export type BuiltinHandler = (target: Function, self: any, args: any[], site: number) => boolean

export const INSTRUMENTED = 1
export const FOREIGN = 2
/** A builtin without effects on shared state that could matter, or on the event loop. */
export const PURE = 3
/** Of an instrumented file, but native: it records in place. */
export const IN_PLACE = 4
/** Made by `bind`: whatever it calls. */
export const BOUND = 5
/** An instrumented class whose constructor hands over its coroutine. */
export const CLASS = 6
export type FunctionInfo =
  | typeof CLASS
  | typeof INSTRUMENTED
  | typeof FOREIGN
  | typeof PURE
  | typeof IN_PLACE
  | typeof BOUND
  | BuiltinHandler

/**
 * The coroutine of one instrumented function, kept for all its calls: a generator function that is made anew for every
 * call costs twenty times as much, since V8 gives each a prototype and a map of its own at its first call.
 */
export interface Coroutine {
  body: () => Generator<unknown, unknown, unknown>
  /** An arrow function's `this`. */
  lexicalThis: unknown
  isArrow: boolean
  isAsync: boolean
  site: number
}

class FunctionStamp extends Anchor {
  #info: FunctionInfo
  #coroutine: Coroutine | null = null
  private constructor(target: object, info: FunctionInfo) {
    super(target)
    this.#info = info
  }
  static of(target: object): FunctionInfo | undefined {
    return #info in target ? target.#info : undefined
  }
  static put(target: object, info: FunctionInfo): void {
    if (#info in target) target.#info = info
    else new FunctionStamp(target, info)
  }
  static coroutineOf(target: object): Coroutine | null {
    return #info in target ? target.#coroutine : null
  }
  static keep(target: object, coroutine: Coroutine): void {
    if (#info in target) target.#coroutine = coroutine
  }
}

/** The mark that the transform leaves as last statement of an instrumented function. */
const MARK = /["']\$fr["'];?\s*\}\s*$/

/** The same of a class whose constructor is. */
const CLASS_MARK = /static\s*\{\s*["']\$fr["'];?\s*\}\s*\}\s*$/

export function infoOf(target: Function): FunctionInfo {
  const known = FunctionStamp.of(target)
  if (known !== undefined) return known
  const text = apply(functionToString, target, []) as string
  const end = text.slice(-40)
  const info = matches(MARK, end)
    ? INSTRUMENTED
    : matches(CLASS_MARK, end)
      ? CLASS
      : text.includes('$fr')
        ? IN_PLACE
        : isBound(target, text)
          ? BOUND
          : FOREIGN
  FunctionStamp.put(target, info)
  return info
}

export const { coroutineOf, keep: keepCoroutine } = FunctionStamp

export const isInstrumented = (target: unknown): boolean =>
  typeof target === 'function' && infoOf(target) === INSTRUMENTED

/** Declares what a function is; used for builtins, and for functions that the runtime itself makes. */
export function declare(target: unknown, info: FunctionInfo): void {
  if (typeof target === 'function') FunctionStamp.put(target, info)
}

/** What `new` does for constructors whose work we know. */
export const constructors = new Map<Function, BuiltinHandler>()
