import { createRequire } from 'node:module'
import { Mutex, Semaphore } from 'async-mutex-fixed'
import { exploreDpor } from 'frontrun'
import pLimit from 'p-limit'
import PQueue from 'p-queue'
import { describe, expect, test } from 'vitest'

const require = createRequire(import.meta.url)
const AsyncLock = require('async-lock')
const { Mutex: AwaitMutex, Semaphore: AwaitSemaphore } = require('await-semaphore')

/** Runs `body` under the lock named by `name`. */
type Under = (name: 'a' | 'b', body: () => Promise<unknown>) => unknown

interface Kind {
  make(): Under & { a?: object; b?: object }
  /** What is waited for, as told. */
  told: string
}

const two =
  <L extends object>(make: () => L, under: (lock: L, body: () => Promise<unknown>) => unknown) =>
  () => {
    const locks = { a: make(), b: make() }
    return Object.assign((name: 'a' | 'b', body: () => Promise<unknown>) => under(locks[name], body), locks)
  }

const released = async (acquired: Promise<() => void>, body: () => Promise<unknown>) => {
  const release = await acquired
  await body()
  release()
}

const kinds: Record<string, Kind> = {
  'async-mutex, runExclusive': {
    make: two(
      () => new Mutex(),
      (lock, body) => lock.runExclusive(body),
    ),
    told: 'mutex',
  },
  'async-mutex, acquire': {
    make: two(
      () => new Mutex(),
      (lock, body) => released(lock.acquire(), body),
    ),
    told: 'mutex',
  },
  'async-mutex, release of the lock': {
    make: two(
      () => new Mutex(),
      async (lock, body) => {
        await lock.acquire()
        await body()
        lock.release()
      },
    ),
    told: 'mutex',
  },
  'async-mutex, Semaphore': {
    make: two(
      () => new Semaphore(1),
      (lock, body) => lock.runExclusive(body),
    ),
    told: 'semaphore',
  },
  'await-semaphore, use': {
    make: two(
      () => new AwaitSemaphore(1),
      (lock, body) => lock.use(body),
    ),
    told: 'semaphore',
  },
  'await-semaphore, acquire': {
    make: two(
      () => new AwaitMutex(),
      (lock, body) => released(lock.acquire(), body),
    ),
    told: 'mutex',
  },
  'p-limit, called as a method': {
    make: two(
      () => ({ limit: pLimit(1) }),
      (lock, body) => lock.limit(body),
    ),
    told: 'limit',
  },
  'p-limit': {
    make: two(
      () => pLimit(1),
      (limit, body) => limit(body),
    ),
    told: 'limit',
  },
  'p-queue': {
    make: two(
      () => new PQueue({ concurrency: 1 }),
      (queue, body) => queue.add(body),
    ),
    told: 'queue',
  },
  'async-lock': {
    make: () => {
      const lock = new AsyncLock()
      return Object.assign((name: 'a' | 'b', body: () => Promise<unknown>) => lock.acquire(name, body), { a: lock })
    },
    told: 'lock',
  },
}

describe.each(Object.entries(kinds))('%s', (_, { make, told }) => {
  const setup = () => {
    const under = make()
    return { under, a: under.a, b: under.b, x: 0 }
  }
  type State = ReturnType<typeof setup>
  const nested = (outer: 'a' | 'b', inner: 'a' | 'b') => (s: State) =>
    s.under(outer, async () => {
      await null
      await s.under(inner, async () => {})
    })
  const increment = (s: State) =>
    s.under('a', async () => {
      const before = s.x
      await null
      s.x = before + 1
    })

  test('keeps its word', async () => {
    const result = await exploreDpor({ setup, tasks: [increment, increment], invariant: s => s.x === 2 })
    expect(result.propertyHolds, result.explanation).toBe(true)
  })

  test('a deadlock of two is found without waiting, and told', async () => {
    const start = performance.now()
    const tasks = [nested('a', 'b'), nested('b', 'a')]
    const result = await exploreDpor({ setup, tasks, invariant: () => true, deadlockTimeout: 30_000 })
    expect(result.failureKind, result.explanation).toBe('deadlock')
    expect(performance.now() - start).toBeLessThan(25_000)
    const { cycle = [] } = result.deadlock ?? {}
    expect(cycle).toHaveLength(2)
    expect(cycle.map(({ waitsFor }) => waitsFor)).toEqual(
      cycle.map(() => expect.stringMatching(new RegExp(`^${told} `))),
    )
    expect(result.reproductionSuccesses).toBe(10)
  })

  test('of one with itself, too', async () => {
    const result = await exploreDpor({ setup, tasks: [nested('a', 'a')], invariant: () => true })
    expect(result.failureKind, result.explanation).toBe('deadlock')
    expect(result.deadlock?.cycle).toHaveLength(1)
  })
})
