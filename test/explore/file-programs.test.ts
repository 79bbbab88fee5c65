import { exploreDpor } from 'frontrun'
import { afterAll, expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { cleanUp, print, setup } from '../support/file-folder.js'
import { asTask, asThread, randomActs } from './support/file-programs.js'

/** More of them, or others, by hand: `FRONTRUN_SEED=5000 FRONTRUN_PROGRAMS=5000 npx vitest run test/explore/file-programs`. */
const FIRST = Number(process.env.FRONTRUN_SEED ?? 1)
const PROGRAMS = Number(process.env.FRONTRUN_PROGRAMS ?? 6)
const MOST_INTERLEAVINGS = { threads: 60, tasks: 260 }

afterAll(cleanUp)

const tally = (endings: Iterable<string>): string[] => [...endings].sort()

/** Every trace that the footprints tell apart is run once, and all executions of one trace end alike. */
test.each(['threads', 'tasks'] as const)(
  'random %s on files: executions = traces = brute force',
  { timeout: 3_600_000 },
  async unit => {
    const failures: string[] = []
    let compared = 0
    for (let seed = FIRST; seed < FIRST + PROGRAMS; seed++) {
      const acts = randomActs(seed, 2 + (seed % 5 === 0 ? 1 : 0), unit === 'threads' ? 2 : 1)
      const bodies = acts.map(unit === 'threads' ? asThread : asTask)
      const options = { setup, [unit]: bodies, stopOnFirst: false }
      try {
        const all = await runEverySchedule(options, print, MOST_INTERLEAVINGS[unit])
        if (all === null) continue
        const ends: string[] = []
        const result = await exploreDpor({
          ...options,
          invariant: state => {
            ends.push(print(state))
          },
        })
        expect(result.propertyHolds, result.explanation).toBe(true)
        expect(tally(ends.slice(-result.numExplored))).toEqual(tally(all.endings.values()))
        expect(result).toMatchObject({ numExplored: all.endings.size, exhaustive: true })
        compared++
      } catch (error) {
        failures.push(`seed ${seed}: ${JSON.stringify(acts)}\n${(error as Error).message}`)
      }
    }
    expect(failures.slice(0, 3).join('\n\n')).toBe('')
    expect(compared).toBeGreaterThan(PROGRAMS * 0.3)
  },
)
