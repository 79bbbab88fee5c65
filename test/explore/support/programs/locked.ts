import { Lock } from 'frontrun/sync'
import { holds, one, program } from './program.js'

const guarded = <S extends object>(state: S): S & { lock: Lock } => ({ ...state, lock: new Lock() })

interface Logged {
  lock: Lock
  log: string[]
  total: number
  last: string
}

/** Programs that a lock makes right. */
export const locked = [
  program({
    name: 'a counter under a lock',
    setup: () => guarded({ value: 0 }),
    threads: s =>
      s.lock.withLockSync(() => {
        s.value = s.value + 1
      }),
    tasks: s =>
      s.lock.withLock(async () => {
        const before = s.value
        await null
        s.value = before + 1
      }),
    invariant: s => s.value === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a lock released in finally, though its holder throws',
    setup: () => guarded({ value: 0, errors: 0 }),
    threads: s => {
      try {
        s.lock.withLockSync(() => {
          s.value = s.value + 1
          throw new Error('after the update')
        })
      } catch {
        s.lock.withLockSync(() => s.errors++)
      }
    },
    tasks: async s => {
      try {
        await s.lock.withLock(async () => {
          s.value += await one()
          throw new Error('after the update')
        })
      } catch {
        await s.lock.withLock(async () => s.errors++)
      }
    },
    invariant: s => s.value === 2 && s.errors === 2,
    expected: [holds(6), holds(6)],
  }),
  program({
    name: 'an error that is caught while the lock is held',
    setup: () => guarded({ value: 0 }),
    threads: s =>
      s.lock.withLockSync(() => {
        const before = s.value
        try {
          JSON.parse('{')
        } catch {
          s.value = before + 1
        }
      }),
    tasks: s =>
      s.lock.withLock(async () => {
        const before = s.value
        try {
          await Promise.reject(new Error('no'))
        } catch {
          s.value = before + 1
        }
      }),
    invariant: s => s.value === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'two locks taken in the same order',
    setup: () => ({ a: new Lock(), b: new Lock(), x: 0, y: 0 }),
    threads: s =>
      s.a.withLockSync(() => {
        s.b.withLockSync(() => {
          s.x++
          s.y++
        })
      }),
    tasks: s =>
      s.a.withLock(() =>
        s.b.withLock(async () => {
          s.x += await one()
          s.y = s.x
        }),
      ),
    invariant: s => s.x === 2 && s.y === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'locks nested three deep',
    setup: () => ({ locks: [new Lock(), new Lock(), new Lock()], value: 0 }),
    threads: ({ locks: [a, b, c], ...s }) =>
      a?.withLockSync(() => b?.withLockSync(() => c?.withLockSync(() => s.value))),
    tasks: ({ locks: [a, b, c] }) => a?.withLock(() => b?.withLock(() => c?.withLock(async () => one()))),
    invariant: () => true,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a closure under a lock',
    setup: () => {
      let count = 0
      const lock = new Lock()
      return {
        now: () =>
          lock.withLockSync(() => {
            count = count + 1
          }),
        later: () =>
          lock.withLock(async () => {
            count += await one()
          }),
        count: () => count,
      }
    },
    threads: s => s.now(),
    tasks: s => s.later(),
    invariant: s => s.count() === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'several updates in a loop, each under the lock',
    setup: () => guarded({ value: 0 }),
    threads: s => {
      for (let turn = 0; turn < 2; turn++)
        s.lock.withLockSync(() => {
          s.value = s.value + 1
        })
    },
    tasks: async s => {
      for (let turn = 0; turn < 2; turn++)
        await s.lock.withLock(async () => {
          s.value += await one()
        })
    },
    invariant: s => s.value === 4,
    expected: [holds(6), holds(6)],
  }),
  program({
    name: 'a long computation under a lock',
    setup: () => guarded({ value: 1 }),
    threads: s =>
      s.lock.withLockSync(() => {
        let value = s.value
        for (let turn = 0; turn < 100; turn++) value = (value * 31 + turn) % 1009
        s.value = value
      }),
    tasks: s =>
      s.lock.withLock(async () => {
        let { value } = s
        for (let turn = 0; turn < 100; turn++) value = (value * 31 + turn) % 1009
        await null
        s.value = value
      }),
    invariant: s => s.value !== 1,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a dictionary entry under a lock',
    setup: () => guarded({ counts: { k: 0 } as Record<string, number> }),
    threads: ({ lock, counts }) =>
      lock.withLockSync(() => {
        counts.k = (counts.k ?? 0) + 1
      }),
    tasks: ({ lock, counts }) =>
      lock.withLock(async () => {
        counts.k = (counts.k ?? 0) + (await one())
      }),
    invariant: ({ counts }) => counts.k === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'an append and its length under a lock',
    setup: () => guarded({ items: [] as number[], lengths: [] as number[] }),
    threads: s =>
      s.lock.withLockSync(() => {
        s.items.push(1)
        s.lengths.push(s.items.length)
      }),
    tasks: s =>
      s.lock.withLock(async () => {
        s.items.push(1)
        await null
        s.lengths.push(s.items.length)
      }),
    invariant: s => s.lengths.join() === '1,2',
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'length, then pop, under a lock',
    setup: () => guarded({ queue: [1], popped: 0 }),
    threads: s =>
      s.lock.withLockSync(() => {
        if (s.queue.length > 0) s.popped += s.queue.pop() as number
      }),
    tasks: s =>
      s.lock.withLock(async () => {
        if (s.queue.length > 0) {
          await null
          s.popped += s.queue.pop() as number
        }
      }),
    invariant: s => s.popped === 1,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a getter and a setter under a lock',
    setup: () =>
      guarded({
        box: {
          stored: 0,
          get value() {
            return this.stored
          },
          set value(value) {
            this.stored = value
          },
        },
      }),
    threads: ({ lock, box }) =>
      lock.withLockSync(() => {
        box.value = box.value + 1
      }),
    tasks: ({ lock, box }) =>
      lock.withLock(async () => {
        box.value = box.value + (await one())
      }),
    invariant: ({ box }) => box.stored === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a property of the global object under a lock',
    setup: () => {
      Reflect.set(globalThis, 'guardedCounter', 0)
      return guarded({})
    },
    threads: ({ lock }) =>
      lock.withLockSync(() => {
        Reflect.set(globalThis, 'guardedCounter', Reflect.get(globalThis, 'guardedCounter') + 1)
      }),
    tasks: ({ lock }) =>
      lock.withLock(async () => {
        const before = Reflect.get(globalThis, 'guardedCounter')
        await null
        Reflect.set(globalThis, 'guardedCounter', before + 1)
      }),
    invariant: () => Reflect.get(globalThis, 'guardedCounter') === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a swap under a lock',
    setup: () => guarded({ a: 1, b: 2, sum: 0 }),
    threads: [
      s =>
        s.lock.withLockSync(() => {
          ;[s.a, s.b] = [s.b, s.a]
        }),
      s =>
        s.lock.withLockSync(() => {
          s.sum = s.a + s.b
        }),
    ],
    tasks: [
      s =>
        s.lock.withLock(async () => {
          const { a, b } = s
          s.a = b
          await null
          s.b = a
        }),
      s =>
        s.lock.withLock(async () => {
          s.sum = s.a + s.b
        }),
    ],
    invariant: s => s.sum === 3,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'several fields changed together under a lock',
    setup: () => guarded({ log: [] as string[], total: 0, last: '' }),
    threads: ['a', 'b'].map(
      name => (s: Logged) =>
        s.lock.withLockSync(() => {
          s.log.push(name)
          s.total += s.log.length
          s.last = name
        }),
    ),
    tasks: ['a', 'b'].map(
      name => (s: Logged) =>
        s.lock.withLock(async () => {
          s.log.push(name)
          await null
          s.total += s.log.length
          s.last = name
        }),
    ),
    invariant: s => s.total === 3 && s.log.at(-1) === s.last,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'Reflect.get and Reflect.set under a lock',
    setup: () => guarded({ value: 0 }),
    threads: s => s.lock.withLockSync(() => Reflect.set(s, 'value', Reflect.get(s, 'value') + 1)),
    tasks: s =>
      s.lock.withLock(async () => {
        const before = Reflect.get(s, 'value')
        await null
        Reflect.set(s, 'value', before + 1)
      }),
    invariant: s => s.value === 2,
    expected: [holds(2), holds(2)],
  }),
  program({
    name: 'a lock handed from one worker to the other',
    setup: () => guarded({ turns: [] as number[] }),
    threads: [1, 2].map(turn => (s: { lock: Lock; turns: number[] }) => {
      s.lock.acquireSync()
      s.turns.push(turn)
      s.lock.release()
    }),
    tasks: [1, 2].map(turn => async (s: { lock: Lock; turns: number[] }) => {
      await s.lock.acquire()
      s.turns.push(turn)
      await null
      s.lock.release()
    }),
    invariant: s => s.turns.length === 2,
    expected: [holds(2), holds(2)],
  }),
]
