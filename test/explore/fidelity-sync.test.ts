import { exploreDpor } from 'frontrun'
import { Barrier, BoundedSemaphore, Condition, Event, Lock, Queue, RLock, Semaphore } from 'frontrun/sync'
import { expect, test } from 'vitest'

type Tasks<S> = ((state: S) => Promise<unknown>)[]

/** All ways in which the log ends. */
async function endings<S extends { log: string[] }>(setup: () => S, tasks: Tasks<S>): Promise<string[]> {
  const ends = new Set<string>()
  const invariant = ({ log }: S): undefined => void ends.add(log.join(' '))
  const result = await exploreDpor<S>({ fidelity: 'engine', setup, tasks, invariant })
  result.assertHolds({ exhaustive: true })
  return [...ends].sort()
}

const sleep = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1))

test.each([
  ['Lock', () => new Lock()],
  ['RLock', () => new RLock()],
  ['Semaphore', () => new Semaphore(1)],
  ['BoundedSemaphore', () => new BoundedSemaphore(1)],
])('%s: no two tasks are inside, across macrotasks either', async (_, make) => {
  const use =
    (name: string) => async (s: { log: string[]; lock: { acquire(): Promise<unknown>; release(): void } }) => {
      await s.lock.acquire()
      s.log.push(name)
      await sleep()
      s.log.push(name)
      s.lock.release()
    }
  const setup = () => ({ log: [] as string[], lock: make() })
  expect(await endings(setup, [use('a'), use('b')])).toEqual(['a a b b', 'b b a a'])
})

test('Event: who waits goes on in the macrotask in which it is set', async () => {
  const found = await endings(
    () => ({ log: [] as string[], event: new Event() }),
    [
      async s => {
        await s.event.wait()
        s.log.push('waited')
      },
      async s => {
        await sleep()
        s.log.push('set')
        s.event.set()
      },
    ],
  )
  expect(found).toEqual(['set waited'])
})

test('Condition: a notification wakes who has waited', async () => {
  const found = await endings(
    () => ({ log: [] as string[], condition: new Condition(), ready: false }),
    [
      async s => {
        await s.condition.acquire()
        while (!s.ready) await s.condition.wait()
        s.log.push('woken')
        s.condition.release()
      },
      async s => {
        await sleep()
        await s.condition.acquire()
        s.ready = true
        s.log.push('notify')
        s.condition.notify()
        s.condition.release()
      },
    ],
  )
  expect(found).toEqual(['notify woken'])
})

test('Barrier: nobody passes before all have come', async () => {
  const come = (name: string) => async (s: { log: string[]; barrier: Barrier }) => {
    await sleep()
    s.log.push(name)
    await s.barrier.wait()
    s.log.push('past')
  }
  const setup = () => ({ log: [] as string[], barrier: new Barrier(2) })
  expect(await endings(setup, [come('a'), come('b')])).toEqual(['a b past past', 'b a past past'])
})

test('Queue: what is put is got in order, and a full queue makes wait', async () => {
  const found = await endings(
    () => ({ log: [] as string[], queue: new Queue<string>(1) }),
    [
      async s => {
        for (const item of ['x', 'y', 'z']) await s.queue.put(item)
      },
      async s => {
        await sleep()
        for (let count = 0; count < 3; count++) s.log.push(await s.queue.get())
      },
    ],
  )
  expect(found).toEqual(['x y z'])
})

test('a wait that gives up does so at its time', async () => {
  const found = await endings(
    () => ({ log: [] as string[], event: new Event() }),
    [
      async s => {
        s.log.push(String(await s.event.wait({ timeout: 0.01 })))
      },
      async s => {
        await sleep()
        s.event.set()
      },
    ],
  )
  expect(found).toEqual(['false', 'true'])
})

test('a semaphore that nobody gives back is a deadlock, and told', async () => {
  const result = await exploreDpor({
    fidelity: 'engine',
    setup: () => new Semaphore(1),
    tasks: [s => s.acquire(), s => s.acquire()],
    invariant: () => true,
  })
  expect(result.failureKind).toBe('deadlock')
  expect(result.explanation).toMatch(/[Ss]emaphore/)
})
