import { exploreDpor } from 'frontrun'
import { describe, expect, test } from 'vitest'

const setup = () => ({ x: 0 })
type State = ReturnType<typeof setup>
const increment = async (s: State) => {
  const before = s.x
  await null
  s.x = before + 1
}
const explore = (task: (s: State) => unknown, rest: object = {}) =>
  exploreDpor({ setup, tasks: [task, task], invariant: () => true, ...rest })

const cache = new Map<string, number>()
let config: number | undefined
let first = true

describe('what the first run leaves behind is told', () => {
  test.each<[string, (s: State) => unknown]>([
    [
      'a cache that makes later runs shorter',
      async s => {
        if (!cache.has('a')) {
          await null
          cache.set('a', s.x)
        }
        s.x++
      },
    ],
    [
      'a value loaded once',
      async s => {
        config ??= await Promise.resolve(1)
        s.x += config
      },
    ],
    [
      'a step more in the first run only',
      async s => {
        await null
        s.x++
        if (first) {
          first = false
          await null
        }
      },
    ],
  ])('%s: nondeterminism', async (_, task) => {
    const result = await explore(task)
    expect(result).toMatchObject({ propertyHolds: false, failureKind: 'nondeterminism', exhaustive: false })
    expect(result.explanation).toMatch(/Something outlives an execution/)
  })
})

describe('what did not end', () => {
  test('in no execution at all: a livelock', async () => {
    const spin = async (s: State) => {
      while (s.x >= 0) await null
    }
    const result = await exploreDpor({ setup, tasks: [spin, spin], invariant: () => true, maxSteps: 40 })
    expect(result).toMatchObject({ propertyHolds: false, failureKind: 'livelock', exhaustive: false })
    expect(result.explanation).toMatch(/[Ll]ivelock/)
    expect(() => result.assertHolds()).toThrow(/[Ll]ivelock/)
  })

  test.each<[string, string, (s: State) => unknown, object]>([
    [
      'a livelock',
      'livelock',
      async () => {
        while (true) await null
      },
      { maxSteps: 200 },
    ],
    ['a time-out', 'timeout', () => new Function('return new Promise(() => {})')(), { deadlockTimeout: 30 }],
  ])('%s is replayed once, and not made small', async (_, kind, task, rest) => {
    const result = await explore(task, rest)
    expect(result).toMatchObject({
      failureKind: kind,
      shrinkRuns: 0,
      reproductionAttempts: 1,
      reproductionSuccesses: 1,
    })
    expect((await explore(task, { ...rest, reproduceOnFailure: 0 })).reproductionAttempts).toBe(0)
  })
})

describe('assertHolds({ exhaustive: true }) says why the result is no proof', () => {
  test.each<[string, object, RegExp]>([
    ['a limit', { maxExecutions: 1 }, /not exhaustive: the search was stopped by maxExecutions/],
    ['a bound', { preemptionBound: 0 }, /not exhaustive: the search was stopped by preemptionBound/],
  ])('%s', async (_, options, message) => {
    const result = await explore(increment, options)
    expect(() => result.assertHolds()).not.toThrow()
    expect(() => result.assertHolds({ exhaustive: true })).toThrow(message)
  })

  test('an interval', async () => {
    const result = await explore(() => void setInterval(() => {}, 1))
    expect(() => result.assertHolds({ exhaustive: true })).toThrow(/not exhaustive: an interval.*could have gone on/)
    expect(result.notExhaustiveBecause).toMatch(/an interval/)
  })

  test('a replay', async () => {
    const result = await explore(increment, { replay: 'fr1:t2:0,1,0,1' })
    expect(() => result.assertHolds({ exhaustive: true })).toThrow(
      /not exhaustive: only the schedule to replay was run/,
    )
  })

  test('nothing to say of a proof', async () => {
    const result = await explore(increment)
    result.assertHolds({ exhaustive: true })
    expect(result.notExhaustiveBecause).toBeUndefined()
  })
})

describe('options', () => {
  test.each([1, 'false', null])('stopOnFirst: %j is refused', async stopOnFirst => {
    await expect(explore(increment, { stopOnFirst })).rejects.toThrow(/'stopOnFirst' must be true or false, not/)
  })

  test('an invariant may return nothing, or later', async () => {
    for (const invariant of [() => {}, async () => {}]) {
      expect(await exploreDpor({ setup, tasks: [increment, increment], invariant })).toMatchObject({ exhaustive: true })
    }
  })

  test('an assertion that is returned is refused, and told where to put it', async () => {
    const invariant = ((s: State) => expect(s.x).toBeGreaterThan(0)) as unknown as () => boolean
    await expect(exploreDpor({ setup, tasks: [increment], invariant })).rejects.toThrow(
      /must return true or false.*braces/,
    )
  })
  test('search applies to a bounded search too', async () => {
    const orders = async (search: string) => {
      const log: string[] = []
      const act = (name: string) => async (s: { log: string }) => {
        s.log += name
        await null
        s.log += name
      }
      await exploreDpor({
        setup: () => ({ log: '' }),
        tasks: [act('a'), act('b'), act('c')],
        invariant: s => void log.push(s.log),
        preemptionBound: 2,
        search,
      })
      return log
    }
    const depthFirst = await orders('dfs')
    const reversed = await orders('bit-reversal:1')
    expect(reversed).not.toEqual(depthFirst)
    expect([...new Set(reversed)].sort()).toEqual([...new Set(depthFirst)].sort())
  })
})
