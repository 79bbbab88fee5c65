import { litmusTests, type ThreadProgram } from './litmus-tests.js'
import { type Body, type Memory, range, repeated } from './memory.js'

export const increment = (m: Memory, x = 'x'): void => m.set(x, m.get(x) + 1)
const readModifyWrite: Body = m => increment(m)

export function locked(m: Memory, lock: string, body: () => void): void {
  m.acquire(lock)
  body()
  m.release(lock)
}

export const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))
const names = (prefix: string, n: number): string =>
  range(n)
    .map(i => prefix + i)
    .join(' ')

const takeTwo =
  (first: string, second: string, between?: Body): Body =>
  m => {
    m.acquire(first)
    between?.(m)
    m.acquire(second)
    m.release(second)
    m.release(first)
  }

export function philosophers(n: number, traces: number, order: 'ring' | 'reversed' | 'lowest' = 'ring'): ThreadProgram {
  const threads = range(n).map(i => {
    const [left, right] = [i, (i + 1) % n]
    const swap = order === 'lowest' ? left > right : order === 'reversed' && i === n - 1
    return takeTwo(`f${swap ? right : left}`, `f${swap ? left : right}`)
  })
  const name = `${n} dining philosophers${order === 'ring' ? '' : order === 'lowest' ? ', lowest fork first' : ', last one reversed'}`
  return { name, variables: '', locks: names('f', n), threads, traces, deadlocks: order === 'ring' ? 1 : 0 }
}

/** JACM 2017: each writer copies its left neighbour plus one; the reader looks for the last zero. */
export const lastzero = (n: number, traces: number): ThreadProgram => ({
  name: `lastzero(${n})`,
  variables: names('a', n + 1),
  threads: [
    m => {
      let i = n
      while (m.get(`a${i}`) !== 0) i--
    },
    ...range(n).map(i => (m: Memory) => m.set(`a${i + 1}`, m.get(`a${i}`) + 1)),
  ],
  traces,
})

const checkThenAct: Body = m => {
  let empty = false
  locked(m, 'l', () => {
    empty = m.get('x') === 0
  })
  locked(m, 'l', () => m.set('x', (empty ? 0 : m.get('x')) + 1))
}

export const threadPrograms: ThreadProgram[] = [
  ...litmusTests,
  {
    name: 'read-modify-write ×2',
    variables: 'x',
    threads: repeated(2, readModifyWrite),
    traces: 4,
    outcomes: ['x', { 'x=1': 2, 'x=2': 2 }],
  },
  {
    name: 'read-modify-write ×3',
    variables: 'x',
    threads: repeated(3, readModifyWrite),
    traces: 36,
    outcomes: ['x', { 'x=1': 12, 'x=2': 18, 'x=3': 6 }],
  },
  ...[2, 3, 4].map(n => ({
    name: `${n} writers of one variable`,
    variables: 'x',
    threads: range(n).map(i => (m: Memory) => m.set('x', i + 1)),
    traces: factorial(n),
    outcomes: ['x', Object.fromEntries(range(n).map(i => [`x=${i + 1}`, factorial(n - 1)]))] as [
      string,
      Record<string, number>,
    ],
  })),
  {
    name: 'x+=1; x+=1 ×2',
    variables: 'x',
    threads: repeated(2, m => {
      increment(m)
      increment(m)
    }),
    traces: 34,
    outcomes: ['x', { 'x=2': 12, 'x=3': 16, 'x=4': 6 }],
  },
  {
    name: 'x+=1; y+=1 ×2',
    variables: 'x y',
    threads: repeated(2, m => {
      increment(m, 'x')
      increment(m, 'y')
    }),
    traces: 16,
    outcomes: ['x y', { 'x=1 y=1': 4, 'x=1 y=2': 4, 'x=2 y=1': 4, 'x=2 y=2': 4 }],
  },
  {
    name: 'bank transfer ×2',
    variables: 'a b',
    threads: repeated(2, m => {
      const a = m.get('a')
      const b = m.get('b')
      m.set('a', a - 1)
      m.set('b', b + 1)
    }),
    traces: 12,
  },
  {
    name: 'double-checked initialisation ×2',
    variables: 'n c',
    threads: repeated(2, m => {
      if (m.get('c') === 0) {
        increment(m, 'n')
        m.set('c', 42)
      }
    }),
    traces: 10,
    outcomes: ['n', { 'n=1': 6, 'n=2': 4 }],
  },
  ...[2, 3, 4].map(n => ({
    name: `locked read-modify-write ×${n}`,
    variables: 'x',
    locks: 'l',
    threads: repeated(n, (m: Memory) => locked(m, 'l', () => increment(m))),
    traces: factorial(n),
    outcomes: ['x', { [`x=${n}`]: factorial(n) }] as [string, Record<string, number>],
  })),
  {
    name: 'check, then act, in two critical sections ×2',
    variables: 'x',
    locks: 'l',
    threads: repeated(2, checkThenAct),
    traces: 6,
    outcomes: ['x', { 'x=1': 4, 'x=2': 2 }],
  },
  {
    name: 'writer L{x} M{y}, reader L{x} M{y}',
    variables: 'x y',
    locks: 'L M',
    threads: [
      m => {
        locked(m, 'L', () => m.set('x', 1))
        locked(m, 'M', () => m.set('y', 1))
      },
      m => {
        locked(m, 'L', () => m.get('x'))
        locked(m, 'M', () => m.get('y'))
      },
    ],
    traces: 4,
  },
  {
    name: 'AB/BA locks',
    variables: '',
    locks: 'a b',
    threads: [takeTwo('a', 'b'), takeTwo('b', 'a')],
    traces: 3,
    deadlocks: 1,
  },
  {
    name: 'AB/BA and x+=1 inside the first lock',
    variables: 'x',
    locks: 'a b',
    threads: [takeTwo('a', 'b', readModifyWrite), takeTwo('b', 'a', readModifyWrite)],
    traces: 6,
    deadlocks: 4,
  },
  { name: 'AB/AB', variables: '', locks: 'a b', threads: repeated(2, takeTwo('a', 'b')), traces: 2 },
  {
    name: 'lock order that depends on a flag another thread sets',
    variables: 'f',
    locks: 'a b',
    threads: [
      m => (m.get('f') === 1 ? takeTwo('a', 'b') : takeTwo('b', 'a'))(m),
      m => {
        m.set('f', 1)
        takeTwo('a', 'b')(m)
      },
    ],
    traces: 5,
    deadlocks: 1,
  },
  ...[2, 3, 4].map(n => ({
    name: `a lock that ${n} threads take and nobody releases`,
    variables: '',
    locks: 'l',
    threads: repeated(n, (m: Memory) => m.acquire('l')),
    traces: n,
    deadlocks: n,
  })),
  philosophers(3, 7),
  philosophers(4, 15),
  philosophers(3, 6, 'reversed'),
  ...[2, 3, 4].map(n => philosophers(n, [2, 6, 14][n - 2], 'lowest')),
  lastzero(2, 5),
  lastzero(3, 12),
  lastzero(4, 28),
]
