import { exploreDpor } from 'frontrun'
import * as sync from 'frontrun/sync'
import { instrument } from '../../../dist/transform/index.js'
import { runEverySchedule } from '../../support/every-schedule.js'
import { randomSource, type Unit } from './random-source.js'

export interface RandomProgram {
  setup(): unknown
  bodies: ((state: unknown) => unknown)[]
  print(state: unknown): string
}

/** Instruments and evaluates the text of a program. */
export function evaluate(source: string, seed: number): RandomProgram {
  const exports = {} as RandomProgram
  const { code } = instrument(source, `random-${seed}.js`, { format: 'commonjs' })
  new Function('exports', 'Lock', 'sync', code)(exports, sync.Lock, sync)
  return exports
}

const tally = (endings: Iterable<string>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const ending of [...endings].sort()) counts[ending] = (counts[ending] ?? 0) + 1
  return counts
}

export interface Checked {
  traces: number
  redundant: number
  interleavings: number
  /** How often it ended in each way. */
  endings: Record<string, number>
}

/** Explores a random program, and compares with every schedule of it. Null: it has too many. Throws what differs. */
export const checkRandomProgram = (seed: number, unit: Unit, mostInterleavings: number): Promise<Checked | null> =>
  checkSource(randomSource(seed, unit), seed, unit, mostInterleavings)

/** The same of a given program. */
export async function checkSource(
  source: string,
  seed: number,
  unit: Unit,
  mostInterleavings: number,
): Promise<Checked | null> {
  try {
    const { setup, bodies, print } = evaluate(source, seed)
    const options = { setup, [unit]: bodies, reproduceOnFailure: 0, stopOnFirst: false }
    const all = await runEverySchedule(options, print, mostInterleavings)
    if (all === null) return null
    // The invariant of each execution tells how it ended; a violation would do as well, but have its story told.
    const ends: string[] = []
    const note = (state: unknown): undefined => void ends.push(print(state))
    const violate = (state: unknown): undefined => {
      throw new Error(print(state))
    }
    let result = await exploreDpor({ ...options, invariant: note })
    // A failure is run again to make it small, and an exploration may have to start afresh: those are no executions.
    const others = result.failures.length + ends.length !== result.numExplored
    if (others) result = await exploreDpor({ ...options, invariant: violate })
    const failures = result.failures.map(({ kind, message }) =>
      kind === 'invariant' ? message : `${kind}: ${message}`,
    )
    const found = tally(others ? failures : [...failures, ...ends])
    const expected = tally(all.endings.values())
    if (JSON.stringify(found) !== JSON.stringify(expected))
      throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`)
    if (result.numExplored !== all.endings.size || !result.exhaustive)
      throw new Error(`${all.endings.size} traces, ${result.numExplored} executions, stopped by ${result.stoppedBy}`)
    return { traces: all.endings.size, redundant: result.redundantRuns, interleavings: all.executions, endings: found }
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${source}`, { cause: error })
  }
}
