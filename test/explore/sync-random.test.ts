import { expect, test } from 'vitest'
import { checkSource } from './support/random-check.js'
import type { Unit } from './support/random-source.js'
import { possibleEndings } from './support/sync-model.js'
import { randomSyncProgram, syncSource } from './support/sync-program.js'

/** More of them, or others, by hand: `FRONTRUN_SEED=5000 FRONTRUN_PROGRAMS=5000 npx vitest run test/explore/sync-random`. */
const FIRST = Number(process.env.FRONTRUN_SEED ?? 1)
const PROGRAMS = Number(process.env.FRONTRUN_PROGRAMS ?? 80)
const MOST_INTERLEAVINGS = Number(process.env.FRONTRUN_INTERLEAVINGS ?? 150)

test.each<[Unit]>([['threads'], ['tasks']])(
  'random %s on primitives: executions = traces = brute force, and they end as a model says',
  { timeout: 3_600_000 },
  async unit => {
    const failures: string[] = []
    let compared = 0
    for (let seed = FIRST; seed < FIRST + PROGRAMS; seed++) {
      const program = randomSyncProgram(seed)
      const source = syncSource(program, unit)
      try {
        const checked = await checkSource(source, seed, unit, MOST_INTERLEAVINGS)
        if (checked === null) continue
        compared++
        const found = new Set(Object.keys(checked.endings).map(ending => ending.replace(/^deadlock.*/, 'deadlock')))
        const expected = [...possibleEndings(program)].sort().join(' | ')
        if ([...found].sort().join(' | ') !== expected)
          failures.push(`seed ${seed}: ended as ${[...found].sort().join(' | ')}, should be ${expected}\n${source}`)
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
    expect(`${failures.length}: ${failures.slice(0, 4).join('\n\n')}`).toBe('0: ')
    expect(compared).toBeGreaterThan(PROGRAMS * 0.3)
  },
)
