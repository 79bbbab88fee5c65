import { describe, expect, test } from 'vitest'
import { checkAgainstBruteForce } from './check.js'
import {
  asyncPhilosophers,
  lastzero,
  litmus,
  locked,
  philosophers,
  readers,
  readModifyWrite,
  times,
} from './examples.js'
import { acq, down, type Operation, type Program, r, rel, sleep, step, u, until, up, w, wake, when } from './program.js'

interface Oracle {
  name: string
  program: Program
  interleavings?: number
  traces: number
  deadlocks?: number
  /** Variables → final values → number of traces. */
  outcomes?: [string[], Record<string, number>]
}

const both = (...operations: Operation[]): Program => ({ tasks: [operations, operations] })
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))
const binomial = (n: number, k: number): number => Math.round(factorial(n) / factorial(k) / factorial(n - k))
const abba: Operation[][] = [
  [acq('a'), acq('b'), rel('b'), rel('a')],
  [acq('b'), acq('a'), rel('a'), rel('b')],
]

const threads: Oracle[] = [
  {
    name: 'RMW ×2',
    program: both(...readModifyWrite()),
    interleavings: 6,
    traces: 4,
    outcomes: [['x'], { 'x=1': 2, 'x=2': 2 }],
  },
  {
    name: 'RMW ×3',
    program: { tasks: times(3, () => readModifyWrite()) },
    interleavings: 90,
    traces: 36,
    outcomes: [['x'], { 'x=1': 12, 'x=2': 18, 'x=3': 6 }],
  },
  ...[2, 3, 4].map(n => ({
    name: `${n} writers of one variable`,
    program: { tasks: times(n, i => [w('x', i + 1)]) },
    interleavings: factorial(n),
    traces: factorial(n),
    outcomes: [
      ['x'],
      Object.fromEntries(times(n, () => []).map((_, i) => [`x=${i + 1}`, factorial(n - 1)])),
    ] as Oracle['outcomes'],
  })),
  ...[1, 2, 3, 4].map(n => ({
    name: `1 writer, ${n} readers`,
    program: readers(n),
    interleavings: factorial(n + 1),
    traces: 2 ** n,
  })),
  ...[1, 2, 3, 4].map(n => ({
    name: `2 threads each write ${n} variables`,
    program: both(...times(n, i => [w(`x${i}`)]).flat()),
    interleavings: binomial(2 * n, n),
    traces: 2 ** n,
  })),
  ...[2, 3, 4].map(n => ({
    name: `${n} independent writers`,
    program: { tasks: times(n, i => [w(`x${i}`)]) },
    interleavings: factorial(n),
    traces: 1,
  })),
  {
    name: '2 independent pairs of writers',
    program: litmus('w:x:1 | w:x:2 | w:y:1 | w:y:2'),
    interleavings: 24,
    traces: 4,
  },
  { name: 'wX / wY / wX', program: litmus('w:x:1 | w:y | w:x:2'), interleavings: 6, traces: 2 },
  { name: 'wA wB / wB wA', program: litmus('w:a w:b | w:b w:a'), interleavings: 6, traces: 3 },
  { name: 'store buffering', program: litmus('w:x r:y | w:y r:x'), interleavings: 6, traces: 3 },
  { name: 'message passing', program: litmus('w:d w:f | r:f r:d'), interleavings: 6, traces: 3 },
  {
    name: 'x+=1; x+=1 ×2',
    program: both(...readModifyWrite(), ...readModifyWrite()),
    interleavings: 70,
    traces: 34,
    outcomes: [['x'], { 'x=2': 12, 'x=3': 16, 'x=4': 6 }],
  },
  {
    name: 'x+=1; y+=1 ×2',
    program: both(...readModifyWrite('x'), ...readModifyWrite('y')),
    interleavings: 70,
    traces: 16,
    outcomes: [['x', 'y'], { 'x=1 y=1': 4, 'x=1 y=2': 4, 'x=2 y=1': 4, 'x=2 y=2': 4 }],
  },
  {
    name: 'bank transfer ×2',
    program: both(
      r('a'),
      r('b'),
      w('a', g => g.a - 1),
      w('b', g => g.b + 1),
    ),
    interleavings: 70,
    traces: 12,
  },
  {
    name: 'double-checked init ×2',
    program: both(
      r('c'),
      when(g => g.c === 0, [...readModifyWrite('n'), w('c', 42)]),
    ),
    interleavings: 70,
    traces: 10,
    outcomes: [['n'], { 'n=1': 6, 'n=2': 4 }],
  },
  ...[2, 3, 4].map(n => ({
    name: `locked RMW ×${n}`,
    program: { tasks: times(n, () => locked('l', ...readModifyWrite())) },
    interleavings: factorial(n),
    traces: factorial(n),
    outcomes: [['x'], { [`x=${n}`]: factorial(n) }] as Oracle['outcomes'],
  })),
  {
    name: 'check, then act, in two critical sections ×2',
    program: both(
      ...locked('l', r('x')),
      ...locked(
        'l',
        w('x', g => g.x + 1),
      ),
    ),
    interleavings: 6,
    traces: 6,
    outcomes: [['x'], { 'x=1': 4, 'x=2': 2 }],
  },
  {
    name: 'writer L{x} M{y}, reader L{x} M{y}',
    program: {
      tasks: [
        [...locked('L', w('x')), ...locked('M', w('y'))],
        [...locked('L', r('x')), ...locked('M', r('y'))],
      ],
    },
    interleavings: 42,
    traces: 4,
  },
  { name: 'AB/BA locks', program: { tasks: abba }, interleavings: 6, traces: 3, deadlocks: 1 },
  {
    name: 'AB/BA and x+=1 inside the first lock',
    program: { tasks: abba.map(([first, ...rest]) => [first, ...readModifyWrite(), ...rest]) },
    interleavings: 28,
    traces: 6,
    deadlocks: 4,
  },
  { name: 'AB/AB', program: { tasks: [abba[0], abba[0]] }, interleavings: 2, traces: 2, deadlocks: 0 },
  {
    name: 'lock order that depends on a flag another thread sets',
    program: {
      tasks: [
        [r('f'), when(g => g.f === 1, abba[0], abba[1])],
        [w('f'), ...abba[0]],
      ],
    },
    interleavings: 20,
    traces: 5,
    deadlocks: 1,
  },
  {
    name: 'lost wakeup',
    program: {
      tasks: [
        [r('f'), when(g => g.f === 0, [sleep('q')])],
        [w('f'), wake('q')],
      ],
    },
    interleavings: 5,
    traces: 3,
    deadlocks: 1,
  },
  { name: 'dining philosophers 3', program: philosophers(3), interleavings: 168, traces: 7, deadlocks: 1 },
  { name: 'dining philosophers 4', program: philosophers(4), interleavings: 98_184, traces: 15, deadlocks: 1 },
  {
    name: 'dining philosophers 3, last one reversed',
    program: philosophers(3, 'reversed'),
    interleavings: 142,
    traces: 6,
    deadlocks: 0,
  },
  { name: 'lastzero 2', program: lastzero(2), interleavings: 35, traces: 5 },
  { name: 'lastzero 3', program: lastzero(3), interleavings: 920, traces: 12 },
  ...[
    { permits: 2, workers: 2, interleavings: 6, traces: 6 },
    { permits: 1, workers: 2, interleavings: 2, traces: 2 },
    { permits: 1, workers: 3, interleavings: 6, traces: 6 },
  ].map(({ permits, workers, ...counts }) => ({
    name: `semaphore(${permits}), ${workers} workers`,
    program: { tasks: times(workers, () => [down('s'), up('s')]), initial: { s: permits } },
    ...counts,
  })),
  {
    name: 'message passing that waits for the flag',
    program: {
      tasks: [
        [w('d'), w('f')],
        [until('f', f => f === 1), r('d')],
      ],
    },
    interleavings: 1,
    traces: 1,
  },
  {
    name: 'a condition that holds for a while only',
    program: { tasks: [[w('x', 1), w('x', 2)], [until('x', x => x === 1)]] },
    interleavings: 2,
    traces: 2,
    deadlocks: 1,
  },
]

