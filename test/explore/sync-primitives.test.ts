import { exploreDpor } from 'frontrun'
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  PriorityQueue,
  Queue,
  RLock,
  Semaphore,
} from 'frontrun/sync'
import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'
import { repeated } from './support/memory.js'

const setup = () => ({
  lock: new Lock(),
  reentrant: new RLock(),
  two: new Semaphore(2),
  one: new BoundedSemaphore(1),
  ready: new Event(),
  changed: new Condition(new Lock()),
  start: new Barrier(2),
  jobs: new Queue<number>(1),
  x: 0,
  items: 0,
  log: '',
})
type State = ReturnType<typeof setup>
type Body = (s: State) => unknown
type Unit = 'tasks' | 'threads'

const increment = (s: State) => {
  s.x = s.x + 1
}
const slowIncrement = async (s: State) => {
  const before = s.x
  await null
  s.x = before + 1
}

/** A monitor over a buffer of one: a lock and two conditions, as the textbook has it. */
const buffer = () => {
  const lock = new Lock()
  return { notFull: new Condition(lock), notEmpty: new Condition(lock), items: 0 }
}
type Buffer = ReturnType<typeof buffer>
const produce = (s: Buffer) =>
  s.notFull.withLockSync(() => {
    while (s.items >= 1) s.notFull.waitSync()
    s.items++
    s.notEmpty.notify()
  })
const consume = (s: Buffer) =>
  s.notEmpty.withLockSync(() => {
    while (s.items === 0) s.notEmpty.waitSync()
    s.items--
    s.notFull.notify()
  })

const twice = (body: (s: Buffer) => void) => (s: Buffer) => {
  body(s)
  body(s)
}

describe('as many executions as traces', () => {
  test.each<[string, Unit, Body[], number, string]>([
    ['a locked increment ×2', 'threads', repeated(2, s => s.lock.withLockSync(() => increment(s))), 2, 'x=2'],
    ['a locked increment ×3', 'threads', repeated(3, s => s.lock.withLockSync(() => increment(s))), 6, 'x=3'],
    ['by a re-entrant lock ×3', 'threads', repeated(3, s => s.reentrant.withLockSync(() => increment(s))), 6, 'x=3'],
    ['by one permit ×3', 'threads', repeated(3, s => s.one.withPermitSync(() => increment(s))), 6, 'x=3'],
    ['across an await ×2', 'tasks', repeated(2, s => s.lock.withLock(() => slowIncrement(s))), 2, 'x=2'],
    [
      'across an await ×3, by one permit',
      'tasks',
      repeated(3, s => s.one.withPermit(() => slowIncrement(s))),
      6,
      'x=3',
    ],
    [
      'across an await ×3, re-entrant',
      'tasks',
      repeated(3, s => s.reentrant.withLock(() => slowIncrement(s))),
      6,
      'x=3',
    ],
    ['two permits for two', 'threads', repeated(2, s => s.two.withPermitSync(() => {})), 6, 'x=0'],
  ])('%s', async (_, unit, bodies, traces, outcome) => {
    const counted = await countTraces({ setup, [unit]: bodies, outcome: s => `x=${s.x}` })
    expect(counted).toEqual({ explored: traces, deadlocks: 0, outcomes: { [outcome]: traces }, redundant: 0 })
  })

  test('a check and an act in two critical sections ×2: 6, of which 2 lose nothing', async () => {
    const checkThenAct: Body = s => {
      const seen = s.lock.withLockSync(() => s.x)
      s.lock.withLockSync(() => {
        s.x = seen + 1
      })
    }
    const counted = await countTraces({ setup, threads: repeated(2, checkThenAct), outcome: s => `x=${s.x}` })
    expect(counted).toMatchObject({ explored: 6, outcomes: { 'x=1': 4, 'x=2': 2 } })
  })

  test.each<[number, ((s: Buffer) => void)[], number]>([
    [1, [produce, consume], 2],
    [2, [twice(produce), twice(consume)], 8],
  ])('a bounded buffer of one, %i items: %2$i', async (_, threads, traces) => {
    const counted = await countTraces({ setup: buffer, threads, outcome: s => `items=${s.items}` })
    expect(counted).toEqual({ explored: traces, deadlocks: 0, outcomes: { 'items=0': traces }, redundant: 0 })
  })

  test('two permits do not exclude: two in threads lose an update', async () => {
    const { outcomes } = await countTraces({
      setup,
      threads: repeated(2, (s: State) => s.two.withPermitSync(() => increment(s))),
      outcome: s => `x=${s.x}`,
    })
    expect(Object.keys(outcomes).sort()).toEqual(['x=1', 'x=2'])
  })
})

