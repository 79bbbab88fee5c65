import { expect, test } from 'vitest'
import { SourceDpor } from '../../../src/engine/index.js'
import { search } from '../check.js'
import { randomProgram } from '../random-program.js'
import { runRandom } from './run-random.js'

/** Schedules per program, once all final states were seen, and at most. */
const LEAST = Number(process.env.SCHEDULES ?? 500)
const MOST = 100_000

test.each([false, true])(
  '200 random programs, macro steps: %s: random schedules end in the states that DPOR finds',
  macro => {
    for (let seed = 1000; seed < 1100; seed++) {
      const program = randomProgram(seed, macro)
      const expected = new Set(search(program, new SourceDpor()).traces.values())
      const missing = new Set(expected)
      let runs = 0
      runRandom(program, 'portfolio', seed, Math.max(MOST, LEAST), execution => {
        const state = execution.state()
        if (!expected.has(state)) expect.fail(`seed ${seed}: DPOR missed ${state}`)
        missing.delete(state)
        return ++runs >= LEAST && missing.size === 0
      })
      if (missing.size > 0) expect.fail(`seed ${seed}: ${runs} random schedules missed ${[...missing]}`)
    }
  },
)
