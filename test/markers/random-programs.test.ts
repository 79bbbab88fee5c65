import { exploreMarkerInterleavings } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { countTraces } from '../explore/support/count.js'
import { Memory, range } from '../explore/support/memory.js'
import { dialects } from '../explore/support/variables.js'

type Operation =
  | { kind: 'read' | 'write'; variable: string }
  | { kind: 'acquire' | 'release' }
  /** Written only if what was read last is even: whether its marker is met depends on the others. */
  | { kind: 'writeIfEven'; variable: string }

/** A small generator of numbers, the same on every machine (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

function randomThread(next: (below: number) => number, length: number): Operation[] {
  const operations = range(length).map((): Operation => {
    const variable = 'xy'[next(2)]
    return { kind: (['read', 'write', 'writeIfEven'] as const)[next(3)], variable }
  })
  if (next(3) > 0) return operations
  const from = next(length)
  const inside = operations.slice(from, from + 1 + next(2))
  return [...operations.slice(0, from), { kind: 'acquire' }, ...inside, { kind: 'release' }]
}

/** Each access has a marker in front of it. */
function run(memory: Memory, operations: readonly Operation[], id: number): void {
  let last = id
  for (const operation of operations) {
    switch (operation.kind) {
      case 'read':
        last = memory.get(operation.variable) // frontrun: read
        break
      case 'write':
        memory.set(operation.variable, last * 3 + id) // frontrun: write
        break
      case 'writeIfEven':
        if (last % 2 === 0) memory.set(operation.variable, last + 5) // frontrun: look
        break
      case 'acquire':
        memory.acquire('l') // frontrun: acquire
        break
      default:
        memory.release('l') // frontrun: release
    }
  }
}

const print = (memory: Memory): string => memory.print('x', 'y')

describe('markers at each access find the final states that exploreDpor finds', () => {
  test.each(range(200))('program %i', async seed => {
    const next = numbers(seed)
    const programs =
      seed % 3 === 0 ? range(3).map(() => randomThread(next, 2)) : range(2).map(() => randomThread(next, 3))
    const threads = programs.map((operations, id) => (memory: Memory) => run(memory, operations, id + 1))
    const setup = () => new Memory(dialects.properties(), ['x', 'y'], ['l'])
    const counted = await countTraces({ setup, threads, outcome: print })
    const seen = new Set<string>()
    const orders = new Set<string>()
    const result = await exploreMarkerInterleavings({
      setup,
      threads: Object.fromEntries(threads.map((thread, id) => [`t${id}`, thread])),
      invariant: memory => {
        seen.add(print(memory))
        throw new Error('seen')
      },
      stopOnFirst: false,
      reproduceOnFailure: 1,
    })
    for (const { schedule, kind } of result.failures) {
      orders.add(String(schedule))
      expect(kind).toBe('invariant')
    }
    expect([...seen].sort()).toEqual(Object.keys(counted.outcomes).sort())
    expect(orders.size).toBe(result.numExplored)
    expect(result.numExplored).toBeGreaterThanOrEqual(counted.explored)
    expect(result.reproductionSuccesses).toBe(1)
  })
})
