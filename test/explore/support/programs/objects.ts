import { fails, one, program } from './program.js'

class Account {
  #balance = 0
  read(): number {
    return this.#balance
  }
  write(value: number): void {
    this.#balance = value
  }
  add(): void {
    this.#balance += 1
  }
  async addLater(): Promise<void> {
    this.#balance += await one()
  }
}

// biome-ignore lint/complexity/noStaticOnlyClass: this is what is tried
class Statistics {
  static total = 0
}

class WithAccessor {
  stored = 0
  get value(): number {
    return this.stored
  }
  set value(value: number) {
    this.stored = value
  }
}

/** Properties of objects, however they are named and reached. */
export const objects = [
  program({
    name: 'Reflect.get and Reflect.set',
    setup: () => ({ value: 0 }),
    threads: s => {
      Reflect.set(s, 'value', Reflect.get(s, 'value') + 1)
    },
    tasks: async s => {
      const before = Reflect.get(s, 'value')
      await null
      Reflect.set(s, 'value', before + 1)
    },
    invariant: s => s.value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'property descriptors',
    setup: () => ({ value: 0 }),
    threads: s => {
      const { value } = Object.getOwnPropertyDescriptor(s, 'value') as { value: number }
      Object.defineProperty(s, 'value', { value: value + 1 })
    },
    tasks: async s => {
      const { value } = Object.getOwnPropertyDescriptor(s, 'value') as { value: number }
      await null
      Object.defineProperty(s, 'value', { value: value + 1 })
    },
    invariant: s => s.value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'an alias of the same object',
    setup: () => {
      const inner = { value: 0 }
      return { inner, alias: inner }
    },
    threads: [
      ({ inner }) => {
        inner.value = inner.value + 1
      },
      ({ alias }) => {
        const { value } = alias
        alias.value = value + 1
      },
    ],
    tasks: [
      async ({ inner }) => {
        inner.value = inner.value + (await one())
      },
      async ({ alias }) => {
        const { value } = alias
        await null
        alias.value = value + 1
      },
    ],
    invariant: ({ inner }) => inner.value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a computed key beside a literal one',
    setup: (): Record<string, number> => ({ value: 0 }),
    threads: [
      s => {
        s.value = s.value + 1
      },
      s => {
        const key = ['val', 'ue'].join('')
        s[key] = s[key] + 1
      },
    ],
    tasks: [
      async s => {
        s.value = s.value + (await one())
      },
      async s => {
        const key = ['val', 'ue'].join('')
        s[key] = s[key] + (await one())
      },
    ],
    invariant: s => s.value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a symbol as a key',
    setup: () => ({ [Symbol.for('count')]: 0 }) as Record<symbol, number>,
    threads: s => {
      s[Symbol.for('count')] += 1
    },
    tasks: async s => {
      s[Symbol.for('count')] += await one()
    },
    invariant: s => s[Symbol.for('count')] === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a property of the global object',
    setup: () => {
      Reflect.set(globalThis, 'sharedCounter', 0)
      return { count: () => Reflect.get(globalThis, 'sharedCounter') as number }
    },
    threads: [
      () => {
        const { sharedCounter } = globalThis as unknown as { sharedCounter: number }
        Reflect.set(globalThis, 'sharedCounter', sharedCounter + 1)
      },
      () => {
        Reflect.set(globalThis, 'sharedCounter', Reflect.get(globalThis, 'sharedCounter') + 1)
      },
    ],
    tasks: [
      async () => {
        const { sharedCounter } = globalThis as unknown as { sharedCounter: number }
        await null
        Reflect.set(globalThis, 'sharedCounter', sharedCounter + 1)
      },
      async () => {
        const before = Reflect.get(globalThis, 'sharedCounter')
        await null
        Reflect.set(globalThis, 'sharedCounter', before + 1)
      },
    ],
    invariant: s => s.count() === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a static class field',
    setup: () => {
      Statistics.total = 0
      return Statistics
    },
    threads: [
      S => {
        S.total++
      },
      () => {
        Statistics.total += 1
      },
    ],
    tasks: [
      async S => {
        S.total += await one()
      },
      async () => {
        Statistics.total += await one()
      },
    ],
    invariant: S => S.total === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a private field',
    setup: () => new Account(),
    threads: account => account.add(),
    tasks: account => account.addLater(),
    invariant: account => account.read() === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'methods that read and write a private field',
    setup: () => new Account(),
    threads: account => account.write(account.read() + 1),
    tasks: async account => {
      const before = account.read()
      await null
      account.write(before + 1)
    },
    invariant: account => account.read() === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a sealed object',
    setup: () => Object.seal({ value: 0 }),
    threads: s => {
      s.value = s.value + 1
    },
    tasks: async s => {
      s.value = s.value + (await one())
    },
    invariant: s => s.value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a getter and a setter',
    setup: () => new WithAccessor(),
    threads: s => {
      s.value = s.value + 1
    },
    tasks: async s => {
      s.value = s.value + (await one())
    },
    invariant: s => s.stored === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'an object behind a WeakRef',
    setup: () => {
      const target = { value: 0 }
      return { target, ref: new WeakRef(target) }
    },
    threads: ({ ref }) => {
      const found = ref.deref() as { value: number }
      found.value = found.value + 1
    },
    tasks: async ({ ref }) => {
      const before = (ref.deref() as { value: number }).value
      await null
      ;(ref.deref() as { value: number }).value = before + 1
    },
    invariant: ({ target }) => target.value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'an object behind a Proxy',
    setup: () => {
      const target = { value: 0 }
      return { target, proxy: new Proxy(target, {}) }
    },
    threads: ({ proxy }) => {
      proxy.value = proxy.value + 1
    },
    tasks: async ({ proxy }) => {
      proxy.value = proxy.value + (await one())
    },
    invariant: ({ target }) => target.value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a swap by destructuring',
    setup: () => ({ a: 1, b: 2, seen: 0 }),
    threads: [
      s => {
        ;[s.a, s.b] = [s.b, s.a]
      },
      s => {
        s.seen = s.a + s.b
      },
    ],
    tasks: [
      async s => {
        const { a, b } = s
        s.a = b
        await null
        s.b = a
      },
      async s => {
        s.seen = s.a + s.b
      },
    ],
    invariant: s => s.seen === 3,
    expected: [fails(4, 2), fails(3, 2)],
  }),
  program({
    name: 'destructuring two fields that belong together',
    setup: () => ({ x: 1, y: 2, sum: 0 }),
    threads: [
      s => {
        const { x, y } = s
        s.sum = x + y
      },
      s => {
        s.x = 100
        s.y = 200
      },
    ],
    tasks: [
      async s => {
        const { x } = s
        await null
        const { y } = s
        s.sum = x + y
      },
      async s => {
        s.x = 100
        s.y = 200
      },
    ],
    invariant: s => s.sum === 3 || s.sum === 300,
    expected: [fails(4, 2), fails(3, 2)],
  }),
  program({
    name: 'an update in two phases',
    setup: () => ({ a: 0, b: 0 }),
    threads: s => {
      s.a = s.a + 1
      s.b = s.a
    },
    tasks: async s => {
      const next = s.a + 1
      s.a = next
      await null
      s.b = next
    },
    invariant: s => s.a === s.b,
    expected: [fails(16, 2), fails(4, 2)],
  }),
  program({
    name: 'Object.assign of something computed before',
    setup: () => ({ state: { a: 0, b: 0 } }),
    threads: [
      s => {
        s.state = Object.assign({}, s.state, { a: 1 })
      },
      s => {
        s.state = Object.assign({}, s.state, { b: 1 })
      },
    ],
    tasks: [
      async s => {
        const old = s.state
        const a = await one()
        s.state = Object.assign({}, old, { a })
      },
      async s => {
        const old = s.state
        const b = await one()
        s.state = Object.assign({}, old, { b })
      },
    ],
    invariant: ({ state }) => state.a === 1 && state.b === 1,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a spread merge',
    setup: () => ({ state: { a: 0, b: 0 } }),
    threads: [
      s => {
        s.state = { ...s.state, a: 1 }
      },
      s => {
        s.state = { ...s.state, b: 1 }
      },
    ],
    tasks: [
      async s => {
        s.state = { ...s.state, a: await one() }
      },
      async s => {
        s.state = { ...s.state, b: await one() }
      },
    ],
    invariant: ({ state }) => state.a === 1 && state.b === 1,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a missing entry filled by ??=',
    setup: () => ({ counts: {} as Record<string, number> }),
    threads: ({ counts }) => {
      counts.k ??= 0
      counts.k += 1
    },
    tasks: async ({ counts }) => {
      counts.k ??= 0
      counts.k += await one()
    },
    invariant: ({ counts }) => counts.k === 2,
    expected: [fails(26, 2), fails(6, 2)],
  }),
  program({
    name: 'an initialisation checked twice',
    setup: () => ({ cache: null as number | null, loads: 0 }),
    threads: s => {
      if (s.cache === null) {
        s.loads++
        s.cache = 42
      }
    },
    tasks: async s => {
      if (s.cache === null) {
        s.loads++
        const loaded = 41 + (await one())
        s.cache = loaded
      }
    },
    invariant: s => s.loads === 1,
    expected: [fails(10, 2), fails(6, 2)],
  }),
  program({
    name: 'a lazy field',
    setup: () => {
      class Lazy {
        made = 0
        #value: object | undefined
        now(): object {
          this.#value ??= this.make()
          return this.#value
        }
        async later(): Promise<object> {
          if (this.#value === undefined) {
            await null
            this.#value = this.make()
          }
          return this.#value
        }
        private make(): object {
          this.made = this.made + 1
          return {}
        }
      }
      return { lazy: new Lazy(), got: [] as object[] }
    },
    threads: (s, i) => {
      s.got[i] = s.lazy.now()
    },
    tasks: async (s, i) => {
      s.got[i] = await s.lazy.later()
    },
    invariant: ({ lazy, got }) => lazy.made === 1 && got[0] === got[1],
    expected: [fails(36, 3), fails(8, 3)],
  }),
  program({
    name: 'a value inherited from a layer below',
    setup: () => {
      const defaults = { value: 0 }
      return { defaults, settings: Object.create(defaults) as { value: number } }
    },
    threads: [
      ({ settings, defaults }) => {
        defaults.value = settings.value + 1
      },
      ({ defaults }) => {
        defaults.value = defaults.value + 1
      },
    ],
    tasks: [
      async ({ settings, defaults }) => {
        const { value } = settings
        await null
        defaults.value = value + 1
      },
      async ({ defaults }) => {
        defaults.value = defaults.value + (await one())
      },
    ],
    invariant: ({ defaults }) => defaults.value === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a prototype that is swapped',
    setup: () => {
      const old = { greet: () => 'old' }
      const fresh = { greet: () => 'fresh' }
      return { object: Object.create(old) as typeof old, fresh, heard: [] as string[] }
    },
    threads: [
      ({ object, heard }) => {
        const first = object.greet()
        const second = object.greet()
        heard.push(first, second)
      },
      ({ object, fresh }) => {
        Object.setPrototypeOf(object, fresh)
      },
    ],
    tasks: [
      async ({ object, heard }) => {
        const first = object.greet()
        await null
        const second = object.greet()
        heard.push(first, second)
      },
      async ({ object, fresh }) => {
        Object.setPrototypeOf(object, fresh)
      },
    ],
    invariant: ({ heard }) => heard[0] === heard[1],
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'a Map of defaults below a Map of settings',
    setup: () => ({ layers: [new Map([['k', 0]]), new Map<string, number>()] as Map<string, number>[] }),
    threads: ({ layers: [defaults, settings] }) => {
      const before = settings?.get('k') ?? defaults?.get('k') ?? 0
      settings?.set('k', before + 1)
    },
    tasks: async ({ layers: [defaults, settings] }) => {
      const before = settings?.get('k') ?? defaults?.get('k') ?? 0
      await null
      settings?.set('k', before + 1)
    },
    invariant: ({ layers }) => layers[1]?.get('k') === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
]