/** Explores it, and holds it to its word: what it expects is so in every execution. */
async function holds(body: Body | Body[], options: object = {}): Promise<void> {
  const result = await exploreDpor({ setup, tasks: [body].flat(), invariant: () => true, ...options })
  expect(result.exhaustive && result.propertyHolds, result.explanation).toBe(true)
}

describe('what is asked for without waiting', () => {
  test('is done at once if it can be', () =>
    holds(async s => {
      const taken = s.lock.acquire()
      expect([s.lock.locked, s.lock.tryAcquire()]).toEqual([true, false])
      await taken
      s.lock.release()
    }))

  test('is done in the order of asking, for each task', () =>
    holds(async s => {
      const queue = new Queue<number>(1)
      const puts = [queue.put(1), queue.put(2), queue.put(3)]
      expect([await queue.get(), await queue.get(), await queue.get()]).toEqual([1, 2, 3])
      await Promise.all(puts)
      s.log += 'done'
    }))

  test('does not hold up who asked', async () => {
    const { outcomes } = await countTraces({
      setup,
      tasks: [
        async s => {
          const use = async () => {
            await s.lock.acquire()
            s.log += 'u'
            s.lock.release()
          }
          const using = use()
          s.log += 'w'
          await using
        },
        s => s.lock.withLock(() => null),
      ],
      outcome: s => s.log,
    })
    expect(Object.keys(outcomes)).toEqual(['wu'])
  })
})

describe('time-outs', () => {
  test('are virtual, and come about only while what is asked for is not possible', async () => {
    const start = performance.now()
    const hour = { timeout: 3_600_000 }
    const nameOf = (error: Error) => error.name
    const body: Body = async s => {
      s.log += `${await s.lock.acquire(hour)} ${await s.lock.acquire(hour)} ${await s.ready.wait(hour)} `
      s.log += `${await s.jobs.get(hour).catch(nameOf)} ${await s.start.wait(hour).catch(nameOf)}`
    }
    await holds(body, { invariant: (s: State) => s.log === 'true false false Empty BrokenBarrierError' })
    expect(performance.now() - start).toBeLessThan(4000)
  })

  test.each<Unit>(['tasks', 'threads'])('%s: both ways are explored while somebody else has it', async unit => {
    const holder = {
      tasks: (s: State) => s.lock.withLock(() => Promise.resolve()),
      threads: (s: State) => s.lock.withLockSync(() => {}),
    }
    const hasty = {
      tasks: async (s: State) => {
        s.log = String(await s.lock.acquire({ timeout: 10 }))
      },
      threads: (s: State) => {
        s.log = String(s.lock.acquireSync({ timeout: 10 }))
      },
    }
    const explored = await countTraces({ setup, [unit]: [holder[unit], hasty[unit]], outcome: s => s.log })
    expect(explored).toMatchObject({ outcomes: { true: expect.any(Number), false: expect.any(Number) } })
  })

  test("with clock: 'virtual' they wait until nothing else can run", async () => {
    const { outcomes } = await countTraces({
      setup,
      clock: 'virtual',
      tasks: [
        s => s.lock.withLock(() => Promise.resolve()),
        async s => {
          s.log = String(await s.lock.acquire({ timeout: 10 }))
          s.lock.release()
        },
      ],
      outcome: s => s.log,
    })
    expect(Object.keys(outcomes)).toEqual(['true'])
  })
})

