import { exploreDpor } from 'frontrun'
import { expect } from 'vitest'
import { instrument } from '../../../dist/transform/index.js'
import { type NativeProgram, nativeOutcomes } from '../../support/native-outcomes.js'
import { eventLoopSource } from './event-loop-source.js'

interface State {
  log: string[]
}

const MOST = 14

/** Evaluates the text of a module as it is; what is given, it gets as `setTimeout`. */
export function evaluate<S>(source: string, ...given: unknown[]): NativeProgram<S> {
  const exports = {} as { load(): NativeProgram<S> }
  new Function('exports', ...(given.length > 0 ? ['setTimeout'] : []), source)(exports, ...given)
  return exports.load()
}

/** The same, instrumented. */
export const evaluateInstrumented = <S>(source: string, name: string): NativeProgram<S> =>
  evaluate<S>(instrument(source, name, { format: 'commonjs' }).code)

const print = ({ log }: State): string => log.join(' ')

async function explored(source: string, seed: number): Promise<Set<string>> {
  const { setup, bodies } = evaluateInstrumented<State>(source, `event-loop-${seed}.js`)
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

/** Compares random programs, from the seed `first` on, with real runs of them under all orders of starts and timers. */
export async function compareWithRealRuns(first: number, programs: number): Promise<void> {
  const failures: string[] = []
  let [compared, outcomes] = [0, 0]
  for (let seed = first; compared < programs; seed++) {
    const source = eventLoopSource(seed)
    const expected = await nativeOutcomes<State>(setTimeout => evaluate(source, setTimeout), print, MOST)
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
}
