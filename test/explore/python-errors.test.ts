import { exploreDpor } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { expect, test } from 'vitest'
import { countTraces } from './support/count.js'

/** What the Python library of the same name gets wrong, each under the name of the behaviour that is right. */

const setup = () => ({ v: 0, lock: new Lock(), log: new Map<string, number>([['a', 0]]) })
type State = ReturnType<typeof setup>

test('a lock hand-over is explored in both orders: threads', async () => {
  const assign = (value: number) => (s: State) =>
    s.lock.withLockSync(() => {
      s.v = value
    })
  const result = await exploreDpor({ setup, threads: [assign(1), assign(2)], invariant: s => s.v !== 1 })
  expect(result).toMatchObject({ propertyHolds: false, failureKind: 'invariant', numExplored: 2 })
})

test('the last step of a task is explored before the first of another', async () => {
  const assign = (value: number) => async (s: State) => {
    s.v = value
    await null
  }
  const result = await exploreDpor({ setup, tasks: [assign(1), assign(2)], invariant: s => s.v !== 1 })
  expect(result).toMatchObject({ propertyHolds: false, failureKind: 'invariant', numExplored: 2 })
})

test('three tasks under one async lock are no deadlock', async () => {
  const increment = async (s: State) => {
    await s.lock.acquire()
    const before = s.v
    await null
    s.v = before + 1
    s.lock.release()
  }
  const result = await exploreDpor({ setup, tasks: [increment, increment, increment], invariant: s => s.v === 3 })
  expect(result).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 6 })
})

test.each<[string, (s: State, value: number) => void]>([
  ['a property', (s, value) => (s.v = value)],
  ['a key of a Map', (s, value) => s.log.set('a', value)],
])('every access of a task to %s counts, not only its first', async (_, write) => {
  const writeTwice = (value: number) => (s: State) => {
    write(s, value)
    write(s, value + 1)
  }
  const threads = await countTraces({ setup, threads: [writeTwice(10), writeTwice(20)] })
  const tasks = await countTraces({
    setup,
    tasks: [10, 20].map(value => async (s: State) => {
      write(s, value)
      await null
      write(s, value + 1)
    }),
  })
  expect([threads.explored, tasks.explored]).toEqual([6, 6])
})

test('read-modify-writes of three tasks: 36 executions, not 90', async () => {
  const increment = async (s: State) => {
    const before = s.v
    await null
    s.v = before + 1
  }
  expect((await countTraces({ setup, tasks: [increment, increment, increment] })).explored).toBe(36)
})

test.each([
  ['timeoutPerRun', { timeoutPerRun: 20, maxSteps: 1e9 }, 'timeout'],
  ['maxSteps', { maxSteps: 50 }, 'livelock'],
])('an execution cut by %s is a failure, and the invariant is not asked', async (_, limits, kind) => {
  let asked = 0
  const result = await exploreDpor({
    setup,
    tasks: [
      async s => {
        for (;;) {
          s.v++
          await null
        }
      },
    ],
    invariant: () => {
      asked++
      return true
    },
    reproduceOnFailure: 0,
    ...limits,
  })
  expect(result).toMatchObject({ propertyHolds: false, exhaustive: false, failureKind: kind })
  expect(asked).toBe(0)
})

test('the story is of an order in which the update is lost', async () => {
  const increment = async (s: State) => {
    const before = s.v
    await null
    s.v = before + 1
  }
  const { explanation = '' } = await exploreDpor({ setup, tasks: [increment, increment], invariant: s => s.v === 2 })
  expect(explanation).toMatch(/Lost update: tasks 0 and 1 both read state\.v before either wrote it back/)
  const accesses = [...explanation.matchAll(/\[(read|write) state\.v = (\d)\]/g)].map(([, kind, value]) => kind + value)
  expect(accesses).toEqual(['read0', 'read0', 'write1', 'write1'])
})
