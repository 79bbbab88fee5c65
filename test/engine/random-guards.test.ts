import { expect, test } from 'vitest'
import { checkAgainstBruteForce } from './check.js'
import { randomProgram } from './random-program.js'

/** Operations that wait for a condition, by themselves and with everything else, on programs with fixed seeds. */
test.each(Array.from({ length: 6 }, (_, i) => i * 500))(
  'random programs %i to +500 with guarded operations: every trace once, and every deadlock',
  from => {
    for (let seed = from; seed < from + 500; seed++) {
      for (const kind of ['threads', 'tasks'] as const) {
        const program = randomProgram(seed, kind === 'tasks', true)
        try {
          checkAgainstBruteForce(program, kind)
        } catch (error) {
          expect.fail(`${kind}, seed ${seed}: ${JSON.stringify(program)}: ${(error as Error).message}`)
        }
      }
    }
  },
)
