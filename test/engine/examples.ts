import {
  acq,
  cas,
  join,
  loop,
  type Operation,
  type Program,
  r,
  rel,
  set,
  sleep,
  spawn,
  step,
  trylock,
  u,
  w,
  wake,
  when,
} from './program.js'

/** The programs of the literature, in the model of one event per access. */
export const times = (n: number, make: (i: number) => Operation[]): Operation[][] =>
  Array.from({ length: n }, (_, i) => make(i))
const repeat = (n: number, make: (i: number) => Operation[]): Operation[] => times(n, make).flat()

export const readModifyWrite = (x = 'x'): Operation[] => [r(x), w(x, g => g[x] + 1)]
export const locked = (lock: string, ...body: Operation[]): Operation[] => [acq(lock), ...body, rel(lock)]

/** `w:x:2 | r:x r:y`, as in the papers; a write without a value writes 1. */
export function litmus(text: string): Program {
  const operation = (word: string): Operation => {
    const [kind, x, value] = word.split(':')
    if (kind === 'r') return r(x)
    if (kind === 'w') return w(x, value === undefined ? 1 : Number(value))
    if (kind === 'u') return u(x)
    const [from, to] = value.split('>').map(Number)
    return cas(x, from, to)
  }
  return { tasks: text.split('|').map(task => task.trim().split(/\s+/).map(operation)) }
}

export const readers = (n: number): Program => ({ tasks: [[w('x')], ...times(n, () => [r('x')])] })

/** JACM 2017: each writer copies its left neighbour plus one; the reader looks for the last zero. */
export const lastzero = (n: number): Program => ({
  tasks: [
    [set('i', n + 1), set('v', 1), ...repeat(n + 1, k => [when(g => g.v !== 0, [r(`a${n - k}`, 'v')])])],
    ...times(n, i => [r(`a${i}`, 't'), w(`a${i + 1}`, g => g.t + 1)]),
  ],
})

/** POPL 2005 (Flanagan, Godefroid), with the constants of Nidhugg's version. */
export const indexer = (threads: number): Program => ({
  tasks: times(threads, tid =>
    repeat(4, m => {
      const first = (((m + 1) * 11 + tid) * 7) % 128
      const attempt = (h: number, depth: number): Operation[] =>
        depth === 0
          ? []
          : [
              ...locked(
                `lock${h}`,
                r(`t${h}`, 'slot'),
                when(g => g.slot === 0, [w(`t${h}`, (m + 1) * 11 + tid)]),
              ),
              when(g => g.slot !== 0, attempt((h + 1) % 128, depth - 1)),
            ]
      return attempt(first, 8)
    }),
  ),
})

/** POPL 2005, with 32 inodes and 26 blocks. */
export const filesystem = (threads: number): Program => ({
  tasks: times(threads, tid => {
    const attempt = (b: number, depth: number): Operation[] =>
      depth === 0
        ? []
        : [
            ...locked(
              `block${b}`,
              r(`busy${b}`, 'busy'),
              when(g => g.busy === 0, [w(`busy${b}`), w(`inode${tid}`, b + 1)]),
            ),
            when(g => g.busy !== 0, attempt((b + 1) % 26, depth - 1)),
          ]
    return locked(
      `inodelock${tid}`,
      r(`inode${tid}`, 'inode'),
      when(g => g.inode === 0, attempt((tid * 2) % 26, 10)),
    )
  }),
})

/** SV-COMP; the third thread is the main one, which looks at both. */
export const fibBench = (n: number): Program => ({
  initial: { i: 1, j: 1 },
  tasks: [
    repeat(n, () => [r('i'), r('j'), w('i', g => g.i + g.j)]),
    repeat(n, () => [r('j'), r('i'), w('j', g => g.i + g.j)]),
    [r('i'), r('j')],
  ],
})

/** Nguyen et al., CAV 2018: an index decides which lock the last thread takes. */
export const ssbexp = (k: number): Program => ({
  tasks: [
    ...times(k, x => locked(`m${x}`)),
    repeat(k - 1, x => locked('mi', w('i', x + 1))),
    [...locked('mi', r('i')), ...repeat(k, x => [when(g => g.i === x, locked(`m${x}`))])],
  ],
})

export const casw = (n: number): Program => ({ tasks: times(n, i => [cas('x', 0, 1), w('x', i + 3)]) })

const ordered = (order: 'ring' | 'lowest' | 'reversed', n: number, i: number): [number, number] => {
  const [left, right] = [i, (i + 1) % n]
  if (order === 'lowest') return [Math.min(left, right), Math.max(left, right)]
  return order === 'reversed' && i === n - 1 ? [right, left] : [left, right]
}

export const philosophers = (n: number, order: 'ring' | 'lowest' | 'reversed' = 'ring'): Program => ({
  tasks: times(n, i => {
    const [first, second] = ordered(order, n, i)
    return [acq(`fork${first}`), acq(`fork${second}`), rel(`fork${second}`), rel(`fork${first}`)]
  }),
})

/** Async: takes the left fork in one segment, the right one in the next, which gives both back. */
export const asyncPhilosophers = (n: number): Program => ({
  tasks: times(n, i => [
    step(acq(`fork${i}`)),
    step(acq(`fork${(i + 1) % n}`), rel(`fork${(i + 1) % n}`), rel(`fork${i}`)),
  ]),
})

const monitor = (
  blocked: (g: Record<string, number>) => boolean,
  wait: string,
  change: number,
  wakes: string,
): Operation[] =>
  locked(
    'l',
    r('n'),
    loop(blocked, [step(rel('l'), sleep(wait)), acq('l'), r('n')]),
    w('n', g => g.n + change),
    wake(wakes),
  )

/** One producer and one consumer of `items` items over a buffer of one, with a lock and two conditions. */
export const boundedBuffer = (items: number): Program => ({
  tasks: [
    repeat(items, () => monitor(g => g.n >= 1, 'notFull', 1, 'notEmpty')),
    repeat(items, () => monitor(g => g.n === 0, 'notEmpty', -1, 'notFull')),
  ],
})

export const spawnJoin = (n: number): Program => ({
  tasks: [[...repeat(n, i => [spawn(i + 1)]), ...repeat(n, i => [join(i + 1)]), r('x')], ...times(n, () => [u('x')])],
})

export const tryLocks = (n: number): Program => ({
  tasks: times(n, () => [trylock('l'), when(g => g.locked === 1, [...readModifyWrite(), rel('l')])]),
})

/** Check, await the load, store. */
export const cacheStampede = (n: number): Program => ({
  tasks: times(n, () => [step(r('c')), when(g => g.c === 0, [step(u('loads')), step(w('c', 42))])]),
})

export const asyncBank = (n: number): Program => ({
  initial: { balance: 100 },
  tasks: times(n, () => [
    step(r('balance')),
    when(
      g => g.balance >= 60,
      [
        step(
          r('balance', 'now'),
          w('balance', g => g.now - 60),
        ),
      ],
    ),
  ]),
})
