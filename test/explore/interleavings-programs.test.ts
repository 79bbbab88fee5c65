import { exploreInterleavings } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { buggyPrograms, safePrograms } from './support/bug-classes.js'
import { type CountedProgram, exploreRandomly } from './support/explore-randomly.js'
import { taskPrograms } from './support/task-programs.js'
import { threadPrograms } from './support/thread-programs.js'

const strategies = ['random', 'walk', 'pct', 'pos', 'urw', 'surw', 'portfolio']

describe.each(strategies)('%s', strategy => {
  test.each(buggyPrograms)('finds the $kind of: $name', async ({ name: _, kind, ...program }) => {
    const result = await exploreInterleavings({ ...program, strategy, seed: 42 })
    expect(result.propertyHolds, `${result.numExplored} executions`).toBe(false)
    expect(result.failureKind).toBe(kind)
    expect(result.stoppedBy).toBe('violation')
    expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
    const again = await exploreInterleavings({ ...program, strategy, replay: result.replay })
    expect(again.failureKind).toBe(kind)
    expect(again.stoppedBy).toBe('replay')
  })

  test.each(safePrograms)('finds nothing wrong with $name', async ({ name: _, kind: __, ...program }) => {
    const result = await exploreInterleavings({ ...program, strategy, seed: 42, maxAttempts: 50 })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.numExplored).toBe(50)
  })
})

const counted: (CountedProgram & { name: string })[] = [...threadPrograms, ...taskPrograms]
const withOutcomes = counted.filter(({ outcomes }) => outcomes !== undefined)

test.each(withOutcomes)('portfolio ends in the final states of $name, and no other', async program => {
  expect(await exploreRandomly(program, { strategy: 'portfolio', maxAttempts: 400 })).toEqual(
    Object.keys(program.outcomes?.[1] ?? {}).sort(),
  )
})