describe('conditions', () => {
  const waiter = (name: string) => (s: State) =>
    s.changed.withLock(async () => {
      s.log += `(${name}`
      s.items++
      await s.changed.wait()
      s.log += `${name})`
    })

  test('wake those who have waited longest, who then compete for the lock', async () => {
    const { outcomes } = await countTraces({
      setup,
      tasks: [
        waiter('a'),
        waiter('b'),
        async s => {
          await s.changed.withLock(() => s.changed.waitFor(() => s.items >= 2, { timeout: 1 }))
          await s.changed.withLock(() => s.changed.notify(s.items === 2 ? 1 : 0))
          await s.changed.withLock(() => s.changed.notifyAll())
        },
      ],
      clock: 'virtual',
      outcome: s => s.log,
    })
    // Who came first goes on first, unless both are woken before either has the lock.
    expect(Object.keys(outcomes).every(log => ['(a(ba)b)', '(b(ab)a)', '(a(bb)a)', '(b(aa)b)'].includes(log))).toBe(
      true,
    )
  })

  test('are used by who holds the lock', () =>
    holds(s => {
      expect(() => s.changed.notify()).toThrow('not held')
      expect(() => s.changed.wait()).toThrow('not held')
    }))

  test('in threads, by the thread that holds it', () =>
    exploreDpor({
      setup,
      threads: [
        s => s.changed.withLockSync(() => {}),
        s => {
          expect(() => s.changed.notify()).toThrow('not held')
        },
      ],
      invariant: () => true,
    }).then(result => result.assertHolds({ exhaustive: true })))
})

describe('ownership', () => {
  test('a re-entrant lock is its owner’s, to take again and to give back', () =>
    holds([
      s =>
        s.reentrant.withLock(async () => {
          await null
          await s.reentrant.acquire()
          await slowIncrement(s)
          s.reentrant.release()
          expect(s.reentrant.locked).toBe(true)
        }),
      async s => {
        await null
        expect(() => s.reentrant.release()).toThrow('not owned')
        await s.reentrant.withLock(() => slowIncrement(s))
      },
    ]))

  test('what the owner starts acts for it', () =>
    holds(s => s.reentrant.withLock(() => Promise.all([s.reentrant.withLock(() => 1), s.reentrant.withLock(() => 2)]))))

  test('too many permits given back are an error', () => holds(s => expect(() => s.one.release()).toThrow(RangeError)))
})

describe('the rest', () => {
  test('everybody passes a barrier together, and knows who came when', async () => {
    const { outcomes } = await countTraces({
      setup,
      tasks: repeated(2, async (s: State) => {
        s.x++
        const place = await s.start.wait()
        expect(s.x).toBe(2)
        s.log += place
      }),
      outcome: s => [...s.log].sort().join(''),
    })
    expect(Object.keys(outcomes)).toEqual(['01'])
  })

  test('the action of a barrier runs before anybody goes on', async () => {
    const result = await exploreDpor({
      setup: () => {
        const state = { x: 0, start: null as unknown as Barrier }
        state.start = new Barrier(2, {
          action: () => {
            state.x = 1
          },
        })
        return state
      },
      tasks: repeated(2, async (s: { x: number; start: Barrier }) => {
        await s.start.wait()
        expect(s.x).toBe(1)
      }),
      invariant: s => s.x === 1,
    })
    result.assertHolds({ exhaustive: true })
  })

  test('a queue passes on what is put in, in order; join waits until it is done', async () => {
    const { outcomes } = await countTraces({
      setup,
      tasks: [
        async s => {
          await s.jobs.put(1)
          await s.jobs.put(2)
          await s.jobs.join()
          expect(s.log).toBe('12')
        },
        async s => {
          for (let i = 0; i < 2; i++) {
            s.log += await s.jobs.get()
            s.jobs.taskDone()
          }
        },
      ],
      outcome: s => s.log,
    })
    expect(Object.keys(outcomes)).toEqual(['12'])
  })

  test('a priority queue gives the smallest of what is there', async () => {
    const { outcomes } = await countTraces({
      setup: () => ({ jobs: new PriorityQueue<number>(), log: '' }),
      tasks: [
        s => {
          s.jobs.putNowait(2)
          s.jobs.putNowait(1)
        },
        async s => {
          s.log = `${await s.jobs.get()}${await s.jobs.get()}`
        },
      ],
      outcome: s => s.log,
    })
    expect(Object.keys(outcomes)).toEqual(['12'])
  })

  test('what outlives executions begins each one as it was made', async () => {
    const jobs = new Queue<number>()
    const lock = new Lock()
    const result = await exploreDpor({
      setup: () => ({ x: 0 }),
      tasks: repeated(2, async (s: { x: number }) => {
        await lock.acquire()
        expect(jobs.qsize()).toBe(s.x)
        jobs.putNowait(s.x++)
        if (s.x < 2) lock.release()
      }),
      invariant: s => s.x === 2,
    })
    result.assertHolds()
    expect([jobs.qsize(), lock.locked]).toEqual([0, false])
  })
})
