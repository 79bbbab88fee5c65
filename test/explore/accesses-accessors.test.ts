import { expect, test } from 'vitest'
import { meet } from './support/act-pairs.js'

const counter = { n: 0 }

class Plain {
  value: number
  constructor() {
    const before = counter.n
    this.value = before + 1
    counter.n = this.value
  }
}

class Derived extends Plain {
  own: number
  constructor(start: number) {
    super()
    const before = counter.n
    this.own = before + start
    counter.n = this.own
  }
}

const setup = () => {
  counter.n = 0
  return {
    n: 0,
    get next() {
      const before = this.n
      this.n = before + 1
      return before
    },
    set added(amount: number) {
      const before = this.n
      this.n = before + amount
    },
    defined: Object.defineProperty({ n: 0 }, 'next', {
      get(this: { n: number }) {
        const before = this.n
        this.n = before + 1
        return before
      },
    }) as { n: number; readonly next: number },
    trapped: new Proxy({ n: 0 } as Record<string, number>, {
      get: (object, key) => {
        const before = object.n
        if (key === 'next') object.n = before + 1
        return before
      },
    }),
  }
}
type State = ReturnType<typeof setup>

/** Each reads and writes one place: as a plain read-modify-write of two threads, 4 traces, 2 of which lose one. */
const increments: Record<string, (s: State) => unknown> = {
  'a getter': s => s.next,
  'a setter': s => {
    s.added = 1
  },
  'a getter that was defined': s => s.defined.next,
  'a trap of a proxy': s => s.trapped.next,
}
const total = (s: State): string => String(s.n + s.defined.n + Reflect.get(s.trapped, 'n') + counter.n)

test.each(Object.entries(increments))('threads are interrupted in %s', async (_, act) => {
  const { threads, tasks, endings } = await meet(setup, [act, act], total)
  expect({ threads, tasks }).toEqual({ threads: 4, tasks: 2 })
  expect(endings.some(ending => ending.endsWith('1'))).toBe(true)
})

/** Base: a read and a write each. Derived: what the base class does is one step before that; of 20 orders, 4 differ only in two reads. */
const constructions: Record<string, [() => object, number]> = {
  'the constructor of a base class': [() => new Plain(), 4],
  'a derived constructor, after super': [() => new Derived(1), 16],
}

test.each(Object.entries(constructions))('threads are interrupted in %s', async (_, [make, traces]) => {
  const { threads, tasks, endings } = await meet(setup, [make, make], total)
  expect({ threads, tasks }).toEqual({ threads: traces, tasks: 2 })
  expect(new Set(endings).size).toBeGreaterThan(1)
})

test('a constructed object has what its constructor gave it, whoever comes in between', async () => {
  class Point {
    readonly label = `${counter.n}`
    constructor(
      x: number,
      readonly y = x,
    ) {
      counter.n += x
    }
  }
  class Named extends Point {
    #name: string
    constructor(name: string) {
      super(2)
      this.#name = name
      counter.n += 0
    }
    get text(): string {
      return `${this.#name}${this.y}${this.label}${this instanceof Named}`
    }
  }
  const { endings } = await meet(setup, [() => new Named('a').text, () => new Named('b').text])
  expect(endings.every(ending => /^a2\dtrue \| b2\dtrue \| $/.test(ending))).toBe(true)
})

test('what a getter throws, the access throws', async () => {
  const { endings } = await meet(
    () => ({
      n: 0,
      get broken(): number {
        this.n++
        throw new Error(`broken ${this.n}`)
      },
    }),
    [s => s.broken, s => s.broken],
  )
  expect(endings).toContain('threw broken 1 | threw broken 2 | ')
})
