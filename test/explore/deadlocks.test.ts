import { exploreDpor } from 'frontrun'
import { Condition, Event, Lock, Queue, RLock, Semaphore } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'
import { range } from './support/memory.js'

type Unit = 'tasks' | 'threads'
type Body<S> = (s: S) => unknown

/** The same program as tasks and as threads: `forks` by index, `flag` for what depends on data. */
const setup = () => ({ forks: range(4).map(() => new Lock()), flag: 0, done: 0 })
type Table = ReturnType<typeof setup>

const take = {
  tasks:
    (...forks: number[]): Body<Table> =>
    async s => {
      for (const fork of forks) await s.forks[fork].acquire()
      for (const fork of forks) s.forks[fork].release()
    },
  threads:
    (...forks: number[]): Body<Table> =>
    s => {
      for (const fork of forks) s.forks[fork].acquireSync()
      for (const fork of forks) s.forks[fork].release()
    },
}
const finishing = (s: Table) => {
  s.done++
}
const dataDependent = {
  tasks: async (s: Table) => {
    const order = s.flag === 1 ? [0, 1] : [1, 0]
    await take.tasks(...order)(s)
  },
  threads: (s: Table) => {
    const order = s.flag === 1 ? [0, 1] : [1, 0]
    take.threads(...order)(s)
  },
}
const flagged = {
  tasks: async (s: Table) => {
    s.flag = 1
    await null
    await take.tasks(0, 1)(s)
  },
  threads: (s: Table) => {
    s.flag = 1
    take.threads(0, 1)(s)
  },
}

/** Who waits for which thing, from the first of the circle on. */
async function failure<S>(unit: Unit, make: () => S, bodies: readonly Body<S>[]) {
  const start = performance.now()
  const result = await exploreDpor({ setup: make, [unit]: bodies, invariant: () => true, deadlockTimeout: 30_000 })
  const { cycle = [], tasks = [] } = result.deadlock ?? {}
  const told = (list: typeof cycle) => list.map(({ task, waitsFor, heldBy }) => [task, waitsFor, ...(heldBy ?? [])])
  expect(performance.now() - start).toBeLessThan(25_000)
  expect(result).toMatchObject({ failureKind: 'deadlock', reproductionSuccesses: 10 })
  return { cycle: told(cycle), blocked: told(tasks), story: result.explanation }
}

describe.each<Unit>(['tasks', 'threads'])('%s: a deadlock is found, with who waits for whom', unit => {
  const of = take[unit]
  const waits = (task: number, fork: number, holder: number) => [`${task}`, `lock state.forks[${fork}]`, `${holder}`]

  test('AB/BA', async () => {
    const { cycle, story } = await failure(unit, setup, [of(0, 1), of(1, 0)])
    expect(cycle).toEqual([waits(0, 1, 1), waits(1, 0, 0)])
    expect(story).toContain(`${unit} 0 and 1 wait for each other`)
  })

  test('three in a ring', async () => {
    const { cycle } = await failure(unit, setup, [of(0, 1), of(1, 2), of(2, 0)])
    expect(cycle).toEqual([waits(0, 1, 1), waits(1, 2, 2), waits(2, 0, 0)])
  })

  test('of one with itself', async () => {
    const { cycle, story } = await failure(unit, setup, [of(0, 0)])
    expect(cycle).toEqual([waits(0, 0, 0)])
    expect(story).toContain('which it holds itself')
  })

  test('of some, beside one that finishes', async () => {
    const { cycle, blocked } = await failure(unit, setup, [of(0, 1), finishing, of(1, 0)])
    expect(cycle).toEqual([waits(0, 1, 2), waits(2, 0, 0)])
    expect(blocked).toHaveLength(2)
  })

  test('that depends on data', async () => {
    const { cycle } = await failure(unit, setup, [dataDependent[unit], flagged[unit]])
    expect(cycle).toEqual([waits(0, 0, 1), waits(1, 1, 0)])
  })

  test.each([3, 4])('of %i philosophers', async n => {
    const { cycle } = await failure(
      unit,
      setup,
      range(n).map(i => of(i, (i + 1) % n)),
    )
    expect(cycle).toHaveLength(n)
  })

  test.each<[string, readonly Body<Table>[], number, number]>([
    ['AB/BA', [of(0, 1), of(1, 0)], 3, 1],
    ['AB/AB', [of(0, 1), of(0, 1)], 2, 0],
    ['AB/BA beside one that finishes', [of(0, 1), finishing, of(1, 0)], 3, 1],
    ['three philosophers', range(3).map(i => of(i, (i + 1) % 3)), 7, 1],
    ['three philosophers, the last one left-handed', [of(0, 1), of(1, 2), of(0, 2)], 6, 0],
    ['four philosophers', range(4).map(i => of(i, (i + 1) % 4)), 15, 1],
    ['one with itself', [of(0, 0)], 1, 1],
    ['one with itself, and another', [of(0, 0), of(0)], 2, 2],
  ])('%s: in %3$i of %2$i traces', async (_, bodies, traces, deadlocks) => {
    expect(await countTraces({ setup, [unit]: bodies })).toMatchObject({ explored: traces, deadlocks })
  })
})

