import { Condition, Event, Lock, Queue, RLock, Semaphore } from 'frontrun/sync'
import { holds, one, program } from './program.js'

/** Programs that other primitives than locks make right. */
export const synchronised = [
  program({
    name: 'a lock taken again by its owner',
    setup: () => ({ lock: new RLock(), value: 0 }),
    threads: s => {
      s.lock.acquireSync()
      s.lock.acquireSync()
      s.value = s.value + 1
      s.lock.release()
      s.lock.release()
    },
    tasks: async s => {
      await s.lock.acquire()
      await s.lock.acquire()
      s.value += await one()
      s.lock.release()
      s.lock.release()
    },
    invariant: s => s.value === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a semaphore of one permit',
    setup: () => ({ semaphore: new Semaphore(1), value: 0 }),
    threads: s => {
      s.semaphore.acquireSync()
      s.value = s.value + 1
      s.semaphore.release()
    },
    tasks: async s => {
      await s.semaphore.acquire()
      s.value += await one()
      s.semaphore.release()
    },
    invariant: s => s.value === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a semaphore of two permits, and no more inside',
    setup: () => ({ semaphore: new Semaphore(2), inside: 0, most: 0 }),
    threads: s => {
      s.semaphore.acquireSync()
      s.semaphore.release()
    },
    tasks: async s => {
      await s.semaphore.acquire()
      s.inside++
      s.most = Math.max(s.most, s.inside)
      await null
      s.inside--
      s.semaphore.release()
    },
    invariant: s => s.most <= 2,
    expected: [holds(6), holds(14)],
  }),
  program({
    name: 'an event between a write and a read',
    setup: () => ({ ready: new Event(), value: 0, seen: 0 }),
    threads: [
      s => {
        s.value = 42
        s.ready.set()
      },
      s => {
        s.ready.waitSync()
        s.seen = s.value
      },
    ],
    tasks: [
      async s => {
        s.value = await one()
        s.value += 41
        s.ready.set()
      },
      async s => {
        await s.ready.wait()
        s.seen = s.value
      },
    ],
    invariant: s => s.seen === 42,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a queue between a producer and a consumer',
    setup: () => ({ queue: new Queue<number>(), got: [] as number[] }),
    threads: [
      s => {
        s.queue.putSync(1)
        s.queue.putSync(2)
      },
      s => {
        s.got.push(s.queue.getSync())
        s.got.push(s.queue.getSync())
      },
    ],
    tasks: [
      async s => {
        await s.queue.put(1)
        await s.queue.put(2)
      },
      async s => {
        s.got.push(await s.queue.get())
        s.got.push(await s.queue.get())
      },
    ],
    invariant: s => s.got.join() === '1,2',
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a condition between a producer and a consumer',
    setup: () => ({ condition: new Condition(new Lock()), items: [] as number[], got: 0 }),
    threads: [
      s => {
        s.condition.acquireSync()
        s.items.push(7)
        s.condition.notify()
        s.condition.release()
      },
      s => {
        s.condition.acquireSync()
        while (s.items.length === 0) s.condition.waitSync()
        s.got = s.items.pop() as number
        s.condition.release()
      },
    ],
    tasks: [
      async s => {
        await s.condition.acquire()
        s.items.push(7)
        s.condition.notify()
        s.condition.release()
      },
      async s => {
        await s.condition.acquire()
        while (s.items.length === 0) await s.condition.wait()
        s.got = s.items.pop() as number
        s.condition.release()
      },
    ],
    invariant: s => s.got === 7,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a lock, an event and a queue together',
    setup: () => ({ lock: new Lock(), done: new Event(), queue: new Queue<number>(), total: 0 }),
    threads: [
      s => {
        s.queue.putSync(5)
        s.done.waitSync()
        s.lock.withLockSync(() => {
          s.total = s.total + 1
        })
      },
      s => {
        const item = s.queue.getSync()
        s.lock.withLockSync(() => {
          s.total = s.total + item
        })
        s.done.set()
      },
    ],
    tasks: [
      async s => {
        await s.queue.put(5)
        await s.done.wait()
        await s.lock.withLock(async () => {
          s.total += await one()
        })
      },
      async s => {
        const item = await s.queue.get()
        await s.lock.withLock(async () => {
          s.total = s.total + item
        })
        s.done.set()
      },
    ],
    invariant: s => s.total === 6,
    expected: [holds(2), holds(2)],
  }),
]
