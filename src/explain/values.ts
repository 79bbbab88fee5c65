import { types } from 'node:util'

/**
 * Prints a value for a story: short, never throwing, and without running any code of the user's. No getter, `toJSON`,
 * `toString`, inspect hook or proxy trap is called, so that printing can't change what is being explained. The built-ins
 * are taken before anyone may patch them.
 */

const uncurry = <A extends unknown[], R>(fn: (...args: A) => R): ((self: unknown, ...args: A) => R) =>
  Function.prototype.call.bind(fn) as never
const getterOf = (prototype: object, key: string): ((self: unknown) => unknown) =>
  uncurry(Object.getOwnPropertyDescriptor(prototype, key)?.get as () => unknown)

const { getOwnPropertyDescriptor, getPrototypeOf, keys } = Object
const { isArray } = Array
const { stringify } = JSON
const mapEntries = uncurry(Map.prototype.entries)
const setValues = uncurry(Set.prototype.values)
const nextEntry = uncurry(new Map<unknown, unknown>().entries().next)
const nextValue = uncurry(new Set<unknown>().values().next)
const mapSize = getterOf(Map.prototype, 'size')
const setSize = getterOf(Set.prototype, 'size')
const typedLength = getterOf(getPrototypeOf(Uint8Array.prototype), 'length')
const typedTag = getterOf(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag as never)
const regexpSource = getterOf(RegExp.prototype, 'source')
const dateTime = uncurry(Date.prototype.getTime)
const dateText = uncurry(Date.prototype.toISOString)
const symbolText = uncurry(Symbol.prototype.toString)
const functionText = uncurry(Function.prototype.toString)

/** How deep nested values are shown. */
const DEPTH = 3

/** Prints `value` in at most `width` characters. Default 60. */
export function printValue(value: unknown, width = 60): string {
  try {
    return shorten(print(value, width, DEPTH, []), width)
  } catch {
    return '<unprintable>'
  }
}

/** Cuts to `width` characters, the last one `…`, not between the halves of a surrogate pair. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text
  const kept = text.slice(0, width - 1)
  return `${/[\uD800-\uDBFF]$/u.test(kept) ? kept.slice(0, -1) : kept}…`
}

/** The own or inherited data property `key`, without calling a getter or a proxy trap. */
export function dataProperty(object: unknown, key: string): unknown {
  for (let at = object; (typeof at === 'object' && at !== null) || typeof at === 'function'; at = getPrototypeOf(at)) {
    if (types.isProxy(at)) return undefined
    const property = getOwnPropertyDescriptor(at, key)
    if (property) return property.value
  }
}

function print(value: unknown, width: number, depth: number, above: object[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value, width)
    case 'number':
      return value === 0 && 1 / value < 0 ? '-0' : `${value}`
    case 'bigint':
      return `${value}n`
    case 'symbol':
      return symbolText(value)
    case 'function':
      return printFunction(value)
    case 'object':
      return value === null ? 'null' : printObject(value, width, depth, above)
    default:
      return String(value)
  }
}

function quote(text: string, width: number): string {
  const body = stringify(shorten(text, width)).slice(1, -1).replaceAll('\\"', '"')
  const safe = body.length > width - 2 ? shorten(body, width - 2) : body
  return safe.includes("'") && !safe.includes('"') ? `"${safe}"` : `'${safe.replaceAll("'", "\\'")}'`
}

function printFunction(fn: object): string {
  if (types.isProxy(fn)) return '[Proxy]'
  const name = getOwnPropertyDescriptor(fn, 'name')?.value
  const kind = functionText(fn).startsWith('class') ? 'class' : 'function'
  return typeof name === 'string' && name !== '' ? `[${kind} ${name}]` : `[${kind}]`
}

function printObject(value: object, width: number, depth: number, above: object[]): string {
  if (types.isProxy(value)) return '[Proxy]'
  if (above.includes(value)) return '[circular]'
  const name = className(value)
  const inside = [...above, value]
  const show = (property: PropertyDescriptor | undefined, room: number) => {
    if (!property) return '<empty>'
    return property.get || property.set ? '<accessor>' : print(property.value, room, depth - 1, inside)
  }

  if (isArray(value)) {
    if (depth === 0) return `[array of ${value.length}]`
    const title = name === 'Array' ? '' : `${name} `
    return enclose(title, '[]', value.length, width, (i, room) => show(getOwnPropertyDescriptor(value, i), room))
  }
  if (types.isTypedArray(value)) {
    const length = typedLength(value) as number
    const item = (i: number, room: number) => show(getOwnPropertyDescriptor(value, i), room)
    return enclose(`${typedTag(value)} `, '[]', length, width, item)
  }
  if (types.isMap(value)) {
    const entries = mapEntries(value)
    return enclose(`${name}(${mapSize(value)}) `, '{}', mapSize(value) as number, width, (_, room) => {
      const [key, item] = nextEntry(entries).value as [unknown, unknown]
      const printed = print(key, Math.min(room, 20), depth - 1, inside)
      return `${printed} => ${print(item, room - printed.length - 4, depth - 1, inside)}`
    })
  }
  if (types.isSet(value)) {
    const members = setValues(value)
    const member = (_: number, room: number) => print(nextValue(members).value, room, depth - 1, inside)
    return enclose(`${name}(${setSize(value)}) `, '{}', setSize(value) as number, width, member)
  }
  if (types.isNativeError(value)) return printError(value, name)
  if (types.isDate(value)) return Number.isNaN(dateTime(value)) ? 'Date(invalid)' : dateText(value)
  if (types.isRegExp(value)) return `/${regexpSource(value)}/`
  const own = keys(value)
  const title = name === 'Object' ? '' : name
  if (own.length === 0) return title || '{}'
  if (depth === 0) return title || '{…}'
  return enclose(title && `${title} `, '{}', own.length, width, (i, room) => {
    const label = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(own[i]) ? own[i] : quote(own[i], 20)
    return `${label}: ${show(getOwnPropertyDescriptor(value, own[i]), room - label.length - 2)}`
  })
}

/** The name of the class, read without running `constructor` or `name` getters. */
function className(value: object): string {
  const prototype = getPrototypeOf(value)
  if (prototype === null) return 'Object'
  const name = dataProperty(dataProperty(prototype, 'constructor'), 'name')
  return typeof name === 'string' && name !== '' ? name : 'Object'
}

function printError(error: object, name: string): string {
  const message = dataProperty(error, 'message')
  return typeof message === 'string' && message !== '' ? `${name}: ${message}` : name
}

/** Joins the members that fit; those that don't are counted. */
function enclose(
  title: string,
  [open, close]: string,
  count: number,
  width: number,
  member: (i: number, room: number) => string,
): string {
  if (count === 0) return `${title}${open}${close}`
  const pad = open === '{' ? ' ' : ''
  let text = ''
  for (let i = 0; i < count; i++) {
    const used = title.length + 2 + 2 * pad.length + text.length + (i > 0 ? 2 : 0)
    const reserved = i < count - 1 ? `, … ${count - i - 1} more`.length : 0
    const next = member(i, Math.max(width - used - reserved, 8))
    if (used + next.length + reserved > width) {
      text += i > 0 ? `, … ${count - i} more` : '…'
      break
    }
    text += (i > 0 ? ', ' : '') + next
  }
  return `${title}${open}${pad}${text}${pad}${close}`
}
