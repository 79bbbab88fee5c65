import { expect, test } from 'vitest'
import { waitForGraph } from '../../src/explain/index.js'

const graph = (waits: Record<string, string[]>) =>
  waitForGraph(
    Object.entries(waits).map(([task, heldBy]) => ({
      task,
      label: `Task ${task}`,
      waitsFor: `lock of ${heldBy}`,
      heldBy,
    })),
  )
const cycle = (waits: Record<string, string[]>) => graph(waits).cycle.map(b => b.task)

test('finds the circle, in the order of waiting', () => {
  expect(cycle({ 0: ['1'], 1: ['2'], 2: ['0'] })).toEqual(['0', '1', '2'])
  expect(cycle({ 0: ['2'], 1: ['0'], 2: ['1'] })).toEqual(['0', '2', '1'])
})

test('finds it behind tasks that only wait for it, and keeps them as blocked', () => {
  const waits = { 0: ['1'], 1: ['2'], 2: ['1'] }
  expect(cycle(waits)).toEqual(['1', '2'])
  expect(graph(waits).tasks).toHaveLength(3)
})

test('prefers the shortest', () => expect(cycle({ 0: ['1'], 1: ['2', '3'], 2: ['0'], 3: ['1'] })).toEqual(['1', '3']))

test('a task may wait for itself', () => expect(cycle({ 0: ['0'] })).toEqual(['0']))

test('none: a chain, an ended holder, a promise of nobody', () => {
  expect(cycle({ 0: ['1'], 1: ['2'] })).toEqual([])
  expect(cycle({ 0: ['9'] })).toEqual([])
  expect(cycle({ 0: [] })).toEqual([])
})
