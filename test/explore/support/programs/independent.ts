import { Lock } from 'frontrun/sync'
import { holds, one, program } from './program.js'

/** Programs that need no lock. */
export const independent = [
  program({
    name: 'an element each',
    setup: () => [0, 0],
    threads: (items, i) => {
      items[i] = (items[i] as number) + 1
    },
    tasks: async (items, i) => {
      items[i] = (items[i] as number) + (await one())
    },
    invariant: items => items.join() === '1,1',
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'a field each',
    setup: () => ({ a: 0, b: 0 }),
    threads: [
      s => {
        s.a += 1
      },
      s => {
        s.b += 1
      },
    ],
    tasks: [
      async s => {
        s.a += await one()
      },
      async s => {
        s.b += await one()
      },
    ],
    invariant: s => s.a === 1 && s.b === 1,
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'a dictionary each',
    setup: (): Record<string, number>[] => [{}, {}],
    threads: (maps, i) => {
      const map = maps[i] as Record<string, number>
      map.k = (map.k ?? 0) + 1
    },
    tasks: async (maps, i) => {
      const map = maps[i] as Record<string, number>
      map.k = (map.k ?? 0) + (await one())
    },
    invariant: maps => maps.every(map => map.k === 1),
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'a key each of one Map',
    setup: () => new Map<string, number>(),
    threads: ['a', 'b'].map(key => (map: Map<string, number>) => map.set(key, (map.get(key) ?? 0) + 1)),
    tasks: ['a', 'b'].map(key => async (map: Map<string, number>) => {
      const before = map.get(key) ?? 0
      await null
      map.set(key, before + 1)
    }),
    invariant: map => map.get('a') === 1 && map.get('b') === 1,
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'a byte each of one memory',
    setup: () => new Uint8Array(2),
    threads: (bytes, i) => {
      bytes[i] = (bytes[i] as number) + 1
    },
    tasks: async (bytes, i) => {
      bytes[i] = (bytes[i] as number) + (await one())
    },
    invariant: bytes => bytes.join() === '1,1',
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'a closure each',
    setup: () => {
      const counter = () => {
        let count = 0
        return {
          now: () => {
            count += 1
          },
          later: async () => {
            count += await one()
          },
          count: () => count,
        }
      }
      return [counter(), counter()]
    },
    threads: (counters, i) => counters[i]?.now(),
    tasks: (counters, i) => counters[i]?.later(),
    invariant: counters => counters.every(({ count }) => count() === 1),
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'what nobody changes',
    setup: () => Object.freeze({ prices: Object.freeze([1, 2, 3]), sums: [0, 0] }),
    threads: (s, i) => {
      s.sums[i] = s.prices.reduce((sum, price) => sum + price, 0)
    },
    tasks: async (s, i) => {
      let sum = 0
      for (const price of s.prices) sum += price * (await one())
      s.sums[i] = sum
    },
    invariant: s => s.sums.join() === '6,6',
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'functions of their arguments only',
    setup: () => ({ results: [0, 0] }),
    threads: (s, i) => {
      const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2))
      s.results[i] = fibonacci(10)
    },
    tasks: async (s, i) => {
      const fibonacci = async (n: number): Promise<number> =>
        n < 2 ? n : (await fibonacci(n - 1)) + (await fibonacci(n - 2))
      s.results[i] = await fibonacci(4)
    },
    invariant: s => new Set(s.results).size === 1,
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'objects made by each worker for itself',
    setup: () => ({ sizes: [0, 0] }),
    threads: (s, i) => {
      const own = { items: [] as number[], map: new Map<number, number>() }
      for (let n = 0; n < 3; n++) {
        own.items.push(n)
        own.map.set(n, own.items.length)
      }
      s.sizes[i] = own.map.size
    },
    tasks: async (s, i) => {
      const own = { items: [] as number[] }
      for (let n = 0; n < 3; n++) own.items.push(n * (await one()))
      s.sizes[i] = own.items.length
    },
    invariant: s => s.sizes.join() === '3,3',
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'local variables only',
    setup: () => ({}),
    threads: () => {
      let sum = 0
      for (let n = 0; n < 10; n++) sum += n
      return sum
    },
    tasks: async () => {
      let sum = 0
      for (let n = 0; n < 3; n++) sum += await one()
      return sum
    },
    invariant: () => true,
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'one writer, and a reader that does not mind the order',
    setup: () => ({ value: 1, seen: 0 }),
    threads: [
      s => {
        s.value = 2
      },
      s => {
        s.seen = s.value
      },
    ],
    tasks: [
      async s => {
        await null
        s.value = 2
      },
      async s => {
        s.seen = s.value
      },
    ],
    invariant: s => s.seen === 1 || s.seen === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'many workers with a slot each',
    setup: () => ({ slots: [0, 0, 0, 0, 0, 0] }),
    threads: [0, 1, 2, 3, 4, 5].map(i => (s: { slots: number[] }) => {
      for (let turn = 0; turn < 3; turn++) s.slots[i] = (s.slots[i] as number) + 1
    }),
    tasks: [0, 1, 2, 3, 4, 5].map(i => async (s: { slots: number[] }) => {
      for (let turn = 0; turn < 3; turn++) s.slots[i] = (s.slots[i] as number) + (await one())
    }),
    invariant: s => s.slots.every(slot => slot === 3),
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'several steps on fields of its own',
    setup: () => ({ a: { x: 0, y: 0 }, b: { x: 0, y: 0 } }),
    threads: (['a', 'b'] as const).map(name => (s: Record<'a' | 'b', { x: number; y: number }>) => {
      s[name].x = 1
      s[name].y = s[name].x + 1
    }),
    tasks: (['a', 'b'] as const).map(name => async (s: Record<'a' | 'b', { x: number; y: number }>) => {
      s[name].x = await one()
      s[name].y = s[name].x + (await one())
    }),
    invariant: s => s.a.y === 2 && s.b.y === 2,
    expected: [holds(1), holds(1)],
  }),
  program({
    name: 'a promise that both await, made once',
    setup: () => {
      let loads = 0
      let loading: Promise<number> | undefined
      const lock = new Lock()
      return {
        lock,
        load: () => {
          loading ??= (async () => {
            loads++
            return await one()
          })()
          return loading
        },
        loads: () => loads,
      }
    },
    threads: s => {
      s.lock.withLockSync(() => s.load())
    },
    tasks: async s => {
      await s.load()
    },
    invariant: s => s.loads() === 1,
    expected: [holds(2), holds(2)],
  }),
]
