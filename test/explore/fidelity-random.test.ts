import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { instrument } from '../../dist/transform/index.js'
import { type NativeProgram, nativeOutcomes } from '../support/native-outcomes.js'
import { eventLoopSource } from './support/event-loop-source.js'

interface State {
  log: string[]
}

/** More of them, or others, by hand: `FRONTRUN_SEED=5000 FRONTRUN_PROGRAMS=500`. */
const FIRST = Number(process.env.FRONTRUN_SEED ?? 1)
const PROGRAMS = Number(process.env.FRONTRUN_PROGRAMS ?? 150)
const MOST = 14

function evaluate(source: string, ...given: unknown[]): NativeProgram<State> {
  const exports = {} as { load(): NativeProgram<State> }
  new Function('exports', ...(given.length > 0 ? ['setTimeout'] : []), source)(exports, ...given)
  return exports.load()
}

const print = ({ log }: State): string => log.join(' ')

async function explored(source: string, seed: number): Promise<Set<string>> {
  const { setup, bodies } = evaluate(instrument(source, `event-loop-${seed}.js`, { format: 'commonjs' }).code)
  const outcomes = new Set<string>()
  const result = await exploreDpor({
    fidelity: 'engine',
    setup,
    tasks: bodies,
    invariant: state => void outcomes.add(print(state)),
    stopOnFirst: false,
    reproduceOnFailure: 0,
  })
  for (const { kind } of result.failures) outcomes.add(kind)
  expect(result.exhaustive).toBe(true)
  return outcomes
}

test('random programs end as real runs with all orders of starts and timers forced', { timeout: 900_000 }, async () => {
  const failures: string[] = []
  let [compared, outcomes] = [0, 0]
  for (let seed = FIRST; compared < PROGRAMS; seed++) {
    const source = eventLoopSource(seed)
    const expected = await nativeOutcomes(setTimeout => evaluate(source, setTimeout), print, MOST)
    if (expected === null) continue
    compared++
    outcomes += expected.size
    try {
      const found = await explored(source, seed)
      const [missing, impossible] = [[...expected].filter(x => !found.has(x)), [...found].filter(x => !expected.has(x))]
      if (missing.length + impossible.length > 0)
        failures.push(
          `seed ${seed}: missing ${JSON.stringify(missing)}, impossible ${JSON.stringify(impossible)}\n${source}`,
        )
    } catch (error) {
      failures.push(`seed ${seed}: ${(error as Error).stack}\n${source}`)
    }
    if (failures.length > 5) break
  }
  expect(failures.slice(0, 3).join('\n\n')).toBe('')
  expect(outcomes).toBeGreaterThan(compared * 2)
})