describe('what somebody waits for is told', () => {
  const things = () => ({
    lock: new Lock(),
    condition: new Condition(),
    permits: new Semaphore(2),
    ready: new Event(),
    jobs: new Queue<number>(1),
    reentrant: new RLock(),
  })
  type Things = ReturnType<typeof things>
  const never = () => new Promise<void>(() => {})

  test.each<[string, Body<Things>[], unknown[]]>([
    ['an event', [s => s.ready.wait()], ['0', 'event things.ready to be set']],
    ['an item', [s => s.jobs.get()], ['0', 'queue things.jobs to have an item']],
    [
      'room',
      [
        async s => {
          await s.jobs.put(1)
          await s.jobs.put(2)
        },
      ],
      ['0', 'queue things.jobs to have room'],
    ],
    [
      'a queue that is not done',
      [
        async s => {
          s.jobs.putNowait(1)
          await s.jobs.join()
        },
      ],
      ['0', 'queue things.jobs to be done'],
    ],
    [
      'a notification',
      [s => s.condition.withLock(() => s.condition.wait())],
      ['0', 'condition things.condition to be notified'],
    ],
  ])('%s', async (_, tasks, expected) => {
    class AllThings {}
    const make = () => Object.assign(new AllThings(), things())
    const { blocked, cycle } = await failure('tasks', make, tasks)
    expect([blocked, cycle]).toEqual([[expected], []])
  })

  test('a permit, and all who hold one', async () => {
    const { blocked } = await failure('tasks', things, [
      s => s.permits.withPermit(never),
      s => s.permits.withPermit(never),
      s => s.permits.withPermit(never),
    ])
    expect(blocked.find(([, what]) => String(what).startsWith('semaphore'))).toMatchObject({ length: 4 })
  })

  test('a lock against a condition: who waits still holds an outer lock', async () => {
    const { blocked, story } = await failure('tasks', things, [
      s => s.lock.withLock(() => s.condition.withLock(() => s.condition.wait())),
      s => s.lock.withLock(() => s.condition.withLock(() => s.condition.notify())),
    ])
    expect(blocked).toContainEqual(['0', 'condition state.condition to be notified'])
    expect(story).toContain('Deadlock')
  })

  test('a lock against a promise that nobody settles', async () => {
    const { blocked } = await failure('tasks', things, [
      s => s.lock.withLock(() => new Promise(() => {})),
      s => s.lock.withLock(() => {}),
    ])
    expect(blocked[0]?.[1]).toMatch(/^a promise made at test\/explore\/deadlocks.test.ts:\d+$/)
    expect(blocked[1]).toEqual(['1', 'lock state.lock', '0'])
  })

  test('a re-entrant lock against another', async () => {
    const both = (first: 'lock' | 'reentrant', second: 'lock' | 'reentrant') => (s: Things) =>
      s[first].withLockSync(() => s[second].withLockSync(() => {}))
    const { cycle } = await failure('threads', things, [both('lock', 'reentrant'), both('reentrant', 'lock')])
    expect(cycle).toEqual([
      ['0', 'lock state.reentrant', '1'],
      ['1', 'lock state.lock', '0'],
    ])
  })
})

describe('a lost wake-up', () => {
  const lost = () => ({ condition: new Condition(new Lock()), ready: false })
  type Lost = ReturnType<typeof lost>

  test('is found: the flag is looked at before the lock is held', async () => {
    const { blocked } = await failure('threads', lost, [
      (s: Lost) => {
        if (s.ready) return
        s.condition.withLockSync(() => s.condition.waitSync())
      },
      (s: Lost) => {
        s.ready = true
        s.condition.withLockSync(() => s.condition.notify())
      },
    ])
    expect(blocked).toEqual([['0', 'condition state.condition to be notified']])
  })

  test.each<Unit>(['tasks', 'threads'])('%s: does not happen when both are done under the lock', async unit => {
    const bodies: Record<Unit, Body<Lost>[]> = {
      tasks: [
        s => s.condition.withLock(() => s.condition.waitFor(() => s.ready)),
        s =>
          s.condition.withLock(() => {
            s.ready = true
            s.condition.notify()
          }),
      ],
      threads: [
        s => s.condition.withLockSync(() => s.condition.waitForSync(() => s.ready)),
        s =>
          s.condition.withLockSync(() => {
            s.ready = true
            s.condition.notify()
          }),
      ],
    }
    expect(await countTraces({ setup: lost, [unit]: bodies[unit] })).toMatchObject({ explored: 2, deadlocks: 0 })
  })
})
