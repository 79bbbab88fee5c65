import { describe, expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { clearNotes, note, readNotes } from '../support/notebook.js'
import { countTraces } from './support/count.js'

interface State {
  cells: Int32Array
}

type Body = (cells: Int32Array) => unknown

const setup = (): State => {
  clearNotes()
  return { cells: new Int32Array(new SharedArrayBuffer(32)) }
}

/** Each thread notes what its body returns. */
const noting = (bodies: Body[]) =>
  bodies.map((body, thread) => ({ cells }: State) => {
    note(thread, String(body(cells)))
  })

const print = ({ cells }: State): string => `${cells.slice(0, 2).join()} ${readNotes()}`

interface Compared {
  traces: number
  redundant: number
  endings: string[]
}

/** How often each ending comes about, by the exploration: it must be as often as by every schedule there is. */
async function compare(bodies: Body[]): Promise<Compared> {
  const threads = noting(bodies)
  const counted = await countTraces({ setup, threads, outcome: print })
  const all = await runEverySchedule({ setup, threads }, print, 20_000)
  if (all === null) throw new Error('too many schedules')
  const expected: Record<string, number> = {}
  for (const ending of all.endings.values()) expected[ending] = (expected[ending] ?? 0) + 1
  expect(counted.outcomes).toEqual(expected)
  return { traces: counted.explored, redundant: counted.redundant, endings: Object.keys(expected) }
}

const { load, store, add, sub, and, or, xor, exchange, compareExchange } = Atomics

/** The accesses of a litmus test, by Atomics or plain, each to an element of its own. */
function bodiesOf(text: string, atomic: boolean): Body[] {
  const names = [...new Set([...text.matchAll(/[rw]:(\w+)/g)].map(match => match[1]))]
  return text.split('|').map(thread => {
    const operations = thread
      .trim()
      .split(' ')
      .map(word => word.split(':'))
    return cells => {
      const seen: number[] = []
      for (const [kind, name, value = '1'] of operations) {
        const x = names.indexOf(name)
        if (kind === 'r') seen.push(atomic ? load(cells, x) : cells[x])
        else if (atomic) store(cells, x, Number(value))
        else cells[x] = Number(value)
      }
      return seen
    }
  })
}

describe.each([
  ['Atomics', true],
  ['plain elements', false],
])('litmus tests over %s: executions = traces', (_, atomic) => {
  test.each([
    ['store buffering', 'w:x r:y | w:y r:x', 3],
    ['message passing', 'w:d w:f | r:f r:d', 3],
    ['load buffering', 'r:y w:x | r:x w:y', 3],
    ['2+2W', 'w:x:1 w:y:2 | w:y:1 w:x:2', 3],
    ['write-to-read causality', 'w:x | r:x w:y | r:y r:x', 7],
    ['independent reads of independent writes', 'w:x | r:x r:y | r:y r:x | w:y', 15],
    ['coherence of two reads', 'w:x:1 w:x:2 | r:x r:x', 6],
    ['coherence of two readers', 'w:x:1 | w:x:2 | r:x r:x | r:x r:x', 72],
  ])('%s', async (__, text, traces) => {
    const threads = noting(bodiesOf(text, atomic))
    expect(await countTraces({ setup, threads })).toMatchObject({ explored: traces, redundant: 0 })
  })
})

test.each<[string, number, ...Body[]]>([
  ['store buffering', 3, c => [store(c, 0, 1), load(c, 1)], c => [store(c, 1, 1), load(c, 0)]],
  ['message passing', 3, c => [store(c, 0, 1), store(c, 1, 1)], c => [load(c, 1), load(c, 0)]],
  ['load buffering', 3, c => [load(c, 1), store(c, 0, 1)], c => [load(c, 0), store(c, 1, 1)]],
  ['coherence', 6, c => [store(c, 0, 1), store(c, 0, 2)], c => [load(c, 0), load(c, 0)]],
])('%s: the same outcomes as by brute force', async (_, traces, ...bodies) => {
  expect(await compare(bodies)).toMatchObject({ traces, redundant: 0 })
})

describe('attempts: executions = traces = brute force, none redundant', () => {
  const programs: Record<string, [traces: number, ...Body[]]> = {
    'two expect the same': [
      2,
      ...[1, 2].map(
        (i): Body =>
          cells =>
            compareExchange(cells, 0, 0, i),
      ),
    ],
    'one expects what the other writes': [
      2,
      ...[0, 1].map(
        (i): Body =>
          cells =>
            compareExchange(cells, 0, i, i + 1),
      ),
    ],
    'in a chain of three': [
      5,
      ...[0, 1, 2].map(
        (i): Body =>
          cells =>
            compareExchange(cells, 0, i, i + 1),
      ),
    ],
    'against an addition': [2, cells => compareExchange(cells, 0, 1, 5), cells => add(cells, 0, 1)],
    'there and back': [
      5,
      cells => compareExchange(cells, 0, 0, 1),
      cells => compareExchange(cells, 0, 1, 0),
      cells => compareExchange(cells, 0, 0, 2),
    ],
    'against one byte of the element': [
      4,
      cells => compareExchange(cells, 0, 256, 5),
      cells => exchange(new Int8Array(cells.buffer), 1, 1),
      cells => exchange(new Int8Array(cells.buffer), 0, 1),
    ],
    'of one byte': [
      5,
      cells => compareExchange(new Uint8Array(cells.buffer), 1, 1, 2),
      cells => store(cells, 0, 256),
      cells => load(new Int16Array(cells.buffer), 0),
    ],
    'after a plain write': [
      3,
      cells => {
        cells[0] = 1
        return compareExchange(cells, 0, 1, 2)
      },
      cells => compareExchange(cells, 0, 0, 3),
    ],
  }
  test.each(Object.entries(programs))('%s', async (_, [traces, ...bodies]) => {
    expect(await compare(bodies)).toMatchObject({ traces, redundant: 0 })
  })
})

test('a try-lock made of compareExchange excludes', async () => {
  const tries: Body = cells => {
    if (compareExchange(cells, 0, 0, 1) !== 0) return 0
    cells[1]++
    store(cells, 0, 0)
    return 1
  }
  const { endings } = await compare([tries, tries])
  expect(endings.sort()).toEqual(['0,1 0 1', '0,1 1 0', '0,2 1 1'])
})

test.each([
  [Int8Array, 257, 1],
  [Uint8Array, -1, 255],
  [Int16Array, 65_537, 1],
  [Uint16Array, -1, 65_535],
  [Uint32Array, -1, 4_294_967_295],
  [BigInt64Array, 2n ** 63n, -(2n ** 63n)],
  [BigUint64Array, -1n, 2n ** 64n - 1n],
])('%o wraps values, and a store returns what it was given', async (View, value, wrapped) => {
  const { outcomes } = await countTraces({
    setup: () => ({ view: new (View as unknown as Int32ArrayConstructor)(new SharedArrayBuffer(16)), said: '' }),
    threads: [
      s => {
        const stored = store(s.view, 1, value as number)
        const found = exchange(s.view, 1, value as number)
        s.said = `${stored} ${found}`
      },
    ],
    outcome: s => s.said,
  })
  expect(outcomes).toEqual({ [`${value} ${wrapped}`]: 1 })
})

describe('arguments are taken as the language takes them', () => {
  const ints = (): Int32Array => new Int32Array(new SharedArrayBuffer(8))
  const calls: Record<string, () => unknown> = {
    'an index as a string': () => add(ints(), '1' as never, 1),
    'no index': () => store(ints(), undefined as never, 3),
    'a negative index': () => load(ints(), -1),
    'an index beyond the end': () => store(ints(), 2, 1),
    'an infinite index': () => load(ints(), Infinity),
    'an index that is a big integer': () => load(ints(), 1n as never),
    'a symbol as index': () => load(ints(), Symbol('i') as never),
    'negative zero': () => store(ints(), -0, -0),
    'a fraction': () => exchange(ints(), 0.9, 2.9),
    'not a number': () => or(ints(), 0, Number.NaN),
    'a string': () => xor(ints(), 0, '7' as never),
    nothing: () => and(ints(), 0, undefined as never),
    'a big integer into plain integers': () => sub(ints(), 0, 1n as never),
    'an integer into big ones': () => store(new BigInt64Array(1) as never, 0, 1),
    'an array of floats': () => load(new Float64Array(1) as never, 0),
    'clamped integers': () => load(new Uint8ClampedArray(1) as never, 0),
    'a plain array': () => load([1] as never, 0),
    'no array': () => add(undefined as never, 0, 1),
    'memory that is not shared': () => add(new Int32Array(2), 1, 5),
    isLockFree: () => [1, 2, 3, 4, 8].map(size => Atomics.isLockFree(size)).join(),
  }
  const result = (call: () => unknown): string => {
    try {
      const value = call()
      return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`
    }
  }
  test.each(Object.keys(calls))('%s', async name => {
    const natively = result(calls[name])
    for (const unit of ['tasks', 'threads']) {
      const body = (s: { said: string }) => {
        s.said = result(calls[name])
      }
      const { outcomes } = await countTraces({ setup: () => ({ said: '' }), [unit]: [body], outcome: s => s.said })
      expect(outcomes).toEqual({ [natively]: 1 })
    }
  })

  test('objects are converted once, the index before the value', async () => {
    const logging = (log: string[], name: string, value: number) => ({
      valueOf: () => {
        log.push(name)
        return value
      },
    })
    const { outcomes } = await countTraces({
      setup: () => ({ cells: ints(), log: [] as string[], found: 0 }),
      threads: [
        s => {
          const index = logging(s.log, 'index', 1) as never
          s.found = compareExchange(
            s.cells,
            index,
            logging(s.log, 'expected', 0) as never,
            logging(s.log, 'new', 7) as never,
          )
        },
      ],
      outcome: s => `${s.log.join()} ${s.cells.join()} ${s.found}`,
    })
    expect(outcomes).toEqual({ 'index,expected,new 0,7 0': 1 })
  })
})
