import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  controlledInterleaving,
  exploreDpor,
  exploreInterleavings,
  readSchedule,
  runWithSchedule,
  writeSchedule,
} from 'frontrun'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const setup = () => ({ x: 0 })
type State = ReturnType<typeof setup>

async function increment(s: State): Promise<void> {
  const before = s.x
  await null
  s.x = before + 1
}
const mended = async (s: State): Promise<void> => {
  await null
  s.x++
}
const invariant = (s: State): boolean => s.x === 2
const racy = { setup, tasks: [increment, increment], invariant }

describe('a schedule file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'frontrun-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('keeps a failing schedule, for a regression test', async () => {
    const path = join(folder, 'lost-update.json')
    const found = await exploreDpor(racy)
    writeSchedule(found, path)
    const again = await exploreDpor({ ...racy, replay: readSchedule(path) })
    expect(again).toMatchObject({ failureKind: 'invariant', numExplored: 1, stoppedBy: 'replay' })
    expect(again.counterexample).toEqual(found.counterexample)
    const fixed = await exploreDpor({ ...racy, tasks: [mended, mended], replay: readSchedule(path) })
    expect(fixed.propertyHolds).toBe(true)
  })

  test('is refused if it is none, and not written for a result that holds', async () => {
    const path = join(folder, 'other.json')
    writeFileSync(path, '{"replay":1}')
    expect(() => readSchedule(path)).toThrow('is not a file that writeSchedule has written')
    expect(() => readSchedule(join(folder, 'missing.json'))).toThrow('cannot be read as a schedule')
    const holds = await exploreDpor({ ...racy, tasks: [mended, mended] })
    expect(() => writeSchedule(holds, path)).toThrow('has no failing schedule')
  })
})

describe('FRONTRUN_REPLAY', () => {
  afterEach(() => {
    delete process.env.FRONTRUN_REPLAY
  })

  test.each([
    ['exploreDpor', exploreDpor],
    ['exploreInterleavings', exploreInterleavings],
  ] as const)('replays a schedule in %s without touching the test', async (_, explore) => {
    const { replay, counterexample } = await exploreDpor(racy)
    process.env.FRONTRUN_REPLAY = replay
    const result = await explore(racy)
    expect(result).toMatchObject({ stoppedBy: 'replay', numExplored: 1, failureKind: 'invariant', counterexample })
  })

  test('says that it is meant for another test, where it does not fit', async () => {
    process.env.FRONTRUN_REPLAY = (await exploreDpor(racy)).replay
    const other = { ...racy, tasks: [increment, increment, increment] }
    await expect(exploreDpor(other)).rejects.toThrow(/for another program.*FRONTRUN_REPLAY: run only the test/)
  })
})

describe('controlledInterleaving', () => {
  test.each([
    [[0, 0, 1, 1], 2],
    [[0, 1, 1, 0], 1],
    [[1, 0, 0, 1], 1],
    [[], 2],
  ])('runs functions under the schedule %j', async (schedule, expected) => {
    const s = setup()
    await controlledInterleaving(schedule, { numTasks: 2 }).run([() => increment(s), () => increment(s)])
    expect(s.x).toBe(expected)
  })

  test('runs each function once, and threads by their accesses', async () => {
    const s = setup()
    let calls = 0
    const add = (): void => {
      calls++
      s.x++
    }
    await controlledInterleaving([0, 1, 0, 0, 1, 1], { numTasks: 2, unit: 'thread' }).run([add, add])
    expect(calls).toBeLessThanOrEqual(2)
    expect([1, 2]).toContain(s.x)
  })

  test('tells what is wrong with its arguments, and what a function throws', async () => {
    expect(() => controlledInterleaving([0], { numTasks: 0 })).toThrow("'numTasks' must be a whole number from 1 up")
    expect(() => controlledInterleaving([0, 2], { numTasks: 2 })).toThrow('names task 2, but numTasks is 2')
    const runner = controlledInterleaving([0], { numTasks: 1 })
    expect(() => runner.run([])).toThrow('run was given 0 functions, but numTasks is 1')
    const fails = async (): Promise<void> => {
      throw new Error('boom')
    }
    await expect(runner.run([fails])).rejects.toThrow('boom')
  })
})

describe('runWithSchedule', () => {
  test.each([
    [[0, 0, 1, 1], 2],
    [[0, 1, 0, 1], 1],
    [[0, 0, 0, 0, 1], 2],
    [[0, 1], 1],
  ])('ends in the state of the schedule %j', async (schedule, expected) => {
    const state = await runWithSchedule(schedule, { setup, tasks: [increment, increment] })
    expect(state.x).toBe(expected)
  })

  test('is not touched by FRONTRUN_REPLAY, and wants a list', async () => {
    process.env.FRONTRUN_REPLAY = 'nonsense'
    try {
      expect((await runWithSchedule([0], { setup, tasks: [increment] })).x).toBe(1)
    } finally {
      delete process.env.FRONTRUN_REPLAY
    }
    await expect(runWithSchedule('0,1' as never, { setup, tasks: [increment] })).rejects.toThrow('expects a schedule')
  })
})
