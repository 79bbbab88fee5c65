import { describe, expect, test } from 'vitest'
import {
  BoundedSearch,
  HashSet,
  OptimalDpor,
  SEARCH_ORDERS,
  SourceDpor,
  searchOrder,
  TraceHash,
} from '../../src/engine/index.js'
import { bruteForce, traceOf } from './brute-force.js'
import { checkAgainstBruteForce, search } from './check.js'
import { lastzero, litmus, philosophers, readers, readModifyWrite, times } from './examples.js'
import { runOnce } from './execution.js'
import type { Program } from './program.js'
import { randomProgram } from './random-program.js'

describe('search orders', () => {
  test.each([...SEARCH_ORDERS, 'bit-reversal:5', 'round-robin:2', 'stride:7'])(
    '%s reaches every trace of random programs',
    order => {
      for (let seed = 0; seed < 200; seed++) {
        checkAgainstBruteForce(randomProgram(seed, false), 'threads', order)
        checkAgainstBruteForce(randomProgram(seed, true), 'tasks', order)
      }
    },
  )

  test('in any order but dfs, waiting for each other must not lose a trace', () => {
    const programs = ['r:x | r:x | r:x w:x', 'r:y | w:x | r:y | r:x w:y', 'r:y | r:x w:y | r:y w:x | w:y']
    for (const program of programs.map(litmus)) {
      for (const order of SEARCH_ORDERS) checkAgainstBruteForce(program, 'threads', order)
    }
  })

  test('an unknown order is a TypeError that names the valid ones', () => {
    for (const name of ['bfs', 'dfs:1', 'stride:x', 'stride:1:2', '', 'toString']) {
      expect(() => new OptimalDpor({ search: name })).toThrow(TypeError)
      expect(() => new SourceDpor({ search: name })).toThrow(
        /'dfs'.*'bit-reversal'.*'round-robin'.*'stride'.*'conflict-first'/,
      )
    }
  })

  test.each(['round-robin', 'stride:3', 'bit-reversal'])('%s takes every alternative in its turn', name => {
    const order = searchOrder(name)
    const taken = Array.from({ length: 8 }, () => order.pick(8))
    expect([...taken].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })
})

describe('preemption bound', () => {
  /** Independent: all interleavings with at most `bound` preemptions. */
  const within = async (program: Program, bound: number): Promise<Set<string>> => {
    const { Execution } = await import('./execution.js')
    const traces = new Set<string>()
    const visit = (schedule: number[], used: number): void => {
      const execution = new Execution(program)
      for (const task of schedule) execution.step(task)
      const enabled = execution.enabled()
      if (enabled.length === 0) traces.add(traceOf(execution.events))
      const last = schedule.at(-1) ?? -1
      for (const task of enabled) {
        const cost = used + (enabled.includes(last) && task !== last ? 1 : 0)
        if (cost <= bound) visit([...schedule, task], cost)
      }
    }
    visit([], 0)
    return traces
  }

  const run = (
    program: Program,
    bound: number,
    order?: string,
  ): { traces: Set<string>; strategy: BoundedSearch; deadlockAt: number } => {
    const strategy = new BoundedSearch({ bound, search: order })
    const traces = new Set<string>()
    let deadlockAt = -1
    while (strategy.begin()) {
      const { cost } = strategy
      const execution = runOnce(program, strategy)
      if (!execution) continue
      traces.add(traceOf(execution.events))
      if (execution.deadlocked && deadlockAt < 0) deadlockAt = cost
    }
    expect(strategy.executions).toBe(traces.size)
    return { traces, strategy, deadlockAt }
  }

  test.each<[string, Program, number[]]>([
    ['store buffering', litmus('w:x r:y | w:y r:x'), [2, 3, 3]],
    ['IRIW', litmus('w:x | r:x r:y | r:y r:x | w:y'), [14, 15, 15]],
    ['RMW ×3', { tasks: times(3, () => readModifyWrite()) }, [6, 24, 36, 36]],
    ['lastzero(3)', lastzero(3), [12]],
    ['lastzero(4)', lastzero(4), [28]],
    ['philosophers(4)', philosophers(4), [14, 15]],
  ])('%s', (_, program, counts) => {
    counts.forEach((count, bound) => {
      expect(run(program, bound).traces.size).toBe(count)
    })
  })

  test('the first deadlock found has the fewest preemptions', () => {
    expect(run(philosophers(4), 3).deadlockAt).toBe(1)
  })

  test('random programs: exactly the traces within the bound; all of them when nothing was cut', async () => {
    for (let seed = 0; seed < 150; seed++) {
      const program = randomProgram(seed, seed % 2 === 1)
      const all = bruteForce(program)
      if (all.interleavings > 1500) continue
      for (const bound of [0, 1, 2, 20]) {
        const { traces, strategy } = run(program, bound)
        expect(traces).toEqual(await within(program, bound))
        if (!strategy.cut) expect(traces.size).toBe(all.traces.size)
        if (bound === 20) expect(strategy.cut).toBe(false)
      }
    }
  })

  test('other orders find the same traces', () => {
    for (const order of SEARCH_ORDERS)
      expect(run({ tasks: times(3, () => readModifyWrite()) }, 1, order).traces.size).toBe(24)
  })

  test('a bound that is no whole number is a TypeError', () => {
    for (const bound of [-1, 0.5, Number.NaN]) expect(() => new BoundedSearch({ bound })).toThrow(TypeError)
  })
})

describe('trace hashes', () => {
  test('are equal exactly for equal traces', () => {
    const hash = new TraceHash()
    for (let seed = 0; seed < 100; seed++) {
      const program = randomProgram(seed, seed % 2 === 0)
      const byHash = new Map<string, string>()
      const set = new HashSet()
      const strategy = new BoundedSearch({ bound: 3 })
      const traces = new Set<string>()
      while (strategy.begin()) {
        const execution = runOnce(program, strategy)
        if (!execution) continue
        hash.reset()
        for (const { task, accesses } of execution.events) hash.step(task, [...accesses].reverse())
        const trace = traceOf(execution.events)
        expect(byHash.get(`${hash.low} ${hash.high}`) ?? trace).toBe(trace)
        byHash.set(`${hash.low} ${hash.high}`, trace)
        expect(set.add(hash.low, hash.high)).toBe(!traces.has(trace))
        traces.add(trace)
      }
      expect(byHash.size).toBe(traces.size)
      expect(set.size).toBe(traces.size)
    }
  })

  test('the set holds many, zeros included', () => {
    const set = new HashSet()
    for (let i = 0; i < 50_000; i++) expect(set.add(i, 0)).toBe(true)
    for (let i = 0; i < 50_000; i++) expect(set.add(i, 0)).toBe(false)
  })
})

describe('the estimate of what is left', () => {
  test.each([OptimalDpor, SourceDpor])(
    'starts unknown, is right when siblings are alike, and ends at 0 (%o)',
    Search => {
      const strategy = new Search()
      expect(strategy.estimate()).toBeUndefined()
      const program = { tasks: times(4, () => readModifyWrite()) }
      let worst = 0
      while (strategy.begin()) {
        runOnce(program, strategy)
        if (strategy.executions > 100) worst = Math.max(worst, (strategy.estimate() as number) + strategy.executions)
      }
      expect(strategy.estimate()).toBe(0)
      expect(worst).toBeGreaterThan(300)
      expect(worst).toBeLessThan(2500)
    },
  )
})

test('a step limit that cuts executions still lets the search go on', () => {
  const strategy = new OptimalDpor()
  let runs = 0
  while (strategy.begin()) {
    for (let i = 0; i < 3; i++) strategy.executed(strategy.choose(i % 2 ? [1, 0] : [0, 1]), [9], [])
    strategy.end([], false)
    runs++
  }
  expect([strategy.executions, strategy.redundant]).toEqual([0, 0])
  expect(runs).toBeGreaterThan(1)
})

test('redundant runs are counted apart: source sets need them for lastzero, wakeup trees do not', () => {
  const optimal = search(lastzero(7), new OptimalDpor())
  const source = search(lastzero(7), new SourceDpor())
  expect([optimal.executions, optimal.redundant]).toEqual([320, 0])
  expect(source.executions).toBe(320)
  expect(source.redundant).toBeGreaterThan(0)
  expect(search(readers(6), new SourceDpor()).redundant).toBe(0)
})
