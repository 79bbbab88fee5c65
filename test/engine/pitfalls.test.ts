import { describe, expect, test } from 'vitest'
import { OptimalDpor, SourceDpor } from '../../src/engine/index.js'
import { checkAgainstBruteForce, search } from './check.js'
import { litmus, locked, philosophers, readers, readModifyWrite, times } from './examples.js'
import {
  acq,
  cancel,
  cas,
  type Operation,
  type Program,
  r,
  rel,
  spawn,
  step,
  trylock,
  u,
  update,
  w,
  when,
} from './program.js'

const traces = (program: Program, kind: 'threads' | 'tasks' = 'threads'): number =>
  checkAgainstBruteForce(program, kind).search.executions

describe('what a search may get wrong', () => {
  test('a blocked acquire races too: AB/BA finds its deadlock', () => {
    const program = {
      tasks: [
        [acq('a'), acq('b'), rel('b'), rel('a')],
        [acq('b'), acq('a'), rel('a'), rel('b')],
      ],
    }
    const { search } = checkAgainstBruteForce(program, 'threads')
    expect([search.executions, search.deadlocks]).toEqual([3, 1])
  })

  test('a failed compare-exchange is a read: 5 tasks have 5 traces, not 120', () => {
    expect(traces({ tasks: times(5, i => [cas('x', 0, i + 1)]) })).toBe(5)
  })

  test('reads commute: readers(3) has 8 traces, not 24', () => {
    expect(traces(readers(3))).toBe(8)
  })

  test('all races of an event count, not only the nearest: readers(3) has 8 traces, not 4', () => {
    expect(search(readers(3), new OptimalDpor()).executions).toBe(8)
  })

  test('a lock hand-over is reversed at its acquire, and explored in both orders', () => {
    expect(traces({ tasks: times(2, () => locked('l', w('x'))) })).toBe(2)
  })

  test('a hand-over with accesses in the releasing step never schedules the blocked task', () => {
    expect(
      traces(
        {
          tasks: times(2, () => [
            step(acq('l'), r('x')),
            step(
              w('x', g => g.x + 1),
              rel('l'),
            ),
          ]),
        },
        'tasks',
      ),
    ).toBe(2)
  })

  test('a try-lock that succeeded after a release is explored before it too, where it fails', () => {
    expect(traces({ tasks: [locked('l', w('x')), [trylock('l'), when(g => g.locked === 1, [rel('l')])]] })).toBe(3)
  })

  test('commuting updates are one trace, updates and reads are not', () => {
    expect(traces({ tasks: times(4, () => [update('x')]) })).toBe(1)
    expect(traces({ tasks: [[update('x')], [update('x')], [r('x')]] })).toBe(4)
  })

  test('a started task does not race with the step that started it', () => {
    expect(traces({ tasks: [[w('x', 1), spawn(1)], [w('x', 2)]] })).toBe(1)
  })

  test('a cancelled timer is explored as fired before the step that cancels it', () => {
    expect(
      traces({
        tasks: [
          [r('x'), cancel(1)],
          [step(), w('x')],
        ],
        timers: [1],
      }),
    ).toBe(3)
    expect(traces({ tasks: [[step(r('x')), step(cancel(1))], [step(w('x'))]], timers: [1] }, 'tasks')).toBe(3)
  })

  test('a step that does something else in the other order does not hide traces', () => {
    const parts: Operation[][] = [
      [step(r('x'), r('y'))],
      [
        step(
          r('z'),
          when(g => g.z === 0, [w('x')]),
        ),
      ],
      [step(w('y'))],
      [step(r('y')), step(w('z'))],
    ]
    const orders = [
      [0, 1, 2, 3],
      [3, 1, 2, 0],
      [2, 0, 3, 1],
      [1, 3, 0, 2],
      [0, 3, 2, 1],
    ]
    for (const order of orders) checkAgainstBruteForce({ tasks: order.map(i => parts[i]) }, 'tasks')
  })

  test('a cancelled timer whose accesses are unknown does not hide traces', () => {
    const program = {
      tasks: [[step(r('x'), r('y'))], [step(w('y'))], [step(r('y')), cancel(3)], [step(w('x'))]],
      timers: [3],
    }
    expect(traces(program, 'tasks')).toBe(12)
  })
})

