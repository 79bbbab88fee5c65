import { describe, expect, test } from 'vitest'
import { OptimalDpor, randomSearch } from '../../../src/engine/index.js'
import { bruteForce, traceOf } from '../brute-force.js'
import { search } from '../check.js'
import { philosophers, readModifyWrite, times } from '../examples.js'
import { type Execution, runOnce } from '../execution.js'
import { acq, type Program, r, rel, spawn, step, w } from '../program.js'
import { randomProgram } from '../random-program.js'
import { runRandom, scheduleOf } from './run-random.js'

const strategies = ['random', 'walk', 'pct:8', 'pos', 'urw', 'surw', 'portfolio']

/** Two writers per variable, and readers of both: many traces, few steps. */
const mixed: Program = {
  tasks: [
    [w('x'), r('y')],
    [w('y'), r('x')],
    [r('x'), r('y'), w('x', 2)],
  ],
}

describe.each(strategies)('%s', strategy => {
  test('the same seed gives the same schedules, another seed others', () => {
    const schedules = (seed: number): string[] => {
      const list: string[] = []
      runRandom(mixed, strategy, seed, 50, execution => void list.push(scheduleOf(execution)))
      return list
    }
    expect(schedules(7)).toEqual(schedules(7))
    expect(schedules(7)).not.toEqual(schedules(8))
    expect(schedules(0.25)).not.toEqual(schedules(0.75))
    expect(schedules(1)).not.toEqual(schedules(2 ** 32 + 1))
  })

  test('each schedule of a longer run is the same as in a shorter one', () => {
    const schedules = (most: number): string[] => {
      const list: string[] = []
      runRandom(mixed, strategy, 3, most, execution => void list.push(scheduleOf(execution)))
      return list
    }
    expect(schedules(40).slice(0, 20)).toEqual(schedules(20))
  })

  test('counts distinct traces as brute force tells them apart', () => {
    const seen = new Set<string>()
    const result = runRandom(mixed, strategy, 1, 300, execution => void seen.add(traceOf(execution.events)))
    expect(result.uniqueTraces).toBe(seen.size)
    expect(result.executions).toBe(300)
    expect(result.exhausted).toBe(false)
  })

  // Programs with locks, try-locks, conditions, branches, started and joined tasks, timers, macro steps.
  test.each([false, true])('on random programs, macro steps: %s, ends in every final state and in no other', macro => {
    for (let seed = 0; seed < 60; seed++) {
      const program = randomProgram(seed, macro)
      const { traces, interleavings } = bruteForce(program)
      if (interleavings > 1500) continue
      const missing = new Set(traces.values())
      const reachable = new Set(missing)
      const found = runRandom(program, strategy, seed, 20_000, execution => {
        const state = execution.state()
        if (!reachable.has(state)) expect.fail(`seed ${seed}: ends in ${state}`)
        missing.delete(state)
        return missing.size === 0
      })
      if (missing.size > 0) expect.fail(`seed ${seed}: missed ${[...missing]} in ${found.executions} executions`)
    }
  })

  test('finds the deadlock of three philosophers', () => {
    const found = runRandom(philosophers(3), strategy, 5, 2000, execution => execution.deadlocked)
    expect(found.executions).toBeLessThan(2000)
  })

  test('a task that only waits for others to write does not starve them', () => {
    const program: Program = {
      tasks: [[w('flag')], [r('flag'), { op: 'while', condition: g => g.flag === 0, body: [r('flag')] }]],
    }
    const { executions } = runRandom(program, strategy, 0, 20, execution => {
      if (execution.events.length > 5000) expect.fail(`${execution.events.length} steps`)
    })
    expect(executions).toBe(20)
  })
})

test('fair rounds come first: neighbouring steps race at once', () => {
  const program: Program = { tasks: times(2, () => readModifyWrite()) }
  for (let seed = 0; seed < 20; seed++) {
    const found = runRandom(program, 'random', seed, 1, () => false)
    expect(found.executions).toBe(1)
    runRandom(program, 'random', seed, 1, execution => void expect(execution.values.get('x')).toBe(1))
  }
})

test('beyond maxOps steps tasks take turns', () => {
  const program: Program = { tasks: times(2, () => times(6, () => [w('x')]).flat()) }
  for (const strategy of strategies) {
    const schedules: string[] = []
    const limited = randomSearch(strategy, { maxOps: 4, maxAttempts: 30 })
    while (limited.begin()) schedules.push(scheduleOf(runOnce(program, limited) as Execution))
    for (const schedule of schedules) {
      // The last steps are of one task alone, if the other one has ended.
      const rest = schedule.slice(4).replace(/(.)\1*$/, '$1')
      expect(rest, `${strategy}: ${schedule}`).not.toMatch(/00|11/)
    }
  }
})

test('the first execution of the portfolio never preempts, the second is round-robin', () => {
  const program: Program = { tasks: times(3, () => [w('x'), w('x'), w('x')]) }
  const schedules: string[] = []
  runRandom(program, 'portfolio', 9, 2, execution => void schedules.push(scheduleOf(execution)))
  expect(schedules).toEqual(['000111222', '012012012'])
})

test('unknown strategies are refused with the names of the valid ones', () => {
  for (const name of ['', 'dpor', 'PCT', 'pct:0', 'pct:x', 'pct:', 'walk:3', 'pct:3:4', 'toString'])
    expect(() => randomSearch(name), name).toThrow(
      /unknown strategy '.*'\. Use one of 'random', 'walk', 'pct', 'pos', 'urw', 'surw', 'portfolio'; .*'pct:3'/,
    )
})

test('a started task counts for the one that starts it', () => {
  // Without that, the starter's single step would compete with one weight against eight.
  const program: Program = {
    tasks: [[spawn(1)], times(4, () => [w('x')]).flat(), times(4, () => [r('y')]).flat()],
  }
  const orders = new Map<string, number>()
  runRandom(program, 'urw', 4, 20_000, execution => {
    const schedule = scheduleOf(execution)
    orders.set(schedule, (orders.get(schedule) ?? 0) + 1)
  })
  // 0 and the four 1s in order, among four 2s.
  expect(orders.size).toBe(126)
  for (const count of orders.values()) expect(count).toBeGreaterThan(80)
})

test('locks and macro steps are followed by the footprints of earlier executions', () => {
  const program: Program = {
    tasks: times(3, i => [step(acq('l'), r('x')), step(w('x', i), rel('l')), step(r('x', 'last'))]),
  }
  const expected = new Set(search(program, new OptimalDpor()).traces.values())
  for (const strategy of ['pos', 'surw']) {
    const seen = new Set<string>()
    runRandom(program, strategy, 2, 2000, execution => void seen.add(execution.state()))
    expect(seen).toEqual(expected)
  }
})
