import { type AsyncBody, type Memory, range, repeated } from './memory.js'
import { factorial } from './thread-programs.js'

/** A program of tasks: a step is everything between two awaits. */
export interface TaskProgram {
  name: string
  variables: string
  locks?: string
  initial?: Record<string, number>
  tasks: AsyncBody[]
  traces: number
  deadlocks?: number
  outcomes?: [variables: string, Record<string, number>]
}

type Outcomes = [string, Record<string, number>]

const readModifyWrite: AsyncBody = async m => {
  const before = m.get('x')
  await null
  m.set('x', before + 1)
}

const inOneSegment: AsyncBody = async m => m.set('x', m.get('x') + 1)

const touchingNothing: AsyncBody = async m => {
  const before = m.get('x')
  await null
  await null
  m.set('x', before + 1)
}

/** Appends by hand: reads the length, writes the element, writes the length. */
function append(m: Memory, id: number): void {
  const length = m.get('length')
  m.set(`log${length}`, id)
  m.set('length', length + 1)
}

const logger =
  (id: number, segments: number): AsyncBody =>
  async m => {
    append(m, id)
    for (let done = 1; done < segments; done++) {
      await null
      append(m, id)
    }
  }

const loggers = (segments: number): TaskProgram => {
  const traces = [2, 6, 20][segments - 1]
  const slots = range(2 * segments).map(i => `log${i}`)
  return {
    name: `logger of ${segments} segments ×2`,
    variables: ['length', ...slots].join(' '),
    tasks: [logger(1, segments), logger(2, segments)],
    traces,
  }
}

const readLogWrite: AsyncBody = async m => {
  const before = m.get('v')
  await null
  m.set('log', m.get('log') + 1)
  m.set('v', m.get('v') + before + 1)
}

const load = async (): Promise<number> => {
  await null
  return 42
}

/** `if (!c) { await load(); n++; c = … }`, where nothing happens between the load and what follows. */
const loadOnce: AsyncBody = async m => {
  if (m.get('c') !== 0) return
  await null
  m.set('n', m.get('n') + 1)
  m.set('c', 42)
}

const afterOneAwait =
  (act: (m: Memory) => void): AsyncBody =>
  async m => {
    await null
    act(m)
  }

/** The left fork in one segment; the right one, and both back, in the next. */
const philosopher =
  (i: number, n: number): AsyncBody =>
  async m => {
    const [left, right] = [m.locks[`f${i}`], m.locks[`f${(i + 1) % n}`]]
    await left.acquire()
    await right.acquire()
    right.release()
    left.release()
  }

const philosophers = (n: number, traces: number): TaskProgram => ({
  name: `${n} dining philosophers`,
  variables: '',
  locks: range(n)
    .map(i => `f${i}`)
    .join(' '),
  tasks: range(n).map(i => philosopher(i, n)),
  traces,
  deadlocks: 1,
})

const lockedReadModifyWrite: AsyncBody = m => m.locks.l.withLock(() => readModifyWrite(m))

const lockedByHand: AsyncBody = async m => {
  await m.locks.l.acquire()
  try {
    await readModifyWrite(m)
  } finally {
    m.locks.l.release()
  }
}

/** Check; count the load; store: each in a segment of its own. */
const stampede: AsyncBody = async m => {
  if (m.get('c') !== 0) return
  await null
  m.set('loads', m.get('loads') + 1)
  const value = await load()
  m.set('c', value)
}

const withdraw: AsyncBody = async m => {
  if (m.get('balance') < 60) return
  await null
  m.set('balance', m.get('balance') - 60)
}

/** Starts n tasks that increment, and waits for all of them. */
const spawnAndJoin =
  (n: number): AsyncBody =>
  async m => {
    await Promise.all(range(n).map(() => afterOneAwait(memory => memory.set('x', memory.get('x') + 1))(m)))
    m.get('x')
  }

/** n tasks resolve one promise: the first wins. */
const firstResolve =
  (n: number): AsyncBody =>
  async m => {
    const winner = await new Promise<number>(resolve => {
      for (const i of range(n)) void afterOneAwait(() => resolve(i + 1))(m)
    })
    m.set('x', winner)
  }

const always = (n: number): Outcomes => ['x', { [`x=${n}`]: factorial(n) }]

export const taskPrograms: TaskProgram[] = [
  {
    name: 't = x; await; x = t + 1 ×2',
    variables: 'x',
    tasks: repeated(2, readModifyWrite),
    traces: 4,
    outcomes: ['x', { 'x=1': 2, 'x=2': 2 }],
  },
  {
    name: 't = x; await; x = t + 1 ×3',
    variables: 'x',
    tasks: repeated(3, readModifyWrite),
    traces: 36,
    outcomes: ['x', { 'x=1': 12, 'x=2': 18, 'x=3': 6 }],
  },
  ...[2, 3].map(n => ({
    name: `x += 1 in one segment ×${n}`,
    variables: 'x',
    tasks: repeated(n, inOneSegment),
    traces: factorial(n),
    outcomes: always(n),
  })),
  {
    name: 'a segment that touches nothing in the middle ×2',
    variables: 'x',
    tasks: repeated(2, touchingNothing),
    traces: 4,
    outcomes: ['x', { 'x=1': 2, 'x=2': 2 }],
  },
  ...[1, 2, 3].map(loggers),
  {
    name: 'i = v; await; log; v += i + 1 ×2',
    variables: 'v log',
    tasks: repeated(2, readLogWrite),
    traces: 4,
    outcomes: ['v', { 'v=2': 2, 'v=3': 2 }],
  },
  {
    name: 'if (!c) { await load(); n++; c = … } ×2',
    variables: 'n c',
    tasks: repeated(2, loadOnce),
    traces: 4,
    outcomes: ['n', { 'n=1': 2, 'n=2': 2 }],
  },
  {
    name: 'init ‖ use, each after one await',
    variables: 'x',
    tasks: [afterOneAwait(m => m.set('x', 1)), afterOneAwait(m => m.get('x'))],
    traces: 2,
  },
  philosophers(2, 3),
  philosophers(3, 7),
  ...[2, 3].flatMap(n =>
    [lockedReadModifyWrite, lockedByHand].map((body, form) => ({
      name: `a lock held across an await, by ${form === 0 ? 'withLock' : 'hand'} ×${n}`,
      variables: 'x',
      locks: 'l',
      tasks: repeated(n, body),
      traces: factorial(n),
      outcomes: always(n),
    })),
  ),
  { name: 'cache stampede(2)', variables: 'c loads', tasks: repeated(2, stampede), traces: 6 },
  { name: 'cache stampede(3)', variables: 'c loads', tasks: repeated(3, stampede), traces: 63 },
  ...[4, 21].map((traces, i) => ({
    name: `check-then-act bank(${i + 2})`,
    variables: 'balance',
    initial: { balance: 100 },
    tasks: repeated(i + 2, withdraw),
    traces,
  })),
  ...[2, 3, 4].map(n => ({
    name: `spawn ${n}, join all`,
    variables: 'x',
    tasks: [spawnAndJoin(n)],
    traces: factorial(n),
    outcomes: always(n),
  })),
  ...[2, 3].map(n => ({
    name: `the first of ${n} resolves wins`,
    variables: 'x',
    tasks: [firstResolve(n)],
    traces: n,
    outcomes: ['x', Object.fromEntries(range(n).map(i => [`x=${i + 1}`, 1]))] as Outcomes,
  })),
]
