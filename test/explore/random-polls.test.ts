import { setTimeout as sleep } from 'node:timers/promises'
import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { randomNumbers } from './support/random-numbers.js'

/**
 * Random programs that wait for each other in loops. Held loops must leave out no outcome: the same program in which each
 * loop looks once, and gives up if it looked too early, has all outcomes among its executions in which nobody gave up.
 */
type Condition = [variable: number, value: number][]
type Operation =
  | { kind: 'write'; variable: number; value: number }
  | { kind: 'read'; variable: number }
  | { kind: 'wait'; any: Condition; how: 'null' | 'sleep' | 'immediate' }

const VARIABLES = 3
const setup = () => ({ x: new Array<number>(VARIABLES).fill(0), seen: [[], [], []] as (number | 'gave up')[][] })
type State = ReturnType<typeof setup>

const holds = (s: State, any: Condition): boolean => {
  for (const [variable, value] of any) if (s.x[variable] === value) return true
  return false
}
const pause = async (how: string): Promise<void> => {
  if (how === 'sleep') await sleep(5)
  else if (how === 'immediate') await new Promise<void>(resolve => setImmediate(resolve))
  else await null
}

function act(s: State, me: number, operation: Exclude<Operation, { kind: 'wait' }>): void {
  if (operation.kind === 'write') s.x[operation.variable] = operation.value
  else s.seen[me]?.push(s.x[operation.variable] as number)
}

const asTask = (operations: readonly Operation[], me: number, loops: boolean) => async (s: State) => {
  for (const operation of operations) {
    await null
    if (operation.kind !== 'wait') act(s, me, operation)
    else if (loops) while (!holds(s, operation.any)) await pause(operation.how)
    else if (!holds(s, operation.any)) return void s.seen[me]?.push('gave up')
  }
}
const asThread = (operations: readonly Operation[], me: number, loops: boolean) => (s: State) => {
  for (const operation of operations) {
    if (operation.kind !== 'wait') act(s, me, operation)
    else if (loops) while (!holds(s, operation.any)) {}
    else if (!holds(s, operation.any)) return void s.seen[me]?.push('gave up')
  }
}

function randomProgram(seed: number, most: number): Operation[][] {
  const below = randomNumbers(seed)
  const tasks: Operation[][] = Array.from({ length: 2 + below(2) }, () => [])
  for (const operations of tasks)
    for (let count = 1 + below(most); count > 0; count--) {
      const variable = below(VARIABLES)
      const kind = below(5)
      if (kind < 2) operations.push({ kind: 'write', variable, value: 1 + below(2) })
      else if (kind === 2) operations.push({ kind: 'read', variable })
      else {
        const any: Condition = [[variable, 1 + below(2)]]
        if (below(2) === 0) any.push([below(VARIABLES), 1])
        const how = (['null', 'sleep', 'immediate'] as const)[below(3)] as 'null'
        operations.push({ kind: 'wait', any, how })
      }
    }
  return tasks
}

async function outcomes(program: object): Promise<{ ends: Set<string>; livelocks: number }> {
  const result = await exploreDpor({
    setup,
    invariant: (s: State) => {
      throw new Error(JSON.stringify(s))
    },
    stopOnFirst: false,
    reproduceOnFailure: 0,
    ...program,
  })
  const livelocks = result.failures.filter(({ kind }) => kind === 'livelock').length
  if (livelocks === 0) expect(result.exhaustive, result.notExhaustiveBecause).toBe(true)
  expect(result.failures.every(({ kind }) => kind === 'livelock' || kind === 'invariant')).toBe(true)
  const ends = result.failures.filter(({ kind }) => kind === 'invariant').map(({ message }) => message)
  return { ends: new Set(ends), livelocks }
}

test.each<['tasks' | 'threads', number, number]>([
  ['tasks', 80, 3],
  ['threads', 60, 2],
])('random %s that wait in loops reach every outcome', async (unit, programs, most) => {
  let waiting = 0
  for (let seed = 1; seed <= programs; seed++) {
    const program = randomProgram(seed, most)
    const functions = (loops: boolean) =>
      program.map((operations, me) => (unit === 'tasks' ? asTask : asThread)(operations, me, loops))
    const looping = await outcomes({ [unit]: functions(true) })
    const looking = await outcomes({ [unit]: functions(false) })
    const expected = [...looking.ends].filter(end => !end.includes('gave up')).sort()
    expect([...looping.ends].sort(), `seed ${seed}: ${JSON.stringify(program)}`).toEqual(expected)
    // Whoever never gets on turns for ever.
    if (looking.ends.size === expected.length) expect(looping.livelocks, `seed ${seed}`).toBe(0)
    if (expected.length === 0) expect(looping.livelocks, `seed ${seed}`).toBeGreaterThan(0)
    if (expected.length > 0 && looking.ends.size > expected.length) waiting++
  }
  // Enough of them wait for something that comes about.
  expect(waiting).toBeGreaterThan(programs / 8)
})
