import { type ExploreDporOptions, exploreDpor, InterleavingResult, type Progress } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'
import { litmusTests } from './support/litmus-tests.js'
import { Memory } from './support/memory.js'
import { philosophers, threadPrograms } from './support/thread-programs.js'
import { dialects } from './support/variables.js'

const setup = () => ({ x: 0 })
type State = ReturnType<typeof setup>
const increment = async (s: State) => {
  const before = s.x
  await null
  s.x = before + 1
}
const explore = (rest: Partial<ExploreDporOptions<State>> = {}) =>
  exploreDpor({ setup, tasks: [increment, increment, increment], invariant: s => s.x === 3, ...rest })

function named(name: string) {
  const program = [...litmusTests, ...threadPrograms].find(each => each.name === name)
  if (program === undefined) throw new Error(`no program is named ${name}`)
  return program
}

describe('when to stop', () => {
  test('at the first failure, by default', async () => {
    const result = await explore()
    expect(result).toMatchObject({ propertyHolds: false, exhaustive: false, stoppedBy: 'violation' })
    expect(result.failures).toHaveLength(1)
    expect(result.failures[0].execution).toBe(result.numExplored)
  })

  test('stopOnFirst: false collects all failures', async () => {
    const result = await explore({ stopOnFirst: false })
    expect(result).toMatchObject({ numExplored: 36, uniqueInterleavings: 36, exhaustive: true, stoppedBy: 'exhausted' })
    expect(result.failures).toHaveLength(30)
    expect(new Set(result.failures.map(({ schedule }) => schedule.join())).size).toBe(30)
    expect(result.counterexample).toHaveLength(6)
  })

  test('maxExecutions', async () => {
    const result = await explore({ stopOnFirst: false, maxExecutions: 5 })
    expect(result).toMatchObject({ numExplored: 5, exhaustive: false, stoppedBy: 'maxExecutions' })
    expect(await explore({ stopOnFirst: false, maxExecutions: 36 })).toMatchObject({ exhaustive: true })
  })

  test('totalTimeout: what was explored so far', async () => {
    const result = await explore({
      tasks: Array.from({ length: 6 }, () => increment),
      stopOnFirst: false,
      totalTimeout: 50,
      reproduceOnFailure: 0,
    })
    expect(result).toMatchObject({ exhaustive: false, stoppedBy: 'totalTimeout' })
    expect(result.numExplored).toBeGreaterThan(0)
  })

  test('timeoutPerRun, also for code that never lets go', async () => {
    const result = await explore({
      tasks: [
        () => {
          for (;;);
        },
      ],
      timeoutPerRun: 50,
      reproduceOnFailure: 0,
    })
    expect(result.propertyHolds).toBe(false)
    expect(['timeout', 'livelock']).toContain(result.failureKind)
  })
})

describe('what is told', () => {
  test('names of a record', async () => {
    const result = await explore({ tasks: { alice: increment, bob: increment }, invariant: s => s.x === 2 })
    expect(result.explanation).toMatch(/Task alice/)
    expect(result.explanation).toMatch(/Task bob/)
    expect(result.counterexample?.every(task => typeof task === 'number')).toBe(true)
  })

  test('onProgress: at the end the number of executions', async () => {
    const told: Progress[] = []
    await explore({ stopOnFirst: false, reproduceOnFailure: 0, onProgress: progress => told.push(progress) })
    expect(told.at(-1)).toMatchObject({ executions: 36, depth: 6, elapsed: expect.any(Number) })
  })

  test('reproduceOnFailure', async () => {
    expect(await explore({ reproduceOnFailure: 3 })).toMatchObject({
      reproductionAttempts: 3,
      reproductionSuccesses: 3,
    })
    expect(await explore({ reproduceOnFailure: 0 })).toMatchObject({
      reproductionAttempts: 0,
      replay: expect.stringMatching(/^fr1:t3:/),
    })
  })

  test('assertHolds', async () => {
    const failed = await explore()
    expect(failed).toBeInstanceOf(InterleavingResult)
    expect(() => failed.assertHolds()).toThrow(failed.explanation)
    const cut = await explore({ invariant: () => true, maxExecutions: 2 })
    cut.assertHolds()
    expect(() => cut.assertHolds({ exhaustive: true })).toThrow(
      /held in 2 executions, but.*not exhaustive.*maxExecutions/,
    )
    const whole = await explore({ invariant: () => true })
    whole.assertHolds({ exhaustive: true })
  })

  test('seed: other random numbers, the same ones again', async () => {
    const drawn = async (seed: number) => {
      const found = new Set<number>()
      await explore({
        setup: () => ({ x: Math.random() }),
        tasks: [s => s.x],
        invariant: s => found.add(s.x) && true,
        seed,
      })
      expect(found.size).toBe(1)
      return [...found][0]
    }
    expect(await drawn(1)).toBe(await drawn(1))
    expect(await drawn(1)).not.toBe(await drawn(2))
  })
})

describe('search', () => {
  const orders = ['dfs', 'bit-reversal', 'round-robin', 'stride', 'stride:7', 'conflict-first']

  test.each(orders)('%s reaches every outcome', async search => {
    const tasks = await countTraces({
      setup,
      tasks: [increment, increment, increment],
      outcome: s => String(s.x),
      search,
    })
    expect(tasks).toMatchObject({ explored: 36, outcomes: { 1: 12, 2: 18, 3: 6 } })
    const program = named('x+=1; x+=1 ×2')
    const threads = await countTraces({
      setup: () => new Memory(dialects.properties(), ['x'], []),
      threads: program.threads,
      outcome: memory => memory.print('x'),
      search,
    })
    expect(threads).toEqual({ explored: 34, deadlocks: 0, redundant: 0, outcomes: program.outcomes?.[1] })
  })
})

describe('preemptionBound: exactly the traces with at most so many preemptions', () => {
  test.each([
    ['SB', named('SB'), [2, 3]],
    ['IRIW', named('IRIW'), [14, 15]],
    ['read-modify-write ×3', named('read-modify-write ×3'), [6, 24, 36]],
    ['lastzero(3)', named('lastzero(3)'), [12]],
    ['lastzero(4)', named('lastzero(4)'), [28]],
    ['philosophers(4)', philosophers(4, 15), [14, 15]],
  ] as const)('%s', async (_, { variables, locks = '', threads }, counts) => {
    const words = (text: string) => text.split(' ').filter(word => word !== '')
    const found: number[] = []
    for (const preemptionBound of counts.keys()) {
      const { explored } = await countTraces({
        setup: () => new Memory(dialects.properties(), words(variables), words(locks)),
        threads,
        preemptionBound,
      })
      found.push(explored)
    }
    expect(found).toEqual(counts)
  })

  test('of tasks: each step is between awaits', async () => {
    const found: unknown[] = []
    for (const preemptionBound of [0, 1, 2, 3]) {
      const result = await explore({ invariant: () => true, preemptionBound })
      found.push([result.numExplored, result.stoppedBy, result.exhaustive])
    }
    expect(found).toEqual([
      [6, 'preemptionBound', false],
      [24, 'preemptionBound', false],
      [36, 'preemptionBound', false],
      [36, 'exhausted', true],
    ])
  })
})
