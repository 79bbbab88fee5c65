import { expect, test } from 'vitest'
import { checkRandomProgram } from './support/random-check.js'
import type { Unit } from './support/random-source.js'

/** More of them, or others, by hand: `FRONTRUN_SEED=5000 FRONTRUN_PROGRAMS=5000 npx vitest run test/explore/random-programs`. */
const FIRST = Number(process.env.FRONTRUN_SEED ?? 1)
const PROGRAMS = Number(process.env.FRONTRUN_PROGRAMS ?? 800)
const MOST_INTERLEAVINGS = 200

test.each<[Unit]>([['threads'], ['tasks']])(
  'random %s: executions = traces = brute force',
  { timeout: 3_600_000 },
  async unit => {
    const failures: string[] = []
    let compared = 0
    let traces = 0
    let redundant = 0
    for (let seed = FIRST; seed < FIRST + PROGRAMS; seed++) {
      try {
        const checked = await checkRandomProgram(seed, unit, MOST_INTERLEAVINGS)
        if (checked === null) continue
        compared++
        traces += checked.traces
        redundant += checked.redundant
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
    expect(failures.slice(0, 5).join('\n\n')).toBe('')
    expect(compared).toBeGreaterThan(PROGRAMS * 0.6)
    expect(redundant).toBeLessThanOrEqual(unit === 'threads' ? 0 : traces * 0.05)
  },
)
