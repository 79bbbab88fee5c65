import { fails, one, program } from './program.js'

/** Arrays, Maps, Sets, typed arrays and what walks over them. */
export const collections = [
  program({
    name: 'a Map entry read and written back',
    setup: () => new Map([['k', 0]]),
    threads: map => {
      map.set('k', (map.get('k') ?? 0) + 1)
    },
    tasks: async map => {
      const before = map.get('k') ?? 0
      await null
      map.set('k', before + 1)
    },
    invariant: map => map.get('k') === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'Map.prototype.set by call',
    setup: () => new Map([['k', 0]]),
    threads: map => {
      Map.prototype.set.call(map, 'k', Map.prototype.get.call(map, 'k') + 1)
    },
    tasks: async map => {
      const before = Map.prototype.get.call(map, 'k')
      await null
      Map.prototype.set.call(map, 'k', before + 1)
    },
    invariant: map => map.get('k') === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'has, then get',
    setup: () => ({ map: new Map([['k', 'value']]), got: 'nothing' as string | undefined }),
    threads: [
      s => {
        if (s.map.has('k')) s.got = s.map.get('k')
      },
      s => {
        s.map.delete('k')
      },
    ],
    tasks: [
      async s => {
        if (s.map.has('k')) {
          await null
          s.got = s.map.get('k')
        }
      },
      async s => {
        s.map.delete('k')
      },
    ],
    invariant: s => s.got !== undefined,
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'a stale entry beside one that is made',
    setup: () => ({ map: new Map<string, number>() }),
    threads: [
      ({ map }) => {
        map.set('k', (map.get('k') ?? 0) + 1)
      },
      ({ map }) => {
        if (!map.has('k')) map.set('k', 0)
      },
    ],
    tasks: [
      async ({ map }) => {
        map.set('k', (map.get('k') ?? 0) + (await one()))
      },
      async ({ map }) => {
        if (!map.has('k')) {
          await null
          map.set('k', 0)
        }
      },
    ],
    invariant: ({ map }) => map.get('k') === 1,
    expected: [fails(4, 3), fails(4, 3)],
  }),
  program({
    name: 'a WeakMap entry',
    setup: () => {
      const key = {}
      return { key, map: new WeakMap([[key, 0]]) }
    },
    threads: ({ key, map }) => {
      map.set(key, (map.get(key) as number) + 1)
    },
    tasks: async ({ key, map }) => {
      const before = map.get(key) as number
      await null
      map.set(key, before + 1)
    },
    invariant: ({ key, map }) => map.get(key) === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'membership and size of a Set',
    setup: () => ({ set: new Set<number>(), size: -1 }),
    threads: [
      s => {
        s.set.add(1)
        s.size = s.set.size
      },
      s => {
        s.set.delete(1)
      },
    ],
    tasks: [
      async s => {
        s.set.add(1)
        await null
        s.size = s.set.size
      },
      async s => {
        s.set.delete(1)
      },
    ],
    invariant: s => s.size === 1,
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'the oldest entry of an LRU cache',
    setup: () => ({
      map: new Map([
        ['a', 1],
        ['b', 2],
      ]),
      evicted: '',
    }),
    threads: [
      s => {
        s.map.delete('a')
        s.map.set('a', 1)
      },
      s => {
        const [oldest] = s.map.keys()
        s.evicted = oldest as string
      },
    ],
    tasks: [
      async s => {
        const value = s.map.get('a') as number
        s.map.delete('a')
        await null
        s.map.set('a', value)
      },
      async s => {
        const [oldest] = s.map.keys()
        await null
        s.evicted = `${oldest}${s.map.size}`
      },
    ],
    invariant: s => s.evicted === 'b' || s.evicted === 'b2',
    expected: [fails(3, 3), fails(6, 2)],
  }),
  program({
    name: 'length, then pop',
    setup: () => ({ queue: [1], popped: [] as (number | undefined)[] }),
    threads: (s, i) => {
      if (s.queue.length > 0) s.popped[i] = s.queue.pop()
    },
    tasks: async (s, i) => {
      if (s.queue.length > 0) {
        await null
        s.popped[i] = s.queue.pop()
      }
    },
    invariant: ({ popped }) => popped.filter((_, i) => i in popped).every(value => value === 1),
    expected: [fails(6, 2), fails(4, 2)],
  }),
  program({
    name: 'append, then length',
    setup: () => ({ items: [] as number[], count: 0 }),
    threads: s => {
      s.items.push(1)
      s.count = s.items.length
    },
    tasks: async s => {
      s.items.push(1)
      const count = s.items.length
      await null
      s.count = count
    },
    invariant: s => s.count === 2,
    expected: [fails(8, 2), fails(4, 2)],
  }),
  program({
    name: 'an element read and written back',
    setup: () => [0],
    threads: items => {
      items[0] = (items[0] as number) + 1
    },
    tasks: async items => {
      items[0] = (items[0] as number) + (await one())
    },
    invariant: ([value]) => value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'sort against reverse',
    setup: () => ({ items: [3, 1, 2], seen: '' }),
    threads: [
      s => {
        s.items.sort((a, b) => a - b)
        s.seen = s.items.join()
      },
      s => {
        s.items.reverse()
      },
    ],
    tasks: [
      async s => {
        s.items.sort((a, b) => a - b)
        await null
        s.seen = s.items.join()
      },
      async s => {
        s.items.reverse()
      },
    ],
    invariant: s => s.seen === '1,2,3',
    expected: [fails(4, 2), fails(3, 2)],
  }),
  program({
    name: 'a shallow copy against an append inside',
    setup: () => ({ rows: [[1, 2]], lengths: [] as number[] }),
    threads: [
      s => {
        const copy = [...s.rows]
        const before = (s.rows[0] as number[]).length
        s.lengths.push(before, (copy[0] as number[]).length)
      },
      s => {
        s.rows[0]?.push(3)
      },
    ],
    tasks: [
      async s => {
        const copy = [...s.rows]
        const before = (s.rows[0] as number[]).length
        await null
        s.lengths.push(before, (copy[0] as number[]).length)
      },
      async s => {
        s.rows[0]?.push(3)
      },
    ],
    invariant: ({ lengths: [before, copied] }) => before === copied,
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'a copy against an append',
    setup: () => ({ items: [1], copy: [] as number[], length: 0 }),
    threads: [
      s => {
        s.copy = s.items.slice()
        s.length = s.items.length
      },
      s => {
        s.items.push(2)
      },
    ],
    tasks: [
      async s => {
        s.copy = s.items.slice()
        await null
        s.length = s.items.length
      },
      async s => {
        s.items.push(2)
      },
    ],
    invariant: s => s.copy.length === s.length,
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'emptiness and length that disagree',
    setup: () => ({ items: [1], isFull: false, length: -1 }),
    threads: [
      s => {
        s.isFull = s.items.length > 0
        s.length = s.items.length
      },
      s => {
        s.items.length = 0
      },
    ],
    tasks: [
      async s => {
        s.isFull = s.items.length > 0
        await null
        s.length = s.items.length
      },
      async s => {
        s.items.length = 0
      },
    ],
    invariant: s => s.isFull === s.length > 0,
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'reduce against writes',
    setup: () => ({ items: [1, 2, 3], sum: 0 }),
    threads: [
      s => {
        s.sum = s.items.reduce((sum, item) => sum + item, 0)
      },
      s => {
        s.items[0] = 10
        s.items[2] = 30
      },
    ],
    tasks: [
      async s => {
        s.sum = await s.items.reduce(async (sum, _, i) => (await sum) + (s.items[i] as number), Promise.resolve(0))
      },
      async s => {
        s.items[0] = 10
        s.items[2] = 30
      },
    ],
    invariant: s => s.sum === 6 || s.sum === 42,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a sum over values against writes',
    setup: () => ({ prices: { a: 1, b: 2, c: 3 }, sum: 0 }),
    threads: [
      s => {
        let sum = 0
        for (const key in s.prices) sum += s.prices[key as 'a']
        s.sum = sum
      },
      s => {
        s.prices.a = 10
        s.prices.c = 30
      },
    ],
    tasks: [
      async s => {
        let sum = 0
        for (const key of Object.keys(s.prices)) {
          sum += s.prices[key as 'a']
          await null
        }
        s.sum = sum
      },
      async s => {
        s.prices.a = 10
        s.prices.c = 30
      },
    ],
    invariant: s => s.sum === 6 || s.sum === 42,
    expected: [fails(4, 2), fails(3, 2)],
  }),
  program({
    name: 'a filter and a map against writes',
    setup: () => ({ items: [1, 2, 3, 4], even: [] as number[] }),
    threads: [
      s => {
        s.even = s.items.filter(item => item % 2 === 0).map(item => item * 2)
      },
      s => {
        s.items[1] = 1
        s.items[3] = 1
      },
    ],
    tasks: [
      async s => {
        const even: number[] = []
        for (let i = 0; i < s.items.length; i++) {
          const item = s.items[i] as number
          if (item % 2 === 0) even.push(item * 2)
          if (i === 1) await null
        }
        s.even = even
      },
      async s => {
        s.items[1] = 1
        s.items[3] = 1
      },
    ],
    invariant: s => ['4,8', ''].includes(s.even.join()),
    expected: [fails(4, 2), fails(3, 2)],
  }),
  program({
    name: 'two arrays walked side by side',
    setup: () => ({ keys: ['a', 'b'], values: [1, 2], pairs: '' }),
    threads: [
      s => {
        s.pairs = s.keys.map((key, i) => `${key}${s.values[i]}`).join()
      },
      s => {
        s.keys[0] = 'x'
        s.values[0] = 9
      },
    ],
    tasks: [
      async s => {
        const [first] = s.keys
        await null
        s.pairs = `${first}${s.values[0]}`
      },
      async s => {
        s.keys[0] = 'x'
        s.values[0] = 9
      },
    ],
    invariant: s => /^(a1|x9)/.test(s.pairs),
    expected: [fails(4, 2), fails(3, 2)],
  }),
  program({
    name: 'the first element and the rest',
    setup: () => ({ items: [1, 2], head: 0, rest: 0 }),
    threads: [
      s => {
        const [head] = s.items
        s.head = head as number
        s.rest = s.items.length - 1
      },
      s => {
        s.items[0] = 10
        s.items.push(3)
      },
    ],
    tasks: [
      async s => {
        const [head] = s.items
        await null
        s.head = head as number
        s.rest = s.items.length - 1
      },
      async s => {
        s.items[0] = 10
        s.items.push(3)
      },
    ],
    invariant: s => (s.head === 1 && s.rest === 1) || (s.head === 10 && s.rest === 2),
    expected: [fails(5, 2), fails(3, 2)],
  }),
  program({
    name: 'the least and the greatest of changing elements',
    setup: () => ({ items: [1, 5], least: 0, greatest: 0 }),
    threads: [
      s => {
        s.least = Math.min(...s.items)
        s.greatest = Math.max(...s.items)
      },
      s => {
        s.items[0] = 100
        s.items[1] = 500
      },
    ],
    tasks: [
      async s => {
        s.least = Math.min(...s.items)
        await null
        s.greatest = Math.max(...s.items)
      },
      async s => {
        s.items[0] = 100
        s.items[1] = 500
      },
    ],
    invariant: s => (s.least === 1 && s.greatest === 5) || (s.least === 100 && s.greatest === 500),
    expected: [fails(6, 2), fails(3, 2)],
  }),
  program({
    name: 'an element of a typed array',
    setup: () => new Uint32Array(1),
    threads: view => {
      view[0] = (view[0] as number) + 1
    },
    tasks: async view => {
      view[0] = (view[0] as number) + (await one())
    },
    invariant: ([value]) => value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'two views of the same bytes',
    setup: () => {
      const buffer = new ArrayBuffer(4)
      return { bytes: new Uint8Array(buffer), data: new DataView(buffer) }
    },
    threads: [
      ({ bytes }) => {
        bytes[3] = (bytes[3] as number) + 1
      },
      ({ data }) => {
        data.setUint32(0, data.getUint32(0) + 1)
      },
    ],
    tasks: [
      async ({ bytes }) => {
        bytes[3] = (bytes[3] as number) + (await one())
      },
      async ({ data }) => {
        const before = data.getUint32(0)
        await null
        data.setUint32(0, before + 1)
      },
    ],
    invariant: ({ data }) => data.getUint32(0) === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a snapshot of bytes that are being written',
    setup: () => ({ bytes: Buffer.alloc(2), seen: '' }),
    threads: [
      s => {
        s.seen = Buffer.from(s.bytes.subarray(0, 2)).toString('hex')
      },
      s => {
        s.bytes[0] = 0xff
        s.bytes[1] = 0xff
      },
    ],
    tasks: [
      async s => {
        s.seen = s.bytes.toString('hex')
      },
      async s => {
        s.bytes[0] = 0xff
        await null
        s.bytes[1] = 0xff
      },
    ],
    invariant: s => s.seen === '0000' || s.seen === 'ffff',
    expected: [fails(3, 3), fails(3, 3)],
  }),
  program({
    name: 'iteration against insertion',
    setup: () => ({ items: [10, 20, 30], sum: 0 }),
    threads: [
      s => {
        let sum = 0
        for (const item of s.items) sum += item
        s.sum = sum
      },
      s => {
        s.items.unshift(99)
      },
    ],
    tasks: [
      async s => {
        let sum = 0
        for (const item of s.items) {
          sum += item
          await null
        }
        s.sum = sum
      },
      async s => {
        s.items.unshift(99)
      },
    ],
    invariant: s => s.sum === 60 || s.sum === 159,
    expected: [fails(5, 2), fails(5, 2)],
  }),
  program({
    name: 'a string joined from parts that change',
    setup: () => ({ parts: ['a', 'b'], text: '' }),
    threads: [
      s => {
        s.text = `${s.parts[0]}-${s.parts.length}`
      },
      s => {
        s.parts[0] = 'x'
        s.parts.push('c')
      },
    ],
    tasks: [
      async s => {
        let text = ''
        for (const part of s.parts) {
          text += part
          await null
        }
        s.text = text
      },
      async s => {
        s.parts[0] = 'x'
        s.parts.push('c')
      },
    ],
    invariant: s => ['a-2', 'x-3', 'ab', 'xbc'].includes(s.text),
    expected: [fails(4, 2), fails(4, 2)],
  }),
]