const tasks: Oracle[] = [
  {
    name: 't=x; await; x=t+1 ×2',
    program: both(step(r('x')), step(w('x', g => g.x + 1))),
    interleavings: 6,
    traces: 4,
    outcomes: [['x'], { 'x=1': 2, 'x=2': 2 }],
  },
  {
    name: 't=x; await; x=t+1 ×3',
    program: { tasks: times(3, () => [step(r('x')), step(w('x', g => g.x + 1))]) },
    interleavings: 90,
    traces: 36,
    outcomes: [['x'], { 'x=1': 12, 'x=2': 18, 'x=3': 6 }],
  },
  ...[2, 3].map(n => ({
    name: `x+=1 in one segment ×${n}`,
    program: { tasks: times(n, () => [step(...readModifyWrite())]) },
    interleavings: factorial(n),
    traces: factorial(n),
    outcomes: [['x'], { [`x=${n}`]: factorial(n) }] as Oracle['outcomes'],
  })),
  {
    name: 'a segment that touches nothing in the middle ×2',
    program: both(step(r('x')), step(), step(w('x', g => g.x + 1))),
    interleavings: 20,
    traces: 4,
  },
  ...[1, 2, 3].map(k => ({
    name: `${k}-segment logger ×2`,
    program: both(...times(k, () => [step(u('log'))]).flat()),
    interleavings: binomial(2 * k, k),
    traces: binomial(2 * k, k),
  })),
  {
    name: 'i=v; await; log; v+=i+1 ×2',
    program: both(
      step(r('v', 'i')),
      step(
        u('log'),
        r('v'),
        w('v', g => g.v + g.i + 1),
      ),
    ),
    interleavings: 6,
    traces: 4,
    outcomes: [['v'], { 'v=2': 2, 'v=3': 2 }],
  },
  {
    name: 'if (!c) { await load(); n++; c = … } ×2',
    program: both(
      step(r('c')),
      when(g => g.c === 0, [step(...readModifyWrite('n'), w('c', 42))]),
    ),
    interleavings: 6,
    traces: 4,
    outcomes: [['n'], { 'n=1': 2, 'n=2': 2 }],
  },
  {
    name: 'init ‖ use, each after one await',
    program: {
      tasks: [
        [step(), step(w('x'))],
        [step(), step(r('x'))],
      ],
    },
    interleavings: 6,
    traces: 2,
  },
  { name: 'dining 2', program: asyncPhilosophers(2), interleavings: 4, traces: 3, deadlocks: 1 },
  { name: 'dining 3', program: asyncPhilosophers(3), interleavings: 30, traces: 7, deadlocks: 1 },
  ...[2, 3].map(n => ({
    name: `mutex held across an await, RMW ×${n}`,
    program: {
      tasks: times(n, () => [
        step(acq('l'), r('x')),
        step(
          w('x', g => g.x + 1),
          rel('l'),
        ),
      ]),
    },
    interleavings: factorial(n),
    traces: factorial(n),
    outcomes: [['x'], { [`x=${n}`]: factorial(n) }] as Oracle['outcomes'],
  })),
]

for (const [kind, oracles] of [
  ['threads', threads],
  ['tasks', tasks],
] as const) {
  describe(`${kind}: executions are the traces of brute force`, () => {
    test.each(oracles)('$name: $traces', ({ program, interleavings, traces, deadlocks = 0, outcomes }) => {
      const result = checkAgainstBruteForce(program, kind)
      expect(result.search.executions).toBe(traces)
      expect(result.search.deadlocks).toBe(deadlocks)
      if (interleavings !== undefined) expect(result.interleavings).toBe(interleavings)
      if (outcomes) expect(result.search.outcomes(...outcomes[0])).toEqual(outcomes[1])
    })
  })
}

test('store buffering never ends with both reads 0', () => {
  const states = [...checkAgainstBruteForce(litmus('w:x r:y | w:y r:x'), 'threads').search.traces.values()]
  expect(states.some(state => state.includes('["y",0]') && state.includes('["x",0]'))).toBe(false)
})
