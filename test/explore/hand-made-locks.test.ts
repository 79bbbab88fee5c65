import { expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { countTraces } from './support/count.js'
import { repeated } from './support/memory.js'

/** As programs write it themselves: whoever waits gets it in the order of asking. */
class Mutex {
  #held = false
  readonly #waiting: (() => void)[] = []
  async acquire(): Promise<void> {
    if (this.#held) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#held = true
  }
  release(): void {
    this.#held = false
    this.#waiting.shift()?.()
  }
}

/** The same as a chain of promises. */
class Chain {
  #last: Promise<void> = Promise.resolve()
  run(body: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(body)
    return this.#last
  }
}

const setup = () => ({ x: 0, flag: false, wake: () => {}, mutex: new Mutex(), chain: new Chain() })
type State = ReturnType<typeof setup>
const increment = async (s: State) => {
  const before = s.x
  await null
  s.x = before + 1
}
const print = (s: State) => `x=${s.x}`

const byMutex = async (s: State) => {
  await s.mutex.acquire()
  await increment(s)
  s.mutex.release()
}
const byChain = (s: State) => s.chain.run(() => increment(s))

test('a lost wakeup: 3 traces, one of them a deadlock', async () => {
  const sleeper = async (s: State) => {
    if (s.flag) return
    await null
    await new Promise<void>(resolve => {
      s.wake = resolve
    })
  }
  const waker = async (s: State) => {
    s.flag = true
    await null
    s.wake()
  }
  const counted = await countTraces({ setup, tasks: [sleeper, waker] })
  expect(counted).toMatchObject({ explored: 3, deadlocks: 1 })
})

test.each([
  ['a promise chain ×2', byChain, 2],
  ['a promise chain ×3', byChain, 3],
  ['a mutex ×2', byMutex, 2],
])('%s: always right, in as many executions as there are traces', async (_, body, n) => {
  const tasks = repeated(n, body)
  const all = await runEverySchedule({ setup, tasks }, print, 20_000)
  const { explored, outcomes } = await countTraces({ setup, tasks, outcome: print })
  expect({ explored, outcomes }).toEqual({ explored: all?.endings.size, outcomes: { [`x=${n}`]: explored } })
})

test('a mutex that forgets who is next while it wakes somebody: found with three tasks', async () => {
  const tasks = repeated(3, byMutex)
  const all = await runEverySchedule({ setup, tasks }, print, 100_000)
  const { explored, outcomes } = await countTraces({ setup, tasks, outcome: print })
  expect(explored).toBe(all?.endings.size)
  expect(Object.keys(outcomes).sort()).toEqual(['x=2', 'x=3'])
})
