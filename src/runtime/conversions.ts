/** Turning objects into strings and numbers, step by step as the language does, where threads can be interrupted in it. */
import { noteConversion } from './builtins/conversions.js'
import { Frame } from './frame.js'
import { isInstrumented } from './functions.js'
import type { Hooks } from './hooks.js'
import { isObject, isProxy } from './natives.js'
import type { Recorder } from './recorder.js'

/** As the transform numbers them. */
export const HINTS = ['default', 'number', 'string'] as const
export type Hint = (typeof HINTS)[number]

/** What an object's conversion calls first, if that is code of the program. */
function callsProgram(value: any): boolean {
  const exotic = value[Symbol.toPrimitive]
  if (exotic !== undefined && exotic !== null) return isInstrumented(exotic)
  return isInstrumented(value.valueOf) || isInstrumented(value.toString)
}

function* convert(hooks: Hooks, value: any, hint: Hint, site: number): Generator<unknown, unknown, unknown> {
  if (hooks.readMethod(value, Symbol.toPrimitive, site)) yield
  const { [Symbol.toPrimitive]: exotic } = value
  if (exotic !== undefined && exotic !== null) {
    const result = hooks.call(exotic, value, [hint], site) ? yield : hooks.value
    if (!isObject(result)) return result
  } else {
    for (const name of hint === 'string' ? ['toString', 'valueOf'] : ['valueOf', 'toString']) {
      if (hooks.readMethod(value, name, site)) yield
      const method = value[name]
      if (typeof method !== 'function') continue
      const result = hooks.call(method, value, [], site) ? yield : hooks.value
      if (!isObject(result)) return result
    }
  }
  throw new TypeError('Cannot convert object to primitive value')
}

/** Before an operator or a template converts `value`: its primitive value, or itself, to be converted natively. */
export function primitive(hooks: Hooks, value: object, hint: Hint, site: number): boolean {
  hooks.value = value
  if (isProxy(value)) return false
  if (!hooks.points || hooks.nested > 0) {
    noteConversion(hooks.recorder as Recorder, value, site)
    return false
  }
  if (callsProgram(value)) return hooks.push(new Frame(convert(hooks, value, hint, site), false, 0), site)
  return hooks.declare(site, () => {
    noteConversion(hooks.recorder as Recorder, value, site)
    return value
  })
}
