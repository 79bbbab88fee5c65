import { type ExploreDporOptions, exploreDpor, exploreInterleavings } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'

const { load, store, add, compareExchange, wait, notify } = Atomics

const setup = () => ({
  n: 0,
  other: 0,
  cells: new Int32Array(new SharedArrayBuffer(16)),
  bytes: new Int8Array(8),
  map: new Map<string, number>([['x', 0]]),
  record: {} as Record<string, number>,
  lock: new Lock(),
  resolve: (_: number): void => {},
  promise: Promise.resolve(0),
})
type State = ReturnType<typeof setup>
type Body = (s: State) => unknown
type Pairs = Record<string, [Body, Body]>

const explore = (unit: 'tasks' | 'threads', bodies: Body[], options: Partial<ExploreDporOptions<State>> = {}) =>
  exploreDpor({ setup, [unit]: bodies, invariant: () => true, errorOnAnyRace: true, ...options })

describe('threads: races', () => {
  const racy: Pairs = {
    'two increments': [s => s.n++, s => s.n++],
    'a write and a read': [s => (s.n = 1), s => s.n],
    'an Atomics operation and a plain one': [s => add(s.cells, 0, 1), s => s.cells[0]],
    'a plain write and a load': [s => (s.cells[0] = 1), s => load(s.cells, 0)],
    'operations of two sizes': [s => store(s.cells, 0, 1), s => load(new Int8Array(s.cells.buffer), 1)],
    'plain accesses of overlapping elements': [s => (s.cells[0] = 1), s => new Int16Array(s.cells.buffer)[1]],
    'a flag that is no Atomics operation': [
      s => {
        s.n = 1
        s.cells[0] = 1
      },
      s => s.cells[0] === 1 && s.n,
    ],
    'what is read whatever the flag says': [
      s => {
        s.n = 1
        store(s.cells, 0, 1)
      },
      s => {
        load(s.cells, 0)
        return s.n
      },
    ],
    'what is written after the flag': [
      s => {
        store(s.cells, 0, 1)
        s.n = 1
      },
      s => load(s.cells, 0) === 1 && s.n,
    ],
    'a lock that only one of them takes': [s => s.lock.withLockSync(() => s.n++), s => s.n++],
    'a new key, and a look at the keys': [s => (s.record.a = 1), s => Object.keys(s.record)],
    'one entry of a map': [s => s.map.set('x', 1), s => s.map.get('x')],
  }
  test.each(Object.entries(racy))('%s', async (_, bodies) => {
    const result = await explore('threads', bodies)
    expect(result.failureKind).toBe('race')
    expect(result.races?.length).toBeGreaterThan(0)
    expect(result.reproductionSuccesses).toBe(10)
  })

  const safe: Pairs = {
    'a lock': [s => s.lock.withLockSync(() => s.n++), s => s.lock.withLockSync(() => s.n++)],
    'a try-lock': [
      s => s.lock.withLockSync(() => s.n++),
      s => {
        if (!s.lock.tryAcquire()) return
        s.n++
        s.lock.release()
      },
    ],
    'Atomics operations': [s => add(s.cells, 0, 1), s => compareExchange(s.cells, 0, 0, 2)],
    'a flag, if it was seen': [
      s => {
        s.n = 1
        store(s.cells, 0, 1)
      },
      s => load(s.cells, 0) === 1 && s.n,
    ],
    'a lock made of compareExchange': [
      s => {
        if (compareExchange(s.cells, 0, 0, 1) === 0) {
          s.n++
          store(s.cells, 0, 0)
        }
      },
      s => {
        if (compareExchange(s.cells, 0, 0, 1) === 0) {
          s.n++
          store(s.cells, 0, 0)
        }
      },
    ],
    'wait and notify': [
      s => {
        s.n = 1
        store(s.cells, 0, 1)
        notify(s.cells, 0)
      },
      s => {
        wait(s.cells, 0, 0)
        return s.n
      },
    ],
    'two reads': [s => s.n, s => s.n],
    'two elements': [s => (s.cells[0] = 1), s => (s.cells[1] = 1)],
    'two new keys': [s => (s.record.a = 1), s => (s.record.b = 1)],
    'two entries of a map': [s => s.map.set('x', 1), s => s.map.set('y', 1)],
  }
  test.each(Object.entries(safe))('none: %s', async (_, bodies) => {
    const result = await explore('threads', bodies)
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })
})

