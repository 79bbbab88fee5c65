import { expect, test } from 'vitest'
import { checkAgainstBruteForce } from './check.js'
import { randomProgram } from './random-program.js'

/** Both searches on 6 000 programs; seeds are fixed, so a failure names one that fails again. */
test.each(Array.from({ length: 12 }, (_, i) => i * 500))(
  'random thread programs %i to +500: every trace once, by both searches',
  from => {
    for (let seed = from; seed < from + 500; seed++) {
      const program = randomProgram(seed, false)
      try {
        checkAgainstBruteForce(program, 'threads')
      } catch (error) {
        expect.fail(`seed ${seed}: ${JSON.stringify(program)}: ${(error as Error).message}`)
      }
    }
  },
)
