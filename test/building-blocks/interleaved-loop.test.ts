import { expect, test } from 'vitest'
import { InterleavedLoop } from '../../src/explore/interleaved-loop.js'

/** Lets tasks go on in a given order. */
class InOrder extends InterleavedLoop {
  private readonly gone: string[] = []
  constructor(private readonly order: string[]) {
    super()
  }
  override shouldProceed(taskId: string | number, marker?: unknown): boolean {
    const next = this.order[this.gone.length]
    return next === undefined || next === `${taskId}.${String(marker)}`
  }
  override onProceed(taskId: string | number, marker?: unknown): void {
    this.gone.push(`${taskId}.${String(marker)}`)
  }
}

const increments = (loop: InterleavedLoop, counter: { value: number }) => (taskId: string) => async () => {
  await loop.pause(taskId, 'read')
  const before = counter.value
  await loop.pause(taskId, 'write')
  counter.value = before + 1
}

test.each([
  [['a.read', 'a.write', 'b.read', 'b.write'], 2],
  [['a.read', 'b.read', 'a.write', 'b.write'], 1],
  [['b.read', 'a.read', 'a.write', 'b.write'], 1],
])('tasks that are not instrumented go on in the order %j', async (order, expected) => {
  const loop = new InOrder(order)
  const counter = { value: 0 }
  const task = increments(loop, counter)
  await loop.runAll({ a: task('a'), b: task('b') })
  expect(counter.value).toBe(expected)
  expect(loop.hadError).toBe(false)
})

test('when nobody may go on, it is told at once where each task stands', async () => {
  const loop = new InOrder(['a.read', 'c.read'])
  const task = increments(loop, { value: 0 })
  await expect(loop.runAll([task('a'), task('b')])).rejects.toThrow(
    'nobody may go on: task b waits at read, task a waits at write',
  )
})

test('the first error of a task is thrown once all have ended', async () => {
  const loop = new InOrder([])
  let ended = false
  const fails = async (): Promise<void> => {
    throw new Error('boom')
  }
  const ends = async (): Promise<void> => {
    await loop.pause('b', 'read')
    ended = true
  }
  await expect(loop.runAll([fails, ends])).rejects.toThrow('boom')
  expect(ended).toBe(true)
  expect(loop.hadError).toBe(true)
})

test('the time is bounded', async () => {
  const loop = new InOrder([])
  await expect(loop.runAll([() => new Promise(() => {})], { timeout: 10 })).rejects.toThrow('time is up after 10 ms')
})
