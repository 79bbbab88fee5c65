import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { clearNotes, note, readNotes } from '../support/notebook.js'
import { countTraces } from './support/count.js'

interface State {
  cells: Int32Array
}
type Body = (s: State) => unknown

const setup = (): State => {
  clearNotes()
  return { cells: new Int32Array(new SharedArrayBuffer(32)) }
}
const print = ({ cells }: State): string => `${cells.slice(0, 2).join()} ${readNotes()}`
const { wait, notify, store } = Atomics

async function compare(threads: Body[]): Promise<Record<string, number>> {
  const counted = await countTraces({ setup, threads, outcome: print })
  const all = await runEverySchedule({ setup, threads }, print, 20_000)
  if (all === null) throw new Error('too many schedules')
  const expected: Record<string, number> = {}
  let deadlocks = 0
  for (const ending of all.endings.values()) {
    if (ending.startsWith('deadlock')) deadlocks++
    else expected[ending] = (expected[ending] ?? 0) + 1
  }
  expect({ deadlocks: counted.deadlocks, outcomes: counted.outcomes, redundant: counted.redundant }).toEqual({
    deadlocks,
    outcomes: expected,
    redundant: 0,
  })
  return { ...counted.outcomes, ...(deadlocks > 0 ? { deadlock: deadlocks } : {}) }
}

const waits =
  (thread: number, timeout?: number): Body =>
  ({ cells }) =>
    note(thread, wait(cells, 0, 0, timeout))

const wakes =
  (most?: number): Body =>
  ({ cells }) => {
    store(cells, 0, 1)
    note(3, String(notify(cells, 0, most)))
  }
const notifies =
  (most?: number): Body =>
  ({ cells }) =>
    note(3, String(notify(cells, 0, most)))

test.each<[string, Record<string, number>, ...Body[]]>([
  ['a waiter and a waker', { '1,0 ok - - 1': 1, '1,0 not-equal - - 0': 1 }, waits(0), wakes()],
  ['a notification that comes too early is lost', { '0,0 ok - - 1': 1, deadlock: 1 }, waits(0), notifies()],
  [
    'two waiters, of which one is woken',
    { '1,0 ok not-equal - 1': 1, '1,0 not-equal ok - 1': 1, '1,0 not-equal not-equal - 0': 1, deadlock: 2 },
    ...[waits(0), waits(1), wakes(1)],
  ],
  [
    'two waiters, both woken, in the order in which they came',
    { '1,0 ok not-equal - 1': 1, '1,0 not-equal ok - 1': 1, '1,0 not-equal not-equal - 0': 1, '1,0 ok ok - 2': 2 },
    ...[waits(0), waits(1), wakes()],
  ],
  [
    'time runs out before, or not',
    { '1,0 ok - - 1': 1, '1,0 timed-out - - 0': 1, '1,0 not-equal - - 0': 1 },
    ...[waits(0, 10), wakes()],
  ],
  ['no time to wait', { '1,0 timed-out - - 0': 1, '1,0 not-equal - - 0': 1 }, waits(0, 0), wakes()],
  ['nobody is to be woken', { '0,0 timed-out - - 0': 1 }, waits(0, 5), notifies(0)],
])('%s: the same outcomes as by brute force', async (_, outcomes, ...threads) => {
  expect(await compare(threads)).toEqual(outcomes)
})

test('the ones that came first are woken first', async () => {
  const { outcomes } = await countTraces({
    setup,
    tasks: [
      async ({ cells }) => {
        const all = ['a', 'b', 'c'].map(async name => {
          const result = Reflect.get(Atomics, 'waitAsync')(cells, 0, 0, name === 'c' ? 50 : undefined)
          note(0, `${name} ${await result.value}`)
        })
        note(1, [notify(cells, 0, 2)].join())
        await Promise.all(all)
      },
    ],
    outcome: s => print(s).split(' ').slice(1).join(' ').split(';').sort().join(),
  })
  expect(Object.keys(outcomes)).toEqual(['a ok,b ok,c timed-out 2'])
})

test('waitAsync', async () => {
  const { outcomes } = await countTraces({
    setup,
    tasks: [
      async ({ cells }) => {
        const { async, value } = Reflect.get(Atomics, 'waitAsync')(cells, 0, 0, 100)
        note(0, `${async} ${value instanceof Promise ? await value : value}`)
      },
      async ({ cells }) => {
        await null
        cells[0] = 1
        note(1, String(notify(cells, 0)))
      },
    ],
    outcome: print,
  })
  expect(outcomes).toEqual({ '1,0 true ok 1': 1, '1,0 true timed-out 0': 1, '1,0 false not-equal 0': 1 })
})

test('in tasks, nobody could end a wait', async () => {
  const result = await exploreDpor({ setup, tasks: [({ cells }) => wait(cells, 0, 0)], invariant: () => true })
  expect(result.explanation).toMatch('Atomics.wait would block the event loop for ever')
  const { outcomes } = await countTraces({
    setup,
    tasks: [({ cells }) => note(0, `${wait(cells, 0, 1)} ${wait(cells, 0, 0, 5)}`)],
    outcome: print,
  })
  expect(outcomes).toEqual({ '0,0 not-equal timed-out': 1 })
})

test('who waits for ever is named, and what for', async () => {
  const result = await exploreDpor({ setup, threads: [waits(0), notifies()], invariant: () => true })
  expect(result.failureKind).toBe('deadlock')
  expect(result.explanation).toMatch('thread 0 waits for Atomics.notify on state.cells[0]')
})

test.each<[string, () => unknown]>([
  ['wait, memory that is not shared', () => wait(new Int32Array(1), 0, 0)],
  ['wait, the wrong type', () => wait(new Int16Array(new SharedArrayBuffer(8)) as never, 0, 0)],
  ['wait, an index out of range', () => wait(new Int32Array(new SharedArrayBuffer(8)), 2, 0)],
  ['wait, an integer for a big one', () => wait(new BigInt64Array(new SharedArrayBuffer(8)), 0, 1 as never, 0)],
  ['wait, big integers', () => wait(new BigInt64Array(new SharedArrayBuffer(8)), 0, 2n ** 64n, 0)],
  ['notify, memory that is not shared', () => notify(new Int32Array(1), 0)],
  ['notify, the wrong type', () => notify(new Uint32Array(1) as never, 0)],
  ['notify, an index out of range', () => notify(new Int32Array(1), 1)],
  ['notify, a negative count', () => notify(new Int32Array(new SharedArrayBuffer(8)), 0, -1)],
  ['waitAsync, memory that is not shared', () => Reflect.get(Atomics, 'waitAsync')(new Int32Array(1), 0, 0)],
  [
    'waitAsync, not equal',
    () => JSON.stringify(Reflect.get(Atomics, 'waitAsync')(new Int32Array(new SharedArrayBuffer(8)), 0, 1)),
  ],
  [
    'waitAsync, no time',
    () => JSON.stringify(Reflect.get(Atomics, 'waitAsync')(new Int32Array(new SharedArrayBuffer(8)), 0, 0, 0)),
  ],
])('%s: as the language does', async (_, call) => {
  const result = (): string => {
    try {
      return String(call())
    } catch (error) {
      return String(error)
    }
  }
  const natively = result()
  const { outcomes } = await countTraces({ setup, threads: [() => note(0, result())], outcome: () => readNotes() })
  expect(outcomes).toEqual({ [natively]: 1 })
})
