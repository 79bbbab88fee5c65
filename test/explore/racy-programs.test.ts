import { rmSync } from 'node:fs'
import { exploreDpor } from 'frontrun'
import { afterAll, describe, expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { countTraces } from './support/count.js'
import { asynchronous, folder } from './support/programs/asynchronous.js'
import { collections } from './support/programs/collections.js'
import { objects } from './support/programs/objects.js'
import { MOST_SCHEDULES, type Program } from './support/programs/program.js'
import { variables } from './support/programs/variables.js'

const programs: readonly Program[] = [...variables, ...objects, ...collections, ...asynchronous]

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['threads', 'tasks'] as const)('%s', unit => {
  test.each(programs)(
    'find the race, and run each trace once: $name',
    async ({ setup, invariant, expected, ...program }) => {
      const options = { setup, [unit]: program[unit] }
      const result = await exploreDpor({ ...options, invariant })
      expect(result.failureKind).toBe('invariant')
      expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
      const outcome = (state: unknown): string => String(invariant(state))
      const { explored } = await countTraces({ ...options, outcome })
      const numbers = expected[unit === 'threads' ? 0 : 1]
      expect({ traces: explored, failsAt: result.numExplored }).toEqual(numbers)
      const bruteForce = await runEverySchedule(options, outcome, MOST_SCHEDULES)
      expect(bruteForce?.endings.size ?? explored).toBe(explored)
    },
  )
})
