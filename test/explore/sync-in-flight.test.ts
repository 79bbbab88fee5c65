import { exploreDpor } from 'frontrun'
import { Barrier, Condition, Lock, Queue, RLock, Semaphore } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'

/** What both tasks share; `seen` is what the observer found. */
const setup = () => {
  const taken = new Lock()
  taken.tryAcquire()
  const full = new Queue<number>(1)
  full.putNowait(0)
  return {
    lock: new Lock(),
    taken,
    reentrant: new RLock(),
    permits: new Semaphore(1),
    changed: new Condition(),
    both: new Barrier(2),
    jobs: new Queue<number>(),
    full,
    ready: false,
    x: 0,
    seen: '',
  }
}
type State = ReturnType<typeof setup>
type Body = (s: State) => Promise<void>

async function endings(bodies: Body[], fidelity: 'any' | 'engine'): Promise<string[]> {
  const seen = new Set<string>()
  const result = await exploreDpor({
    setup,
    tasks: bodies,
    invariant: s => {
      seen.add(s.seen)
    },
    fidelity,
    stopOnFirst: false,
  })
  expect(result.explanation).toBeUndefined()
  expect(result.exhaustive).toBe(true)
  expect(result.redundantRuns).toBe(0)
  return [...seen].sort()
}

/** What really comes about when the tasks begin together, in either order. */
async function realEndings(bodies: Body[]): Promise<string[]> {
  const seen = new Set<string>()
  for (const order of [bodies, [...bodies].reverse()]) {
    const state = setup()
    await Promise.all(order.map(body => body(state)))
    seen.add(state.seen)
  }
  return [...seen].sort()
}

const programs: [name: string, actor: Body, observer: Body, all: string[]][] = [
  [
    'a lock is held by one that has not gone on',
    async s => {
      await s.lock.acquire()
      s.x = 1
    },
    async s => {
      s.seen = `${s.lock.locked} ${s.x}`
    },
    ['false 0', 'true 0', 'true 1'],
  ],
  [
    'a lock is handed over to one that has not gone on',
    async s => {
      await s.taken.acquire()
      s.x = 1
    },
    async s => {
      s.taken.release()
      await null
      s.seen = `${s.taken.locked} ${s.x}`
    },
    ['false 0', 'true 0', 'true 1'],
  ],
  [
    'a reentrant lock',
    async s => {
      await s.reentrant.acquire()
      s.x = 1
    },
    async s => {
      s.seen = `${s.reentrant.locked} ${s.x}`
    },
    ['false 0', 'true 0', 'true 1'],
  ],
  [
    'the body of withLock has not begun',
    async s => {
      await s.lock.withLock(async () => {
        s.x = 1
      })
    },
    async s => {
      s.seen = `${s.lock.locked} ${s.x}`
    },
    ['false 0', 'false 1', 'true 0', 'true 1'],
  ],
  [
    'a permit is taken',
    async s => {
      await s.permits.acquire()
      s.x = 1
    },
    async s => {
      s.seen = `${s.permits.value} ${s.x}`
    },
    ['0 0', '0 1', '1 0'],
  ],
  [
    'an item was put by one that has not gone on',
    async s => {
      await s.jobs.put(1)
      s.x = 1
    },
    async s => {
      await s.jobs.get()
      s.seen = `${s.x}`
    },
    ['0', '1'],
  ],
  [
    'an item was taken, and nobody is at work yet: the queue is empty too early',
    async s => {
      await s.full.get()
      s.x = 1
    },
    async s => {
      s.seen = s.full.empty() && s.x === 0 ? 'early' : 'in time'
    },
    ['early', 'in time'],
  ],
  [
    'room in a full queue is for one who waits for it',
    async s => {
      await s.full.put(1)
      s.x = 1
    },
    async s => {
      await s.full.get()
      s.seen = `${s.full.qsize()} ${s.x}`
    },
    ['0 0', '1 0', '1 1'],
  ],
  [
    'a barrier has opened for one that has not gone on',
    async s => {
      await s.both.wait()
      s.x = 1
    },
    async s => {
      await s.both.wait()
      s.seen = `${s.x}`
    },
    ['0', '1'],
  ],
]

describe('between what an async method does and the code after its await others run', () => {
  test.each(programs)('%s', async (_, actor, observer, all) => {
    expect(await endings([actor, observer], 'any')).toEqual(all)
  })

  test('one is notified, has the lock back, and has not gone on', async () => {
    const seen = await endings(
      [
        async s => {
          await s.changed.acquire()
          while (!s.ready) await s.changed.wait()
          s.x = 1
          s.changed.release()
        },
        async s => {
          await s.changed.acquire()
          s.ready = true
          s.changed.notify()
          s.changed.release()
          await null
          s.seen = `${(s.changed.lock as RLock).locked} ${s.x}`
        },
      ],
      'any',
    )
    expect(seen).toEqual(['false 0', 'false 1', 'true 0'])
  })
})

describe('with the order of the engine', () => {
  test.each(programs)(
    '%s: what really comes about, and nothing but what any order gives',
    async (_, actor, observer, all) => {
      const engine = await endings([actor, observer], 'engine')
      expect(engine).toEqual(expect.arrayContaining(await realEndings([actor, observer])))
      expect(all).toEqual(expect.arrayContaining(engine))
    },
  )

  test('who waits for an item keeps nobody out who brings one', async () => {
    const result = await exploreDpor({
      setup,
      tasks: [s => s.jobs.get().then(job => (s.x = job)), s => s.jobs.put(1)],
      invariant: s => s.x === 1,
      fidelity: 'engine',
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.exhaustive).toBe(true)
  })
})
