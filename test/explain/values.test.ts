import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { printValue } from '../../src/explain/index.js'

class Account {
  balance = 100
  #secret = 1
  secret() {
    return this.#secret
  }
}
class Stack extends Array {}
const circular: Record<string, unknown> = { a: 1 }
circular.self = circular

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [-0, '-0'],
  [1.5, '1.5'],
  [10n, '10n'],
  ['it', "'it'"],
  ["it's\n", `"it's\\n"`],
  [Symbol('s'), 'Symbol(s)'],
  [[1, 'a', [2]], "[1, 'a', [2]]"],
  [[], '[]'],
  [new Array(2), '[<empty>, <empty>]'],
  [{}, '{}'],
  [{ a: 1, 'b-c': { d: [1] } }, "{ a: 1, 'b-c': { d: [1] } }"],
  [Object.create(null), '{}'],
  [new Account(), 'Account { balance: 100 }'],
  [Stack.of(1), 'Stack [1]'],
  [new Map([['a', 1]]), "Map(1) { 'a' => 1 }"],
  [new Set([1, 2]), 'Set(2) { 1, 2 }'],
  [new Set(), 'Set(0) {}'],
  [new Uint8Array([1, 2]), 'Uint8Array [1, 2]'],
  [Promise.resolve(), 'Promise'],
  [new RangeError('no'), 'RangeError: no'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [/a+/g, '/a+/'],
  [function named() {}, '[function named]'],
  [() => {}, '[function]'],
  [Account, '[class Account]'],
  [circular, '{ a: 1, self: [circular] }'],
])('prints %#', (value, text) => expect(printValue(value)).toBe(text))

test('cuts what is long and says how much is missing', () => {
  expect(printValue('x'.repeat(100))).toBe(`'${'x'.repeat(57)}…'`)
  expect(printValue(Array.from({ length: 1000 }, (_, i) => i))).toMatch(/^\[0, 1, 2, .*, … \d+ more\]$/)
  expect(printValue({ a: 'x'.repeat(50), b: 'y'.repeat(50) })).toMatch(/^\{ a: 'x+…', b: 'y+…' \}$/)
  expect(printValue('😀'.repeat(40))).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/)
})

test('runs no code of the user', () => {
  let ran = 0
  const trap = () => {
    ran++
    throw new Error('ran')
  }
  class Trap {
    static get [Symbol.species]() {
      return trap()
    }
    get x() {
      return trap()
    }
    toJSON = trap
    toString = trap
    valueOf = trap;
    [Symbol.toPrimitive] = trap;
    [inspect.custom] = trap
    get [Symbol.toStringTag]() {
      return trap() as unknown as string
    }
  }
  const values = [
    new Trap(),
    Object.defineProperty({}, 'x', { get: trap, enumerable: true }),
    Object.defineProperty([], 0, { get: trap }),
    Object.defineProperty(new Error('e'), 'message', { get: trap }),
    Object.create(Object.defineProperty({}, 'constructor', { get: trap })),
    new Proxy({}, { get: trap, getOwnPropertyDescriptor: trap, ownKeys: trap, getPrototypeOf: trap }),
    new Proxy([], { get: trap }),
    Object.create(new Proxy({}, { get: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap })),
    Object.assign(new Map([[1, 1]]), { entries: trap, [Symbol.iterator]: trap }),
    Object.assign(new Date(0), { toISOString: trap }),
    Object.defineProperty(() => {}, 'name', { get: trap }),
  ]
  for (const value of values) expect(typeof printValue({ value })).toBe('string')
  expect(ran).toBe(0)
})

test('never throws and never passes the width', () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withSparseArray: true,
        withDate: true,
      }),
      value => {
        const text = printValue(value)
        expect(text.length).toBeLessThanOrEqual(60)
        expect(text).not.toContain('\n')
        expect(text).not.toBe('<unprintable>')
      },
    ),
  )
})
