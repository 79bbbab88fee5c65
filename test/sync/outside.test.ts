import { describe, expect, test } from 'vitest'
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Empty,
  Event,
  Full,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  RLock,
  Semaphore,
  ShutDown,
} from '../../dist/sync/index.js'

/** Lets everything that is ready go on. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await null
}

describe('Lock', () => {
  test('is held by one at a time, in the order of asking', async () => {
    const lock = new Lock()
    const log: string[] = []
    const use = (name: string) =>
      lock.withLock(async () => {
        log.push(`${name} in`)
        await null
        log.push(`${name} out`)
        return name
      })
    expect(await Promise.all(['a', 'b', 'c'].map(use))).toEqual(['a', 'b', 'c'])
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
    expect(lock.locked).toBe(false)
  })

  test('is given back when what runs under it throws', async () => {
    const lock = new Lock()
    await expect(lock.withLock(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(() =>
      lock.withLockSync(() => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(lock.locked).toBe(false)
  })

  test('may be given back by anybody, but only when it is held', () => {
    const lock = new Lock()
    expect(() => lock.release()).toThrow('not held')
    expect(lock.tryAcquire()).toBe(true)
    expect(lock.tryAcquire()).toBe(false)
    expect(lock.acquireSync({ blocking: false })).toBe(false)
    expect(() => lock.acquireSync()).toThrow('wait for ever')
    lock.release()
    expect(lock.acquireSync()).toBe(true)
  })

  test('is not waited for longer than asked', async () => {
    const lock = new Lock()
    await lock.acquire()
    const late = lock.acquire({ timeout: 1 })
    const patient = lock.acquire({ timeout: 60_000 })
    expect(await late).toBe(false)
    lock.release()
    expect(await patient).toBe(true)
    expect(() => lock.acquire({ timeout: -1 })).toThrow(RangeError)
  })
})

describe('RLock', () => {
  test('may be taken again by its owner, and has to be given back as often', async () => {
    const lock = new RLock()
    await lock.withLock(async () => {
      await null
      await lock.withLock(async () => expect(lock.locked).toBe(true))
      expect(lock.locked).toBe(true)
    })
    expect(lock.locked).toBe(false)
    lock.acquireSync()
    lock.acquireSync()
    lock.release()
    expect(lock.locked).toBe(true)
    lock.release()
    expect(() => lock.release()).toThrow('not owned')
  })

  test('keeps others out, who may not give it back', async () => {
    const lock = new RLock()
    const log: string[] = []
    const owner = () =>
      lock.withLock(async () => {
        await settle()
        await lock.acquire()
        log.push('owner')
        lock.release()
      })
    const other = async () => {
      await null
      expect(() => lock.release()).toThrow('not owned')
      await lock.withLock(async () => log.push('other'))
    }
    await Promise.all([owner(), other()])
    expect(log).toEqual(['owner', 'other'])
    const bare = async (name: string) => {
      await lock.acquire()
      log.push(`${name} in`)
      await settle()
      log.push(`${name} out`)
      lock.release()
    }
    await Promise.all([bare('a'), bare('b')])
    expect(log.slice(2)).toEqual(['a in', 'a out', 'b in', 'b out'])
  })
})

describe('Semaphore', () => {
  test('lets in as many as it has permits', async () => {
    const semaphore = new Semaphore(2)
    let inside = 0
    let most = 0
    const use = () =>
      semaphore.withPermit(async () => {
        most = Math.max(most, ++inside)
        await settle()
        inside--
      })
    await Promise.all([use(), use(), use(), use()])
    expect([most, semaphore.value, semaphore.locked]).toEqual([2, 2, false])
  })

  test('gets more permits by release, a bounded one does not', () => {
    const semaphore = new Semaphore(0)
    expect(semaphore.tryAcquire()).toBe(false)
    semaphore.release(2)
    expect(semaphore.value).toBe(2)
    expect(() => new BoundedSemaphore(1).release()).toThrow(RangeError)
    expect(() => new Semaphore(-1)).toThrow(RangeError)
    expect(() => semaphore.release(0)).toThrow(RangeError)
  })
})

describe('Event', () => {
  test('wakes everybody, also when it is cleared at once', async () => {
    const event = new Event()
    const waits = [event.wait(), event.wait()]
    event.set()
    event.clear()
    expect(await Promise.all(waits)).toEqual([true, true])
    expect(event.isSet()).toBe(false)
    expect(await event.wait({ timeout: 1 })).toBe(false)
    expect(event.waitSync({ timeout: 1 })).toBe(false)
    event.set()
    expect(await event.wait()).toBe(true)
    expect(event.waitSync()).toBe(true)
  })
})

describe('Condition', () => {
  test('wakes exactly as many as asked, the longest waiting first', async () => {
    const condition = new Condition()
    const log: number[] = []
    const wait = (name: number) =>
      condition.withLock(async () => {
        expect(await condition.wait()).toBe(true)
        log.push(name)
      })
    const all = [1, 2, 3, 4].map(wait)
    await settle()
    await condition.withLock(() => condition.notify(2))
    await settle()
    expect(log).toEqual([1, 2])
    await condition.withLock(() => condition.notifyAll())
    await Promise.all(all)
    expect(log).toEqual([1, 2, 3, 4])
  })

  test('takes the lock back as often as it was taken, and needs it to be held', async () => {
    const lock = new RLock()
    const condition = new Condition(lock)
    await expect(async () => condition.wait()).rejects.toThrow('not held')
    expect(() => condition.notify()).toThrow('not held')
    await lock.withLock(() =>
      lock.withLock(async () => {
        const waiting = condition.wait({ timeout: 1 })
        expect(lock.locked).toBe(false)
        expect(await waiting).toBe(false)
        expect(lock.locked).toBe(true)
      }),
    )
    expect(lock.locked).toBe(false)
  })

  test('waits for a predicate, no longer than asked', async () => {
    const condition = new Condition(new Lock())
    const items: number[] = []
    const consumer = condition.withLock(() => condition.waitFor(() => items[0]))
    await condition.withLock(() => condition.notify())
    items.push(7)
    await condition.withLock(() => condition.notify())
    expect(await consumer).toBe(7)
    expect(await condition.withLock(() => condition.waitFor(() => items[1], { timeout: 2 }))).toBe(undefined)
  })
})

describe('Barrier', () => {
  test('lets everybody go once all have come, again and again', async () => {
    let actions = 0
    const barrier = new Barrier(3, { action: () => actions++ })
    for (let round = 1; round <= 2; round++) {
      const places = await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()])
      expect([places, actions]).toEqual([[0, 1, 2], round])
    }
  })

  test('breaks by a time-out, by abort, by a failing action; reset mends it', async () => {
    const barrier = new Barrier(2)
    await expect(barrier.wait({ timeout: 1 })).rejects.toThrow(BrokenBarrierError)
    await expect(barrier.wait()).rejects.toThrow(BrokenBarrierError)
    barrier.reset()
    expect(barrier.broken).toBe(false)
    const waiting = barrier.wait()
    expect(barrier.nWaiting).toBe(1)
    barrier.abort()
    await expect(waiting).rejects.toThrow(BrokenBarrierError)
    const failing = new Barrier(2, {
      action: () => {
        throw new Error('no')
      },
    })
    const first = failing.wait()
    await expect(failing.wait()).rejects.toThrow('no')
    await expect(first).rejects.toThrow(BrokenBarrierError)
  })
})

describe('queues', () => {
  test('wait for items and for room', async () => {
    const queue = new Queue<number>(1)
    const got = [queue.get(), queue.get()]
    const put = [queue.put(1), queue.put(2), queue.put(3), queue.put(4)]
    expect(await Promise.all(got)).toEqual([1, 2])
    expect([queue.qsize(), queue.full(), queue.empty()]).toEqual([1, true, false])
    expect(() => queue.putNowait(5)).toThrow(Full)
    await expect(queue.put(5, { timeout: 1 })).rejects.toThrow(Full)
    expect([await queue.get(), queue.getNowait()]).toEqual([3, 4])
    await Promise.all(put)
    expect(() => queue.getNowait()).toThrow(Empty)
    await expect(queue.get({ block: false })).rejects.toThrow(Empty)
    await expect(queue.get({ timeout: 1 })).rejects.toThrow(Empty)
  })

  test('join waits until all is done', async () => {
    const queue = new Queue()
    await queue.join()
    queue.putNowait('a')
    queue.putNowait('b')
    let joined = false
    const join = queue.join().then(() => {
      joined = true
    })
    queue.getNowait()
    queue.taskDone()
    await settle()
    expect(joined).toBe(false)
    queue.taskDone()
    await join
    expect(() => queue.taskDone()).toThrow(RangeError)
  })

  test('a queue that is shut down takes nothing more, and gives what it has', async () => {
    const queue = new Queue<number>()
    const waiting = new Queue<number>().get()
    queue.putNowait(1)
    queue.shutdown()
    expect(() => queue.putNowait(2)).toThrow(ShutDown)
    expect(queue.getNowait()).toBe(1)
    expect(() => queue.getNowait()).toThrow(ShutDown)
    const other = new Queue<number>()
    const told = other.get()
    other.shutdown({ immediate: true })
    await expect(told).rejects.toThrow(ShutDown)
    void waiting
  })

  test('a line, a stack and a heap', () => {
    const [line, stack, heap] = [new Queue<number>(), new LifoQueue<number>(), new PriorityQueue<number>()]
    for (const queue of [line, stack, heap]) for (let i = 0; i < 200; i++) queue.putNowait((i * 67) % 200)
    const drain = (queue: Queue<number>) => Array.from({ length: 200 }, () => queue.getNowait())
    const put = Array.from({ length: 200 }, (_, i) => (i * 67) % 200)
    expect(drain(line)).toEqual(put)
    expect(drain(stack)).toEqual([...put].reverse())
    expect(drain(heap)).toEqual([...put].sort((a, b) => a - b))
  })

  test('a heap of pairs, equal ones in the order of putting', () => {
    const heap = new PriorityQueue<[number, string]>()
    for (const item of [
      [2, 'b'],
      [1, 'z'],
      [2, 'a'],
    ] as [number, string][])
      heap.putNowait(item)
    expect([heap.getNowait(), heap.getNowait(), heap.getNowait()]).toEqual([
      [1, 'z'],
      [2, 'a'],
      [2, 'b'],
    ])
    const jobs = new PriorityQueue<{ at: number; name: string }>(0, (a, b) => a.at - b.at)
    for (const name of ['first', 'second']) jobs.putNowait({ at: 1, name })
    expect([jobs.getNowait().name, jobs.getNowait().name]).toEqual(['first', 'second'])
  })
})
