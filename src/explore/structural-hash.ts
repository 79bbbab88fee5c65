/**
 * What a state is made of, as a short text that is equal for equal structures, whatever the objects' identities and the
 * order in which keys were added. No getter, trap or method of the program is called.
 *
 * What counts: primitives (`-0` and `NaN` as `Object.is` tells them apart), own properties of any kind, the name of the
 * constructor, elements and holes of arrays, entries of Map and Set without their order, bytes of buffers and where views of
 * them lie, dates, regular expressions, errors without their stack, and which references lead to one object. Functions and
 * symbols count by name, promises by their outcome, as far as the scheduler knows it. What can't be seen, and doesn't count:
 * private fields, variables of closures, what weak collections hold, what is behind a proxy.
 */
import { createHash } from 'node:crypto'
import { types } from 'node:util'
import { Cell, CellState } from '../runtime/cell.js'

const { getPrototypeOf, getOwnPropertyDescriptor } = Object
const { ownKeys } = Reflect
const getterOf = (prototype: object, key: PropertyKey): Function =>
  getOwnPropertyDescriptor(prototype, key)?.get as Function
const sourceOf = getterOf(RegExp.prototype, 'source')
const flagsOf = getterOf(RegExp.prototype, 'flags')
const { getTime } = Date.prototype
const { entries } = Map.prototype
const { values } = Set.prototype

/** Longer texts are replaced by their digest. */
const LONGEST = 200

/** A text that is equal for values of equal structure. */
export function structuralHash(value: unknown): string {
  const text = describeGraph(value, new Map())
  return text.length <= LONGEST ? text : createHash('sha256').update(text).digest('base64')
}

/** Tells a value in one line: a primitive itself, an object by a number that it gets here. */
type Refer = (value: unknown) => string
/** Texts of objects on their own, by which unordered entries are sorted; null while it is being made. */
type Alone = Map<object, string | null>

/** Breadth first, so that depth costs no stack; each object is described once, under its number. */
function describeGraph(root: unknown, alone: Alone): string {
  const numbers = new Map<object, number>()
  const queue: object[] = []
  const refer: Refer = value => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return primitive(value)
    let number = numbers.get(value)
    if (number === undefined) {
      number = queue.length
      numbers.set(value, number)
      queue.push(value)
    }
    return `#${number}`
  }
  const lines = [refer(root)]
  for (let next = 0; next < queue.length; next++) lines.push(describeObject(queue[next] as object, refer, alone))
  return lines.join('\n')
}

function primitive(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${value}n`
    case 'symbol':
      return `symbol ${JSON.stringify(Symbol.keyFor(value) ?? value.description ?? '')}`
    default:
      return String(value)
  }
}

function describeObject(object: object, refer: Refer, alone: Alone): string {
  if (types.isProxy(object)) return 'proxy'
  const kind = kindOf(object)
  const inside = insideOf(object, refer, alone)
  return `${kind}${inside === undefined ? '' : `(${inside})`}{${propertiesOf(object, refer)}}`
}

/** The name of the nearest constructor, and of a function its own. */
function kindOf(object: object): string {
  if (typeof object === 'function') return `function ${JSON.stringify(ownValue(object, 'name') ?? '')}`
  const prototype = getPrototypeOf(object) as object | null
  if (prototype === null) return 'null'
  for (let at: object | null = prototype; at !== null && !types.isProxy(at); at = getPrototypeOf(at)) {
    const maker = ownValue(at, 'constructor')
    if (typeof maker === 'function') return String(ownValue(maker, 'name') ?? '')
  }
  return ''
}

function ownValue(object: object, key: PropertyKey): unknown {
  return types.isProxy(object) ? undefined : getOwnPropertyDescriptor(object, key)?.value
}

/** What no property shows. */
function insideOf(object: object, refer: Refer, alone: Alone): string | undefined {
  if (Array.isArray(object)) return String(object.length)
  if (types.isMap(object)) {
    const pairs = [...Reflect.apply(entries, object, [])] as [unknown, unknown][]
    const sorted = sortBy(pairs, ([key, value]) => `${onItsOwn(key, alone)} ${onItsOwn(value, alone)}`)
    return sorted.map(([key, value]) => `${refer(key)}:${refer(value)}`).join(',')
  }
  if (types.isSet(object)) {
    const members = [...Reflect.apply(values, object, [])] as unknown[]
    return sortBy(members, member => onItsOwn(member, alone))
      .map(refer)
      .join(',')
  }
  if (types.isDate(object)) return String(Reflect.apply(getTime, object, []))
  if (types.isRegExp(object)) return `/${Reflect.apply(sourceOf, object, [])}/${Reflect.apply(flagsOf, object, [])}`
  if (types.isAnyArrayBuffer(object)) return Buffer.from(object).toString('base64')
  if (ArrayBuffer.isView(object)) return `${refer(object.buffer)} ${object.byteOffset} ${object.byteLength}`
  if (types.isBoxedPrimitive(object)) return primitive((object as { valueOf(): unknown }).valueOf())
  if (types.isPromise(object)) return outcomeOf(object, refer)
  return undefined
}

function outcomeOf(promise: Promise<unknown>, refer: Refer): string {
  const cell = Cell.of(promise)
  if (cell === undefined || cell.state === CellState.Pending) return ''
  return `${cell.state === CellState.Fulfilled ? 'fulfilled' : 'rejected'} ${refer(cell.value)}`
}

/** Of these objects properties are not state: elements that are told already, or what the platform keeps on them. */
const isBare = (object: object): boolean => ArrayBuffer.isView(object) || types.isPromise(object)

function propertiesOf(object: object, refer: Refer): string {
  if (isBare(object)) return ''
  const isFunction = typeof object === 'function'
  const isError = types.isNativeError(object)
  const keys = ownKeys(object).filter(key => {
    if (isFunction) return !['name', 'length', 'prototype', 'arguments', 'caller'].includes(key as string)
    return !(isError && key === 'stack') && !(key === 'length' && Array.isArray(object))
  })
  return sortBy(keys, primitive)
    .map(key => {
      const descriptor = getOwnPropertyDescriptor(object, key) as PropertyDescriptor
      if ('value' in descriptor) return `${primitive(key)}:${refer(descriptor.value)}`
      return `${primitive(key)}:accessor ${refer(descriptor.get)} ${refer(descriptor.set)}`
    })
    .join(',')
}

/** What an entry is, seen from nowhere: for an order that does not depend on when it was added. */
function onItsOwn(value: unknown, alone: Alone): string {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return primitive(value)
  const known = alone.get(value)
  if (known !== undefined) return known ?? 'itself'
  alone.set(value, null)
  const text = describeGraph(value, alone)
  alone.set(value, text)
  return text
}

function sortBy<T>(list: readonly T[], textOf: (item: T) => string): T[] {
  return list
    .map(item => ({ item, text: textOf(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ item }) => item)
}
