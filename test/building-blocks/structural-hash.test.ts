import { describe, expect, test } from 'vitest'
import { structuralHash } from '../../src/explore/structural-hash.js'

class Point {
  constructor(
    public x: number,
    public y: number,
  ) {}
}
class Other {
  constructor(
    public x: number,
    public y: number,
  ) {}
}
const node = (value: number): { value: number; next?: unknown } => ({ value })
const ring = (...values: number[]): object => {
  const nodes = values.map(node)
  for (const [index, each] of nodes.entries()) each.next = nodes[(index + 1) % nodes.length]
  return nodes[0] as object
}
const shared = (): object => {
  const inner = { n: 1 }
  return { a: inner, b: inner }
}
const chain = (length: number): object => {
  let head: object = {}
  for (let index = 0; index < length; index++) head = { next: head }
  return head
}
const memberOfItself = (): object => {
  const set = new Set<unknown>()
  set.add({ set, n: 1 })
  set.add({ set, n: 2 })
  return set
}
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)
const extra = (value: unknown): object => Object.assign([1], { extra: value })

describe('equal', () => {
  test.each<[string, () => unknown, () => unknown]>([
    ['key order of objects', () => ({ a: 1, b: 2 }), () => ({ b: 2, a: 1 })],
    ['order of a Map', () => new Map([['a', 1], ['b', 2]]), () => new Map([['b', 2], ['a', 1]])],
    ['order of a Set', () => new Set([1, 'x', 2n]), () => new Set([2n, 1, 'x'])],
    ['order of a Set of objects', () => new Set([node(1), node(2)]), () => new Set([node(2), node(1)])],
    ['order of a Map with keys that are objects', () => new Map([[node(1), 1], [node(2), 2]]), () => new Map([[node(2), 2], [node(1), 1]])],
    ['cycles', () => ring(1, 2, 3), () => ring(1, 2, 3)],
    ['a Set inside its members', memberOfItself, memberOfItself],
    ['shared references', shared, shared],
    ['class instances', () => new Point(1, 2), () => new Point(1, 2)],
    ['long chains', () => chain(50_000), () => chain(50_000)],
    ['NaN', () => [Number.NaN], () => [0 / 0]],
    ['symbols', () => ({ [Symbol('s')]: Symbol.for('r') }), () => ({ [Symbol('s')]: Symbol.for('r') })],
    ['errors, whatever their stack', () => new RangeError('x', { cause: 1 }), () => (() => new RangeError('x', { cause: 1 }))()],
    ['functions of one name', () => ({ f() {} }), () => ({ f() {} })],
    ['promises', () => Promise.resolve(1), () => Promise.resolve(1)],
    ['what a private field hides', () => new (class A { #x = 1; get() { return this.#x } })(), () => new (class A { #x = 2; get() { return this.#x } })()],
  ])('%s', (_, one, other) => {
    expect(structuralHash(one())).toBe(structuralHash(other()))
  })
}) // biome-ignore format: a table

describe('different', () => {
  test.each<[string, unknown, unknown]>([
    ['values', { a: 1 }, { a: 2 }],
    ['types of primitives', { a: 1 }, { a: '1' }],
    ['0 and -0', [0], [-0]],
    ['null and undefined', [null], [undefined]],
    ['a missing key and one that is undefined', {}, { a: undefined }],
    ['a bigint and a number', [1n], [1]],
    ['order of an array', [1, 2], [2, 1]],
    ['a hole and undefined', new Array(1), [undefined]],
    ['length of an array', [], new Array(1)],
    ['properties of an array', extra(1), extra(2)],
    ['an object and a copy, shared and not', shared(), { a: { n: 1 }, b: { n: 1 } }],
    ['rings of different length', ring(1, 1), ring(1, 1, 1)],
    ['classes', new Point(1, 2), new Other(1, 2)],
    ['an object without a prototype', Object.create(null), {}],
    ['values of a Map', new Map([['a', 1]]), new Map([['a', 2]])],
    ['Map and Set', new Map(), new Set()],
    ['members of a Set', new Set([node(1)]), new Set([node(2)])],
    ['dates', new Date(1), new Date(2)],
    ['an invalid date', new Date(1), new Date(Number.NaN)],
    ['regular expressions', /a/g, /a/],
    ['lastIndex', Object.assign(/a/g, { lastIndex: 1 }), /a/g],
    ['bytes', bytes(1, 2), bytes(2, 1)],
    ['views of other types', bytes(0, 0), new Uint16Array(1)],
    ['views of one buffer and of two', (b => [b, b])(bytes(1)), [bytes(1), bytes(1)]],
    ['shared memory', new Int32Array(new SharedArrayBuffer(4)), new Int32Array(4)],
    ['messages of errors', new Error('a'), new Error('b')],
    ['kinds of errors', new Error('a'), new TypeError('a')],
    ['boxed values', Object(1), Object(2)],
    ['symbols', Symbol('a'), Symbol('b')],
    ['keys that are symbols', { [Symbol('a')]: 1 }, { [Symbol('b')]: 1 }],
    ['names of functions', { f: function a() {} }, { f: function b() {} }],
    ['an accessor and a value', Object.defineProperty({}, 'x', { get: () => 1, enumerable: true }), { x: 1 }],
    ['what is not enumerable', Object.defineProperty({}, 'x', { value: 1 }), {}],
    ['long texts', 'x'.repeat(1000), `${'x'.repeat(999)}y`],
  ])('%s', (_, one, other) => {
    expect(structuralHash(one)).not.toBe(structuralHash(other))
  })
}) // biome-ignore format: a table

test('runs no code of the program', () => {
  const fail = (): never => {
    throw new Error('called')
  }
  const proxy = new Proxy({}, { get: fail, ownKeys: fail, getOwnPropertyDescriptor: fail, getPrototypeOf: fail })
  const hostile = { get x(): never { return fail() }, toJSON: fail, toString: fail, [Symbol.iterator]: fail, proxy }
  class Odd extends Map { override entries = fail; override get size(): number { return fail() } override [Symbol.iterator] = fail }
  expect(() => structuralHash([hostile, new Odd()])).not.toThrow()
}) // biome-ignore format: short
