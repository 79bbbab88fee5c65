import { setTimeout as after, setInterval as every } from 'node:timers/promises'
import { exploreDpor } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'
import { timedPrograms } from './support/timed-programs.js'

const clocks = ['explored', 'virtual'] as const

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
      })
      expect(result.propertyHolds, result.explanation).toBe(true)
      // A program that races with its own timers has further orders, where any timer may fire before others go on.
      expect(logs[0]).toEqual(native)
      if (clock === 'virtual') expect(logs.length).toBe(1)
    }
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
            s.log.push(await after(10, 'slept', { signal: s.controller.signal }))
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
