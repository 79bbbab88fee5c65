import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'

interface State {
  n: number
}
const setup = (): State => ({ n: 0 })
const options = { fidelity: 'engine' as const, setup, invariant: () => true, serializable: true, stopOnFirst: false }

/** `ms`: it waits for a timer between its read and its write; else for a microtask. */
const add = (amount: number, ms?: number) => async (s: State) => {
  const { n } = s
  await (ms === undefined ? null : new Promise<void>(resolve => setTimeout(resolve, ms)))
  s.n = n + amount
}

test('an update that is lost between two macrotasks has no sequential order', async () => {
  const result = await exploreDpor({ ...options, tasks: [add(1, 5), add(10, 5)] })
  expect(result.failureKind).toBe('serializability')
  expect(result.explanation).toMatch(/One after the other \(0, 1\): \{ n: 11 \}/)
})

test('roots that begin in one macrotask are not one after the other', async () => {
  const result = await exploreDpor({ ...options, tasks: [add(1), add(10)] })
  expect(result.failureKind).toBe('serializability')
  expect(result.counterexample).toEqual(['0+1'])
})

test('what begins and ends in one macrotask is serializable', async () => {
  const double = (s: State): void => {
    s.n = s.n * 2 + 1
  }
  const triple = (s: State): void => {
    s.n = s.n * 3 + 1
  }
  const result = await exploreDpor({ ...options, tasks: [double, triple] })
  result.assertHolds({ exhaustive: true })
})

test('a task that goes on in timers of its own ends before the next one begins', async () => {
  const later = async (s: State): Promise<void> => {
    setTimeout(() => {
      s.n += 1
    }, 5)
  }
  const twice = async (s: State): Promise<void> => {
    s.n *= 2
  }
  ;(await exploreDpor({ ...options, tasks: [later, twice] })).assertHolds({ exhaustive: true })
})
