import { exploreDpor } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { independent } from './support/programs/independent.js'
import { locked } from './support/programs/locked.js'
import { MOST_SCHEDULES, type Program } from './support/programs/program.js'
import { synchronised } from './support/programs/synchronised.js'

const programs: readonly Program[] = [...locked, ...synchronised, ...independent]

describe.each(['threads', 'tasks'] as const)('%s', unit => {
  test.each(programs)('hold in every trace: $name', async ({ setup, invariant, expected, ...program }) => {
    const options = { setup, [unit]: program[unit] }
    const result = await exploreDpor({ ...options, invariant })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.exhaustive, result.notExhaustiveBecause).toBe(true)
    expect({ traces: result.numExplored }).toEqual(expected[unit === 'threads' ? 0 : 1])
    const bruteForce = await runEverySchedule(options, state => String(invariant(state)), MOST_SCHEDULES)
    expect(bruteForce?.endings.size ?? result.numExplored).toBe(result.numExplored)
  })
})
