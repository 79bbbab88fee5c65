import { setInterval as every, setTimeout as sleep } from 'node:timers/promises'
import { exploreDpor } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'
import { timedPrograms } from './support/timed-programs.js'

const clocks = ['explored', 'virtual', 'real'] as const

describe.each(Object.entries(timedPrograms))('%s', (_, program) => {
  test('logs in an exploration what it logs natively', async () => {
    const native: unknown[] = []
    await program(entry => native.push(entry))
    for (const clock of clocks) {
      const logs: unknown[][] = []
      const result = await exploreDpor({
        setup: () => ({ log: [] as unknown[] }),
        tasks: [async ({ log }) => program(entry => log.push(entry))],
        invariant: ({ log }) => {
          logs.push(log)
        },
        clock,
        reproduceOnFailure: 1,
        ...(clock === 'real' ? { maxExecutions: 1 } : {}),
      })
      expect(result.propertyHolds, result.explanation).toBe(true)
      // A program that races with its own timers has further orders, where any timer may fire before others go on.
      expect(logs[0]).toEqual(native)
      if (clock === 'virtual') expect(logs.length).toBe(1)
    }
  })
})

describe("clock: 'real'", () => {
  const setup = () => ({ log: [] as string[], began: Date.now() })
  type State = ReturnType<typeof setup>
  const sleeper = (milliseconds: number) => async (s: State) => {
    await sleep(milliseconds)
    s.log.push(String(milliseconds))
    if (Date.now() - s.began < milliseconds - 1) s.log.push('too early')
  }

  test('timers are waited for, in the order of their deadlines, and clocks show real time', async () => {
    const began = performance.now()
    const result = await exploreDpor({
      setup,
      tasks: [sleeper(40), sleeper(20)],
      invariant: s => s.log.join(' ') === '20 40' && Math.abs(Date.now() - s.began) < 5000,
      clock: 'real',
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result).toMatchObject({ exhaustive: false, stoppedBy: 'exhausted' })
    expect(result.notExhaustiveBecause).toMatch(/clock: 'real'/)
    // The probe and one execution.
    expect(performance.now() - began).toBeGreaterThan(78)
  })

  test('work comes before timers, a setup may sleep, and the replay string names the clock', async () => {
    const racy = {
      setup: async () => {
        await sleep(2)
        return setup()
      },
      tasks: [sleeper(1), async (s: State) => void s.log.push('work')],
      invariant: (s: State) => s.log[0] !== 'work',
      clock: 'real' as const,
      reproduceOnFailure: 1,
    }
    const result = await exploreDpor(racy)
    expect(result).toMatchObject({ failureKind: 'invariant', reproductionSuccesses: 1 })
    expect(result.replay).toMatch(/^fr1:t2r:/)
    const { replay } = result
    expect((await exploreDpor({ ...racy, replay })).failureKind).toBe('invariant')
    await expect(exploreDpor({ ...racy, clock: 'virtual', replay })).rejects.toThrow(/with clock: 'real'/)
  })

  test('timeoutPerRun ends a sleep', async () => {
    const result = await exploreDpor({
      setup,
      tasks: [sleeper(60_000)],
      invariant: () => true,
      clock: 'real',
      timeoutPerRun: 30,
      reproduceOnFailure: 0,
    })
    expect(result.failureKind).toBe('timeout')
  })
})

describe('several tasks', () => {
  const setup = () => ({ log: [] as string[], controller: new AbortController() })
  type State = ReturnType<typeof setup>
  const outcome = (s: State): string => s.log.join(' ')

  test('a sleep is aborted before it begins, while it lasts, and after it ended', async () => {
    const { outcomes, explored } = await countTraces({
      setup,
      outcome,
      tasks: [
        async s => {
          try {
            s.log.push(await sleep(10, 'slept', { signal: s.controller.signal }))
          } catch (error) {
            s.log.push((error as Error).name)
          }
        },
        s => s.controller.abort(),
      ],
    })
    expect({ outcomes, explored }).toEqual({ outcomes: { slept: 1, AbortError: 2 }, explored: 3 })
  })

  test('an interval stops when it is aborted, after any number of turns', async () => {
    const found = new Set<string>()
    const result = await exploreDpor({
      setup,
      tasks: [
        async s => {
          try {
            for await (const turn of every(10, 'turn', { signal: s.controller.signal })) s.log.push(turn)
          } catch {
            s.log.push('stopped')
          }
        },
        async s => {
          await null
          s.controller.abort()
        },
      ],
      invariant: s => {
        found.add(outcome(s))
      },
      maxExecutions: 200,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect([...found]).toEqual(expect.arrayContaining(['stopped', 'turn stopped']))
  })

  test('a refresh comes before and after the firing', async () => {
    const { outcomes } = await countTraces({
      setup: () => ({ log: [] as string[], timer: undefined as NodeJS.Timeout | undefined }),
      outcome: s => s.log.join(' '),
      tasks: [
        s => {
          s.timer = setTimeout(() => s.log.push('fired'), 10)
        },
        async s => {
          await null
          s.timer?.refresh()
        },
      ],
    })
    expect(outcomes).toMatchObject({ fired: expect.any(Number), 'fired fired': 1 })
  })
})
