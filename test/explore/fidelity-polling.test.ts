import { setTimeout as sleep } from 'node:timers/promises'
import { type ExploreDporOptions, exploreDpor, exploreInterleavings } from 'frontrun'
import { describe, expect, test } from 'vitest'

type State = Record<'a' | 'n', number>
const setup = (): State => ({ a: 0, n: 0 })
const run = (program: Partial<ExploreDporOptions<State>>) =>
  exploreDpor<State>({ fidelity: 'engine', setup, invariant: () => true, ...program } as ExploreDporOptions<State>)

const setA = async (s: State) => {
  await new Promise<void>(resolve => setTimeout(resolve, 1))
  s.a = 1
}

describe('with the microtasks of an event loop, a task that polls a flag which another sets', () => {
  const pollers: Record<string, (s: State) => Promise<void>> = {
    async 'with sleep'(s) {
      while (!s.a) await sleep(10)
    },
    async 'with a promise of its own'(s) {
      while (!s.a) await new Promise(resolve => setTimeout(resolve, 10))
    },
    async 'with setImmediate'(s) {
      while (!s.a) await new Promise<void>(resolve => setImmediate(resolve))
    },
    async 'with a microtask besides'(s) {
      while (!s.a) {
        await null
        await sleep(10)
      }
    },
    async 'by an async function'(s) {
      const isSet = async (): Promise<boolean> => {
        await null
        return s.a === 1
      }
      while (!(await isSet())) await sleep(1)
    },
  }
  test.each(Object.entries(pollers))('%s: few traces, exhaustively', async (_, poll) => {
    const result = await run({ tasks: [poll, setA] })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.exhaustive, result.notExhaustiveBecause).toBe(true)
    expect(result.numExplored).toBeLessThanOrEqual(8)
  })

  test.each(Object.entries(pollers))('%s: a livelock if nobody sets it', async (_, poll) => {
    const result = await run({ tasks: [poll, async () => {}] })
    expect(result).toMatchObject({ failureKind: 'livelock', propertyHolds: false })
    expect(result.explanation).toMatch(/the loop at .*fidelity-polling\.test\.ts:\d+ goes on for ever/)
  })

  test('and counts its turns: endless schedules are cut, and the search says so', async () => {
    const poll = async (s: State): Promise<void> => {
      while (!s.a) {
        s.n++
        await sleep(10)
      }
    }
    const result = await run({ tasks: [poll, setA], maxExecutions: 30 })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.exhaustive).toBe(false)
    const random = await exploreInterleavings<State>({
      fidelity: 'engine',
      setup,
      tasks: [poll, setA],
      invariant: () => true,
      maxAttempts: 20,
    })
    expect(random.propertyHolds, random.explanation).toBe(true)
  })
})
