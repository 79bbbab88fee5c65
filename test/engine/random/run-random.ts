import { expect } from 'vitest'
import { type RandomSearch, randomSearch, type Strategy } from '../../../src/engine/index.js'
import { type Execution, runOnce } from '../execution.js'
import type { Program } from '../program.js'

/** Fails when the strategy picks a task that can't run. */
export function legal(strategy: Strategy): Strategy {
  return {
    begin: () => strategy.begin(),
    choose: (enabled, upcoming) => {
      const task = strategy.choose(enabled, upcoming)
      if (!enabled.includes(task)) expect.fail(`chose task ${task} of ${enabled}`)
      return task
    },
    executed: (...step) => strategy.executed(...step),
    end: (...rest) => strategy.end(...rest),
  }
}

/** Runs executions until `visit` returns true, or there are `most`; the search that ran them. */
export function runRandom(
  program: Program,
  strategy: string,
  seed: number,
  most: number,
  visit: (execution: Execution) => unknown,
): RandomSearch {
  const search = randomSearch(strategy, { seed, maxAttempts: most })
  const checked = legal(search)
  while (search.begin()) if (visit(runOnce(program, checked) as Execution) === true) break
  return search
}

export const scheduleOf = (execution: Execution): string => execution.events.map(({ task }) => task).join('')
