import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { nativeOutcomes } from '../support/native-outcomes.js'
import { macrotaskSource } from './support/macrotask-source.js'
import { evaluate, evaluateInstrumented } from './support/real-runs.js'

type State = Record<'x' | 'y' | 'z', number>

/** Others, or more, by hand: `FRONTRUN_SEED=5000 FRONTRUN_PROGRAMS=1000`. */
const FIRST = Number(process.env.FRONTRUN_SEED ?? 1)
const PROGRAMS = Number(process.env.FRONTRUN_PROGRAMS ?? 100)
const MOST = 150

const print = ({ x, y, z }: State): string => `${x} ${y} ${z}`

test('of all sequences of macrotasks, one of each trace is explored, and nothing missed that a real run can do', {
  timeout: 900_000,
}, async () => {
  let [compared, traces, sequences] = [0, 0, 0]
  for (let seed = FIRST; compared < PROGRAMS; seed++) {
    const source = macrotaskSource(seed)
    const { setup, bodies } = evaluateInstrumented<State>(source, `macrotasks-${seed}.js`)
    const options = { fidelity: 'engine' as const, setup, tasks: bodies, stopOnFirst: false, reproduceOnFailure: 0 }
    const real = await nativeOutcomes<State>(setTimeout => evaluate(source, setTimeout), print, MOST)
    const all = real === null ? null : await runEverySchedule(options, print, MOST)
    if (real === null || all === null || all.executions === 1) continue
    compared++
    const found = new Set<string>()
    const result = await exploreDpor({ ...options, invariant: state => void found.add(print(state)) })
    for (const { kind, message } of result.failures) found.add(`${kind}: ${message}`)
    // A real run only shows that something failed.
    const kinds = (endings: Iterable<string>): string[] =>
      [...new Set([...endings].map(ending => ending.replace(/:.*/s, '')))].sort()
    traces += all.endings.size
    sequences += all.executions
    const context = `seed ${seed}\n${source}`
    expect([...found].sort(), context).toEqual([...new Set(all.endings.values())].sort())
    expect(kinds(found), context).toEqual(kinds(real))
    expect([result.numExplored, result.exhaustive], context).toEqual([all.endings.size, true])
  }
  expect(sequences).toBeGreaterThan(traces * 2)
})
