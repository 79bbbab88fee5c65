/** Methods of strings, and functions that turn what they are given into strings and numbers. */
import { types } from 'node:util'
import { Frame } from '../frame.js'
import { declare, isInstrumented } from '../functions.js'
import { BUILTIN, recordOf } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, getPrototypeOf, isObject, isProxy } from '../natives.js'
import { READ, type Recorder, WRITE } from '../recorder.js'
import { noteConversions } from './conversions.js'

type Notes = (recorder: Recorder, self: unknown, args: any[], site: number) => void

export function installStrings(runtime: RuntimeHooks): void {
  /** An access only if it is given an object. */
  const converting = (target: unknown, note: Notes, makesObject = false): void =>
    declare(target, (native, self, args, site) => {
      if (!args.some(isObject) && (!isObject(self) || isBuiltin(self))) {
        runtime.value = apply(native, self, args)
        if (makesObject && isObject(runtime.value)) runtime.identify(runtime.value)
        return false
      }
      const perform = (): unknown => {
        note(runtime.recorder as Recorder, self, args, site)
        const result = apply(native, self, args)
        if (makesObject && isObject(result)) runtime.identify(result)
        return result
      }
      if (runtime.points && runtime.nested === 0) return runtime.declare(site, perform)
      runtime.value = perform()
      return false
    })
  const all: Notes = (recorder, self, args, site) => noteConversions(recorder, [self, ...args], site)
  const names = 'String Number BigInt parseInt parseFloat isNaN isFinite Symbol encodeURI encodeURIComponent decodeURI'
  for (const name of [...names.split(' '), 'decodeURIComponent'])
    converting((globalThis as unknown as Record<string, unknown>)[name], all)
  for (const { value } of Object.values(Object.getOwnPropertyDescriptors(Math))) converting(value, all)
  converting(String.raw, all)

  const methods = String.prototype as unknown as Record<PropertyKey, Function>
  for (const name of Object.getOwnPropertyNames(methods))
    if (name !== 'constructor' && typeof methods[name] === 'function')
      converting(methods[name], all, /^(split|match|matchAll)$/.test(name))
  installPatterns(runtime, converting, all)
}

/** The place where a global or sticky pattern goes on is read, and put back to the start or forward. */
function installPatterns(
  runtime: RuntimeHooks,
  converting: (target: unknown, note: Notes, makesObject?: boolean) => void,
  all: Notes,
): void {
  const position =
    (kind: number): Notes =>
    (recorder, self, args, site) => {
      const [pattern, ...rest] = args
      if (!types.isRegExp(pattern)) return all(recorder, self, args, site)
      if (pattern.global || pattern.sticky) recorder.addElement(pattern, 'lastIndex', kind, site)
      all(recorder, self, rest, site)
    }
  const { match, matchAll, replace, replaceAll, search, split } = String.prototype
  converting(match, position(WRITE), true)
  converting(matchAll, position(READ), true)
  // They look from the start, and leave the position as it was.
  for (const target of [search, split])
    converting(target, (recorder, self, [, ...rest], site) => all(recorder, self, rest, site), target === split)
  const patterns = RegExp.prototype as unknown as Record<PropertyKey, Function>
  const ofPattern =
    (kind: number): Notes =>
    (recorder, self, args, site) => {
      position(kind)(recorder, undefined, [self], site)
      all(recorder, undefined, args, site)
    }
  converting(patterns[Symbol.match], ofPattern(WRITE), true)
  converting(patterns[Symbol.replace], ofPattern(WRITE))
  converting(patterns[Symbol.matchAll], ofPattern(READ), true)

  /** All matches are found first, then each is replaced. */
  function* replaceEach(
    native: Function,
    text: string,
    pattern: unknown,
    callback: Function,
    site: number,
  ): Generator<unknown, unknown, unknown> {
    const found: unknown[][] = []
    const collect = (): void => {
      position(WRITE)(runtime.recorder as Recorder, undefined, [pattern], site)
      apply(native, text, [
        pattern,
        (...match: unknown[]) => {
          found.push(match)
          return ''
        },
      ])
    }
    if (isObject(pattern) && runtime.points && runtime.nested === 0) {
      runtime.declare(site, collect)
      yield
    } else collect()
    let result = ''
    let from = 0
    for (const match of found) {
      const named = typeof match.at(-1) === 'object'
      const at = match.at(named ? -3 : -2) as number
      const value = runtime.call(callback, undefined, match, site) ? yield : runtime.value
      result += text.slice(from, at) + String(value)
      from = at + (match[0] as string).length
    }
    return result + text.slice(from)
  }
  for (const target of [replace, replaceAll]) {
    declare(target, (native, self, args, site) => {
      const [pattern, callback] = args
      const usual = typeof pattern === 'string' || (types.isRegExp(pattern) && isUsual(pattern))
      if (typeof self === 'string' && usual && isInstrumented(callback))
        return runtime.push(new Frame(replaceEach(native, self, pattern, callback, site), false, 0), site)
      const perform = (): unknown => {
        position(WRITE)(runtime.recorder as Recorder, self, args, site)
        return apply(native, self, args)
      }
      if (runtime.points && runtime.nested === 0 && (isObject(self) || args.some(isObject)))
        return runtime.declare(site, perform)
      runtime.value = perform()
      return false
    })
  }
}

/** A pattern whose methods are the language's own. */
const isUsual = (pattern: RegExp): boolean =>
  !isProxy(pattern) && getPrototypeOf(pattern) === RegExp.prototype && Object.keys(pattern).length === 0

const isBuiltin = (value: object): boolean => recordOf(value) === BUILTIN
