import { expect, test } from 'vitest'
import { checkAgainstBruteForce } from './check.js'
import { randomProgram } from './random-program.js'

/** Steps of several accesses, which may differ by when they run, on 6 000 programs with fixed seeds. */
test('random task programs: every trace once, at most a few percent redundant', () => {
  let executions = 0
  let redundant = 0
  for (let seed = 0; seed < 6000; seed++) {
    const program = randomProgram(seed, true)
    try {
      const found = checkAgainstBruteForce(program, 'tasks')
      executions += found.search.executions
      redundant += found.redundant
    } catch (error) {
      expect.fail(`seed ${seed}: ${JSON.stringify(program)}: ${(error as Error).message}`)
    }
  }
  expect(redundant / executions).toBeLessThan(0.02)
})
