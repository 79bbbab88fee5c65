import { setTimeout as sleep } from 'node:timers/promises'
import { exploreDpor } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { type Count, type CountedProgram, countTraces } from './support/count.js'

const setup = () => ({ log: [] as string[], timer: undefined as NodeJS.Timeout | undefined, now: 0 })
type State = ReturnType<typeof setup>
type Program = Pick<CountedProgram<State>, 'tasks' | 'clock'>

const explore = (program: Program): Promise<Count> => countTraces({ setup, outcome: s => s.log.join(' '), ...program })

const sleeper = (milliseconds: number) => async () => {
  await sleep(milliseconds)
}
const logAfter = (milliseconds: number, name: string) => (s: State) => {
  setTimeout(() => s.log.push(name), milliseconds)
}
const logLater = (name: string) => async (s: State) => {
  await null
  s.log.push(name)
}

describe("clock: 'explored'", () => {
  test('independent sleepers cost no extra trace', async () => {
    expect((await explore({ tasks: [sleeper(1), sleeper(20), sleeper(300)] })).explored).toBe(1)
  })

  test('timers of one task fire in the order of their deadlines', async () => {
    const two = (s: State) => {
      logAfter(20, 'late')(s)
      logAfter(10, 'early')(s)
    }
    expect(await explore({ tasks: [two] })).toMatchObject({ explored: 1, outcomes: { 'early late': 1 } })
  })

  test('timers with one deadline fire in the order in which they were set', async () => {
    const two = (s: State) => {
      logAfter(10, 'first')(s)
      logAfter(10, 'second')(s)
    }
    expect((await explore({ tasks: [two] })).outcomes).toEqual({ 'first second': 1 })
  })

  test('timers of different tasks fire in both orders', async () => {
    const { explored, outcomes } = await explore({ tasks: [logAfter(10, 'a'), logAfter(2000, 'b')] })
    expect({ explored, outcomes }).toEqual({ explored: 2, outcomes: { 'a b': 1, 'b a': 1 } })
  })

  test('a timer fires before and after the work of another task', async () => {
    const { explored, outcomes } = await explore({ tasks: [logAfter(1000, 'timer'), logLater('work')] })
    expect({ explored, outcomes }).toEqual({ explored: 2, outcomes: { 'timer work': 1, 'work timer': 1 } })
  })

  test('clearTimeout comes before and after the firing', async () => {
    const set = (s: State) => {
      s.timer = setTimeout(() => s.log.push('fired'), 10)
    }
    const clear = async (s: State) => {
      await null
      clearTimeout(s.timer)
      s.log.push('cleared')
    }
    const { outcomes } = await explore({ tasks: [set, clear] })
    expect(Object.keys(outcomes).sort()).toEqual(['cleared', 'cleared fired', 'fired cleared'])
  })

  test('an interval that another task clears turns before, after, and not at all', async () => {
    const start = (s: State) => {
      s.timer = setInterval(() => s.log.push('tick'), 10)
    }
    const stop = async (s: State) => {
      await null
      clearInterval(s.timer)
      s.log.push('stop')
    }
    const found = new Set<string>()
    const result = await exploreDpor({
      setup,
      tasks: [start, stop],
      invariant: s => {
        found.add(s.log.join(' '))
        return true
      },
      maxExecutions: 20,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect([...found]).toEqual(expect.arrayContaining(['stop', 'tick stop']))
  })

  test('the clock stands at the deadline at least, and does not run backwards', async () => {
    const look = (milliseconds: number) => async (s: State) => {
      const before = Date.now()
      await sleep(milliseconds)
      s.log.push(String(Date.now() - before >= milliseconds && performance.now() >= s.now))
      s.now = performance.now()
    }
    const { outcomes } = await explore({ tasks: [look(10), look(500)] })
    expect(Object.keys(outcomes)).toEqual(['true true'])
  })

  test('a failure that needs a timer to overtake ready work says so', async () => {
    const result = await exploreDpor({
      setup,
      tasks: [logAfter(60_000, 'timer'), logLater('work')],
      invariant: s => s.log[0] === 'work',
    })
    expect(result.explanation).toMatch(/clock: 'virtual'/)
  })
})

describe("clock: 'virtual'", () => {
  test('timers of different tasks fire in the order of their deadlines', async () => {
    const { outcomes } = await explore({ tasks: [logAfter(2000, 'b'), logAfter(10, 'a')], clock: 'virtual' })
    expect(Object.keys(outcomes)).toEqual(['a b'])
  })

  test('a timer fires when nothing else can run', async () => {
    const { outcomes } = await explore({ tasks: [logAfter(1, 'timer'), logLater('work')], clock: 'virtual' })
    expect(Object.keys(outcomes)).toEqual(['work timer'])
  })

  test('the replay string names the clock', async () => {
    const racy = {
      setup,
      tasks: [logLater('a'), logLater('b')],
      invariant: (s: State) => s.log[0] === 'a',
      clock: 'virtual' as const,
    }
    const { replay } = await exploreDpor(racy)
    expect(replay).toMatch(/^fr1:t2v:/)
    expect((await exploreDpor({ ...racy, replay })).failureKind).toBe('invariant')
  })
})

test.each(['explored', 'virtual'] as const)(
  'an interval turns as often as fits before a later timer (%s)',
  async clock => {
    const ticks = async (s: { turns: number }): Promise<void> => {
      const interval = setInterval(() => s.turns++, 10)
      await new Promise<void>(resolve =>
        setTimeout(() => {
          clearInterval(interval)
          resolve()
        }, 35),
      )
    }
    const result = await exploreDpor({
      setup: () => ({ turns: 0 }),
      tasks: [ticks],
      invariant: s => s.turns === 3,
      clock,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.exhaustive).toBe(clock === 'virtual')
  },
)
