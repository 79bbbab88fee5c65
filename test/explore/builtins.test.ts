import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'

const setup = () => ({
  object: { a: 1, b: { c: 1 } } as Record<string, any>,
  array: [3, 1, 2],
  map: new Map<unknown, number>([['a', 1]]),
  set: new Set(['a']),
  weakMap: new WeakMap<object, number>(),
  weakSet: new WeakSet<object>(),
  key: {},
  ints: new Int32Array(new SharedArrayBuffer(16)),
  bytes: new Uint8Array(4),
  view: new DataView(new ArrayBuffer(16)),
  date: new Date(0),
  regexp: /a/g,
  call: Object.assign(() => 0, {}) as (() => number) & { count?: number },
  seen: '',
})
type State = ReturnType<typeof setup>
type Act = (s: State) => unknown

/** A writer and a reader that no instrumented property access betrays: what the builtin does has to be known. */
const pairs: Record<string, [write: Act, read: Act]> = {
  'Object.assign, JSON.stringify': [s => Object.assign(s.object, { a: 2 }), s => JSON.stringify(s.object)],
  'a nested write, JSON.stringify': [s => Object.assign(s.object.b, { c: 2 }), s => JSON.stringify(s.object)],
  'Object.defineProperty, Object.entries': [
    s => Object.defineProperty(s.object, 'a', { value: 2 }),
    s => String(Object.entries(s.object)),
  ],
  'Reflect.set, Reflect.get': [s => Reflect.set(s.object, 'a', 2), s => Reflect.get(s.object, 'a')],
  'delete, Object.keys': [s => Reflect.deleteProperty(s.object, 'a'), s => Object.keys(s.object).join()],
  'array.push, array.at': [s => s.array.push(4), s => s.array.at(-1)],
  'array.sort, array.indexOf': [s => s.array.sort(), s => s.array.indexOf(1)],
  'array.splice, array.join': [s => s.array.splice(0, 1), s => s.array.join()],
  'array.reverse, spread': [s => s.array.reverse(), s => [...s.array].join()],
  'array.fill, array.reduce': [s => s.array.fill(0), s => s.array.reduce((sum, n) => sum + n, 0)],
  'map.set, map.get': [s => s.map.set('a', 2), s => s.map.get('a')],
  'map.set of a new key, map.size': [s => s.map.set('b', 2), s => s.map.size],
  'map.delete, for of': [
    s => s.map.delete('a'),
    s => {
      let keys = ''
      for (const [key] of s.map) keys += key
      return keys
    },
  ],
  'set.add, Array.from': [s => s.set.add('b'), s => Array.from(s.set).join()],
  'set.clear, set.has': [s => s.set.clear(), s => s.set.has('a')],
  'weakMap.set, weakMap.get': [s => s.weakMap.set(s.key, 1), s => s.weakMap.get(s.key)],
  'weakSet.add, weakSet.has': [s => s.weakSet.add(s.key), s => s.weakSet.has(s.key)],
  'Atomics.store, Atomics.load': [s => Atomics.store(s.ints, 0, 1), s => Atomics.load(s.ints, 0)],
  'Atomics.add, a plain read': [s => Atomics.add(s.ints, 0, 1), s => s.ints[0]],
  'Atomics.compareExchange, Atomics.load': [
    s => Atomics.compareExchange(s.ints, 0, 0, 5),
    s => Atomics.load(s.ints, 0),
  ],
  'Atomics.exchange, Atomics.sub': [s => Atomics.exchange(s.ints, 0, 7), s => Atomics.sub(s.ints, 0, 1)],
  'typedArray.set, typedArray.join': [s => s.bytes.set([1, 2]), s => s.bytes.join()],
  'typedArray.fill, a plain read': [s => s.bytes.fill(9), s => s.bytes[1]],
  'a plain write, a plain read of the same element': [
    s => {
      s.bytes[1] = 9
    },
    s => s.bytes[1],
  ],
  'a plain write, a view of the same bytes': [
    s => {
      s.ints[0] = 256
    },
    s => new Uint8Array(s.ints.buffer)[1],
  ],
  'dataView.setInt32, dataView.getInt8': [s => s.view.setInt32(0, 1), s => s.view.getInt8(3)],
  'date.setTime, date.getTime': [s => s.date.setTime(5), s => s.date.getTime()],
  'a property of a function, the same': [
    s => {
      s.call.count = 1
    },
    s => s.call.count,
  ],
  'regexp.exec, regexp.lastIndex': [s => s.regexp.exec('aa'), s => s.regexp.lastIndex],
  'a nested write, structuredClone': [s => Object.assign(s.object.b, { c: 2 }), s => structuredClone(s.object).b.c],
}

const look =
  (read: Act): Act =>
  s => {
    s.seen = String(read(s))
  }

describe.each(['threads', 'tasks'] as const)('%s: a builtin that writes and one that reads conflict', unit => {
  test.each(Object.entries(pairs))('%s', async (_, [write, read]) => {
    const { outcomes } = await countTraces({ setup, [unit]: [write, look(read)], outcome: s => s.seen })
    expect(Object.keys(outcomes).length).toBeGreaterThan(1)
  })
})

describe('Atomics', () => {
  const increment: Act = s => Atomics.add(s.ints, 0, 1)

  test.each([2, 3, 4])('%i atomic increments: n! traces, none lost', async n => {
    const threads = Array.from({ length: n }, () => increment)
    const { explored, outcomes } = await countTraces({ setup, threads, outcome: s => String(s.ints[0]) })
    expect({ explored, outcomes }).toEqual({ explored: [2, 6, 24][n - 2], outcomes: { [n]: [2, 6, 24][n - 2] } })
  })

  test.each([2, 3, 4, 5])('%i compare-exchanges: each may be the one, the losers only read', async n => {
    const threads = Array.from({ length: n }, (_, i) => (s: State) => Atomics.compareExchange(s.ints, 0, 0, i + 1))
    const { explored, outcomes } = await countTraces({ setup, threads, outcome: s => String(s.ints[0]) })
    expect(explored).toBe(n)
    expect(Object.keys(outcomes)).toHaveLength(n)
  })
})
