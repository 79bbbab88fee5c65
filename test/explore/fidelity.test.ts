import { exploreDpor, exploreInterleavings, exploreMarkerInterleavings, runWithSchedule } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { expect, test } from 'vitest'

const setup = (): string[] => []

const walk = async (log: string[], name: string): Promise<void> => {
  log.push(`${name}1`)
  await null
  log.push(`${name}2`)
}

/** How often each order of the log came up. */
async function orders(tasks: ((log: string[]) => unknown)[]): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const invariant = (log: string[]): undefined => void found.set(log.join(' '), (found.get(log.join(' ')) ?? 0) + 1)
  const result = await exploreDpor({ fidelity: 'engine', setup, tasks, invariant })
  result.assertHolds({ exhaustive: true })
  return found
}

test('roots begin one after the other, in macrotasks of their own or together', async () => {
  const found = await orders([log => walk(log, 'a'), log => walk(log, 'b')])
  expect(Object.fromEntries(found)).toEqual({
    'a1 a2 b1 b2': 1,
    'b1 b2 a1 a2': 1,
    'a1 b1 a2 b2': 1,
    'b1 a1 b2 a2': 1,
  })
})

test('roots that have nothing to do with each other begin in one order only', async () => {
  const result = await exploreDpor({
    fidelity: 'engine',
    setup: () => ({ x: [] as string[], y: [] as string[], z: [] as string[] }),
    tasks: [s => walk(s.x, 'a'), s => walk(s.y, 'b'), s => walk(s.z, 'c')],
    invariant: () => true,
  })
  expect([result.numExplored, result.exhaustive]).toEqual([1, true])
})

test('timers of different roots fire in any order, between whole macrotasks', async () => {
  const sleep = async (log: string[], name: string): Promise<void> => {
    await new Promise<void>(resolve => setTimeout(resolve, 5))
    await walk(log, name)
  }
  const found = await orders([log => sleep(log, 'a'), log => sleep(log, 'b')])
  expect([...found.keys()].sort()).toEqual(['a1 a2 b1 b2', 'b1 b2 a1 a2'])
})

test('a program that relies on the number of microtasks holds, and fails where awaits take any time', async () => {
  const tasks = [
    async (state: { ready: boolean; seen: boolean[] }) => {
      await null
      state.ready = true
    },
    async (state: { ready: boolean; seen: boolean[] }) => {
      for (let turn = 0; turn < 4; turn++) await null
      state.seen.push(state.ready)
    },
  ]
  const together = [(state: { ready: boolean; seen: boolean[] }) => Promise.all(tasks.map(task => task(state)))]
  const options = { setup: () => ({ ready: false, seen: [] as boolean[] }), tasks: together }
  const invariant = ({ seen }: { seen: boolean[] }): boolean => seen[0]
  const result = await exploreDpor({ ...options, invariant })
  expect([result.propertyHolds, result.onEventLoop, result.failures[0].onEventLoop]).toEqual([
    false,
    'impossible',
    'impossible',
  ])
  expect(result.explanation).toMatch(/A real event loop does not get there/)
  ;(await exploreDpor({ ...options, invariant, fidelity: 'engine' })).assertHolds({ exhaustive: true })
})

test('a counterexample tells who began with whom, and replays', async () => {
  const deposit = async (account: { balance: number }): Promise<void> => {
    const { balance } = account
    await null
    account.balance = balance + 1
  }
  const options = {
    setup: () => ({ balance: 0 }),
    tasks: [deposit, deposit],
    invariant: (account: { balance: number }) => account.balance === 2,
    fidelity: 'engine' as const,
  }
  const result = await exploreDpor(options)
  expect(result.counterexample).toEqual(['0+1'])
  expect(result.replay).toBe('fr1:t2e:0+1')
  expect(result.reproductionSuccesses).toBe(10)
  expect(result.explanation).toMatch(/Lost update[\s\S]*Task 0[\s\S]*Task 1[\s\S]*Task 0[\s\S]*Task 1/)
  const again = await exploreDpor({ ...options, replay: result.replay })
  expect([again.propertyHolds, again.failureKind]).toEqual([false, 'invariant'])
  await expect(exploreDpor({ ...options, fidelity: 'any', replay: result.replay })).rejects.toThrow(
    /fidelity: 'engine'/,
  )
  expect(await runWithSchedule([0, 1], options)).toEqual({ balance: 2 })
  const freely = await exploreDpor({ ...options, fidelity: 'any' })
  expect([freely.onEventLoop, freely.explanation]).toEqual(['possible', expect.stringMatching(/fidelity: 'engine'/)])
  const random = await exploreInterleavings(options)
  expect(random.propertyHolds).toBe(false)
})

