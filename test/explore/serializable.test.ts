import { setTimeout as sleep } from 'node:timers/promises'
import { exploreDpor, exploreInterleavings, exploreMarkerInterleavings } from 'frontrun'
import { describe, expect, test } from 'vitest'

const setup = () => ({ balance: 100, log: [] as string[] })
type State = ReturnType<typeof setup>
const invariant = () => true

const deposit = (amount: number) => async (s: State) => {
  const current = s.balance
  await null // frontrun: write
  s.balance = current + amount
}
const racy = { setup, tasks: { alice: deposit(50), bob: deposit(20) }, invariant, serializable: true }

describe('a lost update is the end of no sequential order', () => {
  test('exploreDpor', async () => {
    const result = await exploreDpor({ ...racy, stopOnFirst: false })
    expect(result).toMatchObject({ propertyHolds: false, failureKind: 'serializability', numExplored: 4 })
    expect(result.failures.map(({ kind }) => kind)).toEqual(['serializability', 'serializability'])
    expect(result.explanation).toMatch(/^Serializability violation found after 4 interleavings\./)
    expect(result.explanation).toMatch(/Lost update: tasks alice and bob both read/)
    expect(result.explanation).toMatch(
      /The final state equals that of no sequential order of the tasks: \{ balance: 1[25]0, log: \[\] \}\n +One after the other \(alice, bob\): \{ balance: 170, log: \[\] \}\n/,
    )
    expect(result.reproductionSuccesses).toBe(10)
    const { replay } = result
    expect(await exploreDpor({ ...racy, replay })).toMatchObject({ failureKind: 'serializability' })
  })
  test('exploreInterleavings', async () => {
    expect((await exploreInterleavings(racy)).failureKind).toBe('serializability')
  })
  test('exploreMarkerInterleavings', async () => {
    const result = await exploreMarkerInterleavings({ ...racy, maxExecutions: 50 })
    expect(result.failureKind).toBe('serializability')
  })
  test('with a preemption bound', async () => {
    expect((await exploreDpor({ ...racy, preemptionBound: 1 })).failureKind).toBe('serializability')
  })
  test('threads', async () => {
    const increment = (s: State) => {
      s.balance += 1
    }
    const result = await exploreDpor({ setup, threads: [increment, increment], invariant, serializable: true })
    expect(result.failureKind).toBe('serializability')
  })
})

const holds = async (tasks: ((s: State) => unknown)[], rest: object = {}) => {
  const result = await exploreDpor({ setup, tasks, invariant, serializable: true, ...rest })
  expect(result.propertyHolds, result.explanation).toBe(true)
  expect(result.exhaustive, result.notExhaustiveBecause).toBe(true)
  return result
}

describe('holds', () => {
  const add = (name: string) => async (s: State) => {
    await null
    s.log.push(name)
  }
  test('where each order ends in another state', async () => {
    expect((await holds([add('a'), add('b'), add('c')])).numExplored).toBe(6)
  })
  test('whatever a task starts interleaves with itself', async () => {
    await holds([
      async s => {
        await Promise.all([add('a')(s), add('b')(s)])
      },
    ])
  })
  test.each(['explored', 'virtual'] as const)('with timers that each task waits for (%s)', async clock => {
    const late = (name: string) => async (s: State) => {
      await sleep(10)
      s.log.push(name)
      setTimeout(() => s.balance++, 5)
    }
    await holds([late('a'), late('b')], { clock })
  })
  test('by a function that hashes only what counts', async () => {
    await holds([deposit(50), deposit(20)], { serializable: (s: State) => s.log.length })
    const by = (serializable: (s: State) => unknown) => exploreDpor({ ...racy, serializable })
    expect((await by(s => [s.balance])).failureKind).toBe('serializability')
    await expect(by(async s => s.balance)).rejects.toThrow(/returned a promise/)
  })
  test('where one order cannot run, others count', async () => {
    let open = (): void => {}
    let opened = Promise.resolve()
    const fresh = () => {
      opened = new Promise(resolve => {
        open = resolve
      })
      return setup()
    }
    const tasks = [
      async (s: State) => {
        await opened
        s.log.push('waited')
      },
      async (s: State) => {
        s.log.push('opened')
        open()
      },
    ]
    await holds(tasks, { setup: fresh })
  })
})

test('tasks that need each other run in no sequential order: refused', async () => {
  const ask = (me: 'a' | 'b', other: 'a' | 'b') => async (s: State) => {
    s.log.push(me)
    while (!s.log.includes(other)) await null
  }
  const tasks = [ask('a', 'b'), ask('b', 'a')]
  await expect(exploreDpor({ setup, tasks, invariant, serializable: true })).rejects.toThrow(/in no order do they run/)
})

test('wrong values are refused', async () => {
  await expect(exploreDpor({ ...racy, serializable: 'yes' as never })).rejects.toThrow(/'serializable' must be/)
})