describe('tasks', () => {
  const racy: Pairs = {
    'two increments, each in one step': [async s => s.n++, async s => s.n++],
    'a read in one step and a write in another': [
      async s => {
        const { n } = s
        await null
        s.other = n + 1
      },
      async s => {
        s.n = 1
      },
    ],
    'two calls that are not awaited': [
      async s => {
        const set = async (n: number) => {
          await null
          s.n = n
        }
        await Promise.all([set(1), set(2)])
      },
      async () => {},
    ],
  }
  test.each(Object.entries(racy))('%s', async (_, bodies) => {
    expect(await explore('tasks', bodies)).toMatchObject({ failureKind: 'race', reproductionSuccesses: 10 })
  })

  const safe: Pairs = {
    'a lock': [s => s.lock.withLock(async () => s.n++), s => s.lock.withLock(async () => s.n++)],
    'what is written before a promise is settled': [
      async s => {
        s.n = 1
        s.resolve(1)
      },
      async s => {
        await s.promise
        s.n++
      },
    ],
    'a task that is started, and awaited': [
      async s => {
        s.n = 1
        const child = async () => {
          await null
          s.n++
        }
        await child()
        s.n++
      },
      async () => {},
    ],
    'a timer that is set after the write': [
      async s => {
        s.n = 1
        setTimeout(() => s.n++, 5)
      },
      async () => {},
    ],
  }
  test.each(Object.entries(safe))('none: %s', async (_, bodies) => {
    const result = await explore('tasks', bodies, {
      setup: () => {
        const state = setup()
        state.promise = new Promise<number>(resolve => {
          state.resolve = resolve
        })
        return state
      },
    })
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })
})

test('the story names both accesses and their lines', async () => {
  const result = await exploreDpor({
    setup: () => ({ ready: new Int32Array(new SharedArrayBuffer(8)), message: '' }),
    threads: {
      sender: s => {
        s.message = 'hello'
        s.ready[1] = 1
      },
      receiver: s => s.ready[1] === 1 && s.message,
    },
    invariant: () => true,
    errorOnAnyRace: true,
  })
  expect(result.explanation).toMatch(/^Data race found after \d interleavings?\./)
  expect(result.explanation).toMatch(
    /Data race: thread (\w+) \w+ state\.ready\[1\] \(.*races\.test\.ts:\d+\), thread (\w+) \w+ it \(.*races\.test\.ts:\d+\), and nothing orders the two\./,
  )
  const [race] = result.races ?? []
  expect(race).toMatchObject({ location: 'state.ready[1]', first: { atomic: false }, second: { atomic: false } })
  expect(race.first.site?.line).not.toBe(race.second.site?.line)
  expect(new Set([race.first.task, race.second.task])).toEqual(new Set(['Thread sender', 'Thread receiver']))
})

test('without the option nothing is said of races', async () => {
  const result = await explore('threads', [s => s.n++, s => s.n++], { errorOnAnyRace: false })
  expect(result.propertyHolds).toBe(true)
  expect(result.races).toBeUndefined()
})

test('random schedules are looked at as well', async () => {
  const racy = await exploreInterleavings({
    setup,
    threads: [s => s.n++, s => s.n++],
    invariant: () => true,
    errorOnAnyRace: true,
  })
  expect(racy.failureKind).toBe('race')
})

test('anything but a boolean is refused', async () => {
  await expect(explore('threads', [() => {}], { errorOnAnyRace: 1 as never })).rejects.toThrow(
    "'errorOnAnyRace' must be true or false",
  )
})
