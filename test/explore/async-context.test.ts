import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, test } from 'vitest'
import { exploreDpor } from '../../dist/index.js'

const storage = new AsyncLocalStorage<number>()
const seen = () => storage.getStore()

/** Explores tasks that each return what is wrong with the contexts they saw. */
async function explore(...tasks: (() => Promise<void>)[]) {
  const result = await exploreDpor({ setup: () => null, tasks, invariant: () => true })
  expect(result.propertyHolds, result.explanation).toBe(true)
  expect(result.exhaustive).toBe(true)
}

test('the context of a storage lasts over awaits', () =>
  explore(
    () =>
      storage.run(1, async () => {
        await null
        expect(seen()).toBe(1)
        await new Promise(resolve => setTimeout(resolve, 5))
        expect(seen()).toBe(1)
      }),
    async () => {
      await null
      expect(seen()).toBe(undefined)
    },
  ))

test('who awaits a call that ran in a context goes on in its own', () =>
  explore(async () => {
    const inner = async (id: number) => {
      await Promise.resolve()
      expect(seen()).toBe(id)
      return id
    }
    expect(await storage.run(1, () => inner(1))).toBe(1)
    expect(seen()).toBe(undefined)
    await storage.run(2, async () => {
      expect(await storage.run(3, () => inner(3))).toBe(3)
      expect(seen()).toBe(2)
    })
    expect(seen()).toBe(undefined)
    expect(await Promise.all([4, 5, 6].map(id => storage.run(id, () => inner(id))))).toEqual([4, 5, 6])
    expect(seen()).toBe(undefined)
  }))

test('reactions, timers and jobs run in the context they were made in', () =>
  explore(async () => {
    let settle = () => {}
    const settled = new Promise<void>(resolve => {
      settle = resolve
    })
    const found = storage.run(7, () => [
      settled.then(seen),
      new Promise(resolve => setTimeout(() => resolve(seen()), 1)),
      new Promise(resolve => queueMicrotask(() => resolve(seen()))),
    ])
    storage.run(8, () => settle())
    expect(await Promise.all(found)).toEqual([7, 7, 7])
    expect(seen()).toBe(undefined)
  }))

test('a context that was entered lasts until the end of the task, and no other task sees it', () =>
  explore(
    async () => {
      storage.enterWith(9)
      await null
      expect(seen()).toBe(9)
      await null
      expect(seen()).toBe(9)
    },
    async () => {
      expect(seen()).toBe(undefined)
      await null
      expect(seen()).toBe(undefined)
    },
  ))

test('tasks start in the context of the exploration', () =>
  storage.run(10, () =>
    explore(async () => {
      expect(seen()).toBe(10)
      await storage.run(11, async () => null)
      expect(seen()).toBe(10)
    }),
  ))