test('a promise that nobody settles is a deadlock, known at once', async () => {
  const never = (): Promise<void> => new Promise(() => {})
  const tasks = [async (log: string[]) => walk(log, 'a').then(never)]
  const result = await exploreDpor({ fidelity: 'engine', setup, tasks, invariant: () => true })
  expect(result.failureKind).toBe('deadlock')
  expect(result.explanation).toMatch(/task 0 waits for a promise/)
})

test('locks are given in the order of asking', async () => {
  const tasks = ['a', 'b', 'c'].map(name => async ({ log, lock }: { log: string[]; lock: Lock }) => {
    await lock.withLock(() => walk(log, name))
  })
  const found = new Set<string>()
  const result = await exploreDpor({
    fidelity: 'engine',
    setup: () => ({ log: [] as string[], lock: new Lock() }),
    tasks: [state => Promise.all(tasks.map(task => task(state)))],
    invariant: ({ log }) => void found.add(log.join(' ')),
  })
  result.assertHolds({ exhaustive: true })
  expect([...found]).toEqual(['a1 a2 b1 b2 c1 c2'])
})

test('two tasks that take two locks in opposite orders get stuck, and the graph says so', async () => {
  const both = async (first: Lock, second: Lock): Promise<void> => {
    await first.acquire()
    await second.acquire()
    second.release()
    first.release()
  }
  const result = await exploreDpor({
    fidelity: 'engine',
    setup: () => ({ a: new Lock(), b: new Lock() }),
    tasks: [({ a, b }) => both(a, b), ({ a, b }) => both(b, a)],
    invariant: () => true,
  })
  expect(result.failureKind).toBe('deadlock')
  expect(result.deadlock?.cycle.length).toBe(2)
})

test('an endless chain of microtasks starves the event loop: a livelock', async () => {
  const result = await exploreDpor({
    fidelity: 'engine',
    setup: () => ({ ready: false }),
    tasks: [
      async state => {
        while (!state.ready) await null
      },
      async state => {
        state.ready = true
      },
    ],
    invariant: () => true,
    maxSteps: 1000,
  })
  expect(result.failureKind).toBe('livelock')
})

test('where it has no meaning it is refused', async () => {
  const options = { setup, invariant: () => true, fidelity: 'engine' as const }
  await expect(exploreDpor({ ...options, threads: [() => {}] })).rejects.toThrow(/no meaning for 'threads'/)
  await expect(exploreMarkerInterleavings({ ...options, tasks: { a: () => {} } })).rejects.toThrow(/stops at a marker/)
  const other = 'node' as 'engine'
  await expect(exploreDpor({ ...options, fidelity: other, tasks: [() => {}] })).rejects.toThrow(/'any' or 'engine'/)
})

test('where the event loop comes by a deadlock, what would have followed is not called impossible', async () => {
  const result = await exploreDpor({
    setup: () => ({ half: false }),
    tasks: [
      async state => {
        await null
        await null
        if (state.half) throw new Error('half done')
      },
      async state => {
        state.half = true
        await null
        state.half = false
        await new Promise(() => {})
      },
    ],
    invariant: () => true,
    stopOnFirst: false,
  })
  const verdicts = result.failures.map(({ kind, onEventLoop }) => `${kind} ${onEventLoop}`)
  expect([...new Set(verdicts)].sort()).toEqual(['deadlock possible', 'error unknown'])
})