describe('what the Python library gets wrong', () => {
  test('two locked writes are run in both orders, threads and segments', () => {
    const { search } = checkAgainstBruteForce({ tasks: [1, 2].map(i => locked('l', w('v', i))) }, 'threads')
    expect(search.outcomes('v')).toEqual({ 'v=1': 1, 'v=2': 1 })
    const segments = checkAgainstBruteForce({ tasks: [1, 2].map(i => [step(w('v', i)), step()]) }, 'tasks')
    expect(segments.search.outcomes('v')).toEqual({ 'v=1': 1, 'v=2': 1 })
  })

  test('three tasks under one async lock are no deadlock', () => {
    const { search } = checkAgainstBruteForce(
      {
        tasks: times(3, () => [
          step(acq('l'), r('x')),
          step(
            w('x', g => g.x + 1),
            rel('l'),
          ),
        ]),
      },
      'tasks',
    )
    expect(search.deadlocks).toBe(0)
    expect(search.outcomes('x')).toEqual({ 'x=3': 6 })
  })

  test('every access to a location counts, not only the first of a task: w,w ‖ w,w has 6 traces', () => {
    expect(traces(litmus('w:f w:f | w:f w:f'))).toBe(6)
  })

  test('read-modify-write ×3 runs 36 of its 90 interleavings, independent appends 1 of 90', () => {
    expect(traces({ tasks: times(3, () => readModifyWrite()) })).toBe(36)
    expect(traces({ tasks: times(3, i => [u(`log${i}`), u(`log${i}`)]) })).toBe(1)
  })
})

describe('a program that is not deterministic', () => {
  /** Three tasks; the second and the third race, so the second execution replays step 0. */
  const first = (strategy: OptimalDpor | SourceDpor, footprints: number[][]): void => {
    strategy.begin()
    footprints.forEach((accesses, task) => {
      strategy.choose([task])
      strategy.executed(task, accesses, [])
    })
    strategy.end([], true)
    strategy.begin()
  }

  test.each([OptimalDpor, SourceDpor])('is reported with the step that differs (%o)', Search => {
    const strategy = new Search()
    first(strategy, [[8], [17], [17]])
    strategy.choose([0, 1, 2])
    const step = (): void => strategy.executed(0, [9], [])
    expect(step).toThrow(
      expect.objectContaining({ name: 'NondeterminismError', step: 0, task: 0, expected: [8], actual: [9] }),
    )
  })

  test.each([OptimalDpor, SourceDpor])('is reported when a task cannot run that could before (%o)', Search => {
    const strategy = new Search()
    first(strategy, [[8], [17], [17]])
    expect(() => strategy.choose([1, 2])).toThrow(
      expect.objectContaining({ step: 0, task: 0, expected: [8], actual: undefined }),
    )
  })

  test.each([OptimalDpor, SourceDpor])(
    'is not another order of accesses, nor an alternative that differs when it is run (%o)',
    Search => {
      const strategy = new Search()
      first(strategy, [[8, 25], [17], [17]])
      strategy.choose([0, 1, 2])
      strategy.executed(0, [25, 8], [])
      expect(strategy.choose([1, 2])).toBe(2)
      strategy.executed(2, [33], [])
    },
  )
})

test('philosophers: wakeup trees never need a redundant run', () => {
  for (const n of [2, 3, 4, 5, 6]) {
    const found = search(philosophers(n), new OptimalDpor())
    expect([found.executions, found.redundant, found.deadlocks]).toEqual([2 ** n - 1, 0, 1])
  }
})
