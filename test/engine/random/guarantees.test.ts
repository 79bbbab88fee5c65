import { expect, test } from 'vitest'
import { times } from '../examples.js'
import { acq, type Program, r, rel, w } from '../program.js'
import { runRandom, scheduleOf } from './run-random.js'

/** Pearson's statistic against all of `categories` being equally probable, in standard deviations above its mean. */
function deviation(counts: Map<string, number>, categories: number): number {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const expected = total / categories
  let statistic = (categories - counts.size) * expected
  for (const count of counts.values()) statistic += (count - expected) ** 2 / expected
  return (statistic - (categories - 1)) / Math.sqrt(2 * (categories - 1))
}

function count(program: Program, strategy: string, most: number, name: (schedule: string) => string) {
  const counts = new Map<string, number>()
  let first = true
  runRandom(program, strategy, 11, most, execution => {
    // The first execution only tells how long the tasks are.
    if (!first) counts.set(name(scheduleOf(execution)), (counts.get(name(scheduleOf(execution))) ?? 0) + 1)
    first = false
  })
  return counts
}

const own = (task: number, steps: number) => times(steps, () => [w(`own${task}`)]).flat()

test.each([
  [[1, 2, 3], 60],
  [[4, 4], 70],
  [[1, 1, 1, 2], 60],
])('urw: all interleavings of independent writers with %j steps are equally probable', (lengths, interleavings) => {
  const counts = count({ tasks: lengths.map((steps, task) => own(task, steps)) }, 'urw', 30_000, schedule => schedule)
  expect(counts.size).toBe(interleavings)
  expect(deviation(counts, interleavings)).toBeLessThan(4)
})

test('a walk is not uniform', () => {
  const counts = count({ tasks: [own(0, 1), own(1, 6)] }, 'walk', 5000, schedule => schedule)
  expect(deviation(counts, 7)).toBeGreaterThan(100)
})

test('surw: all orders of the accesses to one location are equally probable, however long the rest is', () => {
  const program: Program = {
    tasks: [
      [...own(0, 12), w('x'), w('x'), w('x')],
      [w('x'), ...own(1, 3), w('x'), w('x')],
    ],
  }
  const order = (schedule: string): string => {
    const steps = [0, 0]
    const accesses: string[] = []
    for (const task of schedule) {
      const index = steps[Number(task)]++
      if (task === '0' ? index >= 12 : index === 0 || index >= 4) accesses.push(task)
    }
    return accesses.join('')
  }
  const counts = count(program, 'surw', 20_000, order)
  expect(counts.size).toBe(20)
  expect(deviation(counts, 20)).toBeLessThan(4)
  expect(deviation(count(program, 'urw', 5000, order), 20)).toBeGreaterThan(100)
})

test('surw: shares the turns of a task that starts others with them', () => {
  const program: Program = {
    tasks: [[w('y'), { op: 'spawn', task: 1 }, { op: 'spawn', task: 2 }], [w('x'), w('x')], [w('x')], [w('x')]],
  }
  const counts = count(program, 'surw', 20_000, schedule => schedule.replaceAll('0', ''))
  expect(counts.size).toBe(12)
  expect(deviation(counts, 12)).toBeLessThan(4)
})

// A bug of depth d in a program of t tasks with k steps of choice: at least 1/(t·k^(d−1)).
const bugs: [name: string, depth: number, program: Program, failed: (read: string) => boolean][] = [
  [
    'an order violation',
    1,
    {
      tasks: [
        [...own(0, 5), w('x')],
        [r('x', 'seen'), ...own(1, 5)],
      ],
    },
    state => state.includes('["seen",0]'),
  ],
  [
    'a read between two writes',
    2,
    {
      tasks: [
        [...own(0, 4), w('x', 1), w('x', 0), ...own(0, 4)],
        [...own(1, 4), r('x', 'seen'), ...own(1, 4)],
      ],
    },
    state => state.includes('["seen",1]'),
  ],
  [
    'AB/BA locks',
    2,
    {
      tasks: [
        ['a', 'b'],
        ['b', 'a'],
      ].map(([one, other], i) => [...own(i, 4), acq(one), acq(other), rel(other), rel(one)]),
    },
    state => state.includes('!'),
  ],
  [
    'a read between two writes, then one after a third',
    3,
    {
      tasks: [
        [...own(0, 2), w('x', 1), w('x', 0), ...own(0, 2), w('y', 1)],
        [...own(1, 2), r('x', 'one'), ...own(1, 2), r('y', 'two')],
      ],
    },
    state => state.includes('["one",1],["two",1]'),
  ],
]

test.each(bugs)('pct finds %s, of depth %i, at least at the guaranteed rate', (_, depth, program, failed) => {
  const executions = 400
  const seeds = 20
  let found = 0
  let mostChoices = 0
  for (let seed = 0; seed < seeds; seed++) {
    runRandom(program, `pct:${depth}`, seed, executions, execution => {
      if (failed(execution.state())) found++
      mostChoices = Math.max(mostChoices, execution.events.length)
    })
  }
  const total = seeds * executions
  const guaranteed = 1 / (program.tasks.length * mostChoices ** (depth - 1))
  const tolerance = 3 * Math.sqrt((guaranteed * (1 - guaranteed)) / total)
  expect(found / total).toBeGreaterThan(guaranteed - tolerance)
})

test('pos: independent races are decided independently', () => {
  // Ten threads, five pairs: a walk has all pairs in one order as often as any, too, but not behind a long thread.
  const program: Program = { tasks: [[...own(0, 8), w('x')], [w('x', 2)], [...own(2, 8), w('y')], [w('y', 2)]] }
  const late = (schedule: string): string =>
    `${schedule.lastIndexOf('0') < schedule.indexOf('1')} ${schedule.lastIndexOf('2') < schedule.indexOf('3')}`
  const both = (strategy: string): number => count(program, strategy, 4000, late).get('true true') ?? 0
  expect(both('pos')).toBeGreaterThan(20)
  expect(both('pos')).toBeGreaterThan(10 * both('walk'))
})
