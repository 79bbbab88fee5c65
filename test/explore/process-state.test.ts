import { createRequire } from 'node:module'
import timersPromises, { setTimeout as namedSleep } from 'node:timers/promises'
import { exploreDpor, type InterleavingResult } from 'frontrun'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { snapshotProcess } from '../support/process-snapshot.js'

const require = createRequire(import.meta.url)

const setup = () => ({ x: 0 })
type State = ReturnType<typeof setup>
const increment = async (s: State) => {
  const before = s.x
  await null
  s.x = before + 1
}
const racy = { setup, tasks: [increment, increment], invariant: (s: State) => s.x === 2 }
const nativeSetTimeout = setTimeout

describe('the process is as it was before', () => {
  let before: ReturnType<typeof snapshotProcess>
  // Node replaces some lazy getters of globalThis at their first use, whoever's that is.
  beforeAll(() => exploreDpor(racy))
  beforeEach(() => {
    before = snapshotProcess()
  })
  afterEach(() => {
    const after = snapshotProcess()
    expect([...after.keys()]).toEqual([...before.keys()])
    expect([...after].filter(([name, value]) => !Object.is(value, before.get(name))).map(([name]) => name)).toEqual([])
    expect(setTimeout).toBe(nativeSetTimeout)
    expect(timersPromises.setTimeout).toBe(namedSleep)
    expect(require('node:timers').setTimeout).toBe(nativeSetTimeout)
  })

  test('after an exploration that held', async () => {
    expect((await exploreDpor({ ...racy, invariant: s => s.x > 0 })).exhaustive).toBe(true)
  })

  test('after a violation, its story and its replays', async () => {
    expect((await exploreDpor(racy)).reproductionSuccesses).toBe(10)
  })

  test('after timers, dates, random numbers and rejections', async () => {
    const result = await exploreDpor({
      setup: async () => {
        await new Promise(resolve => setTimeout(resolve, 1000))
        return { at: Date.now(), by: Math.random(), id: crypto.randomUUID(), since: performance.now() }
      },
      tasks: [
        async s => {
          await namedSleep(s.since)
          queueMicrotask(() => void Promise.reject(new Error('left')))
        },
      ],
      invariant: () => true,
    })
    expect(result.failureKind).toBe('error')
  })

  test.each<[string, () => unknown]>([
    [
      'setup',
      () =>
        exploreDpor({
          ...racy,
          setup: () => {
            throw new Error('no')
          },
        }),
    ],
    ['the invariant', () => exploreDpor({ ...racy, invariant: () => 7 as never })],
    ['the options', () => exploreDpor({ ...racy, search: 'none' })],
    ['the replay string', () => exploreDpor({ ...racy, replay: 'fr1:t2:0x3' })],
    [
      'onProgress',
      () =>
        exploreDpor({
          ...racy,
          onProgress: () => {
            throw new Error('no')
          },
        }),
    ],
  ])('after an error of %s', async (_, explore) => {
    await expect(explore()).rejects.toThrow()
  })

  test('after a deadlock, a livelock and a time-out', async () => {
    const only = (task: () => unknown, rest: object) =>
      exploreDpor({ setup, tasks: [task], invariant: () => true, reproduceOnFailure: 0, ...rest })
    expect((await only(() => new Promise(() => {}), {})).failureKind).toBe('deadlock')
    const forEver = async () => {
      for (let turns = 0; ; turns++) if (turns >= 0) await null
    }
    expect((await only(forEver, { maxSteps: 100 })).failureKind).toBe('livelock')
    expect((await only(forEver, { timeoutPerRun: 20, maxSteps: 1e9 })).failureKind).toBe('timeout')
  })

  test('after a second exploration was refused', async () => {
    const first = exploreDpor(racy)
    await expect(exploreDpor(racy)).rejects.toThrow(/another exploration is under way.*Await it/s)
    expect((await first).failureKind).toBe('invariant')
  })

  test('after one inside another was refused', async () => {
    const nested = async () => {
      await exploreDpor(racy)
    }
    const result = await exploreDpor({
      setup,
      tasks: [nested, increment],
      invariant: () => true,
      reproduceOnFailure: 0,
    })
    expect(result.failureKind).toBe('error')
    expect(result.failures[0].message).toMatch(/an exploration was started inside another one/)
  })
})

describe('explorations of one process', () => {
  test('work one after the other', async () => {
    const results: InterleavingResult[] = []
    for (let i = 0; i < 5; i++) results.push(await exploreDpor({ ...racy, stopOnFirst: false }))
    expect(results.map(({ numExplored, replay }) => [numExplored, replay])).toEqual(
      results.map(() => [4, results[0].replay]),
    )
  })

  test('leave alone what others do meanwhile', async () => {
    const started = Date.now()
    let fired = 0
    const timer = setTimeout(() => fired++, 1)
    const exploration = exploreDpor({
      setup: async () => {
        await new Promise(resolve => setTimeout(resolve, 100_000))
        return { x: 0 }
      },
      tasks: [increment, increment, increment, increment, s => increment(s)],
      invariant: s => s.x > 0,
      maxExecutions: 3000,
    })
    const meanwhile = new Promise<number>(resolve => nativeSetTimeout(() => resolve(Date.now()), 5))
    expect((await exploration).propertyHolds).toBe(true)
    expect(await meanwhile).toBeGreaterThanOrEqual(started)
    expect(Date.now() - started).toBeLessThan(100_000)
    await namedSleep(2)
    expect(fired).toBe(1)
    clearTimeout(timer)
  })
})
