import { setTimeout as sleep } from 'node:timers/promises'
import { type ExploreDporOptions, exploreDpor } from 'frontrun'
import { describe, expect, test } from 'vitest'

type State = Record<'a' | 'b' | 'n', number>
const setup = (): State => ({ a: 0, b: 0, n: 0 })
const run = <S>(program: Omit<ExploreDporOptions<S>, 'invariant'> & Partial<ExploreDporOptions<S>>) =>
  exploreDpor<S>({ invariant: () => true, ...program })

const setA = async (s: State) => {
  await null
  s.a = 1
}

describe('a task that polls a flag which another sets', () => {
  const pollers: Record<string, (s: State) => Promise<void>> = {
    async 'with await null'(s) {
      while (s.a === 0) await null
    },
    async 'with sleep'(s) {
      while (!s.a) await sleep(10)
    },
    async 'with a promise of its own'(s) {
      while (!s.a) await new Promise(resolve => setTimeout(resolve, 10))
    },
    async 'with setImmediate'(s) {
      while (!s.a) await new Promise<void>(resolve => setImmediate(resolve))
    },
    async 'in a loop without a condition'(s) {
      for (;;) {
        if (s.a) break
        await null
      }
    },
    async 'after each turn'(s) {
      do await null
      while (!s.a)
    },
    async 'by an async function'(s) {
      const isSet = async (): Promise<boolean> => {
        await null
        return s.a === 1
      }
      while (!(await isSet())) await sleep(1)
    },
    async 'under a label'(s) {
      again: while (true) {
        for (let index = 0; index < 2; index++) {
          await null
          if (s.a === 0) continue again
        }
        break
      }
    },
  }
  test.each(Object.entries(pollers))('%s: few traces, exhaustively', async (_, poll) => {
    const result = await run({ setup, tasks: [poll, setA] })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.exhaustive, result.notExhaustiveBecause).toBe(true)
    expect(result.numExplored).toBeLessThanOrEqual(5)
  })

  test.each(Object.entries(pollers))('%s: a livelock if nobody sets it', async (_, poll) => {
    const result = await run({ setup, tasks: [poll, async () => void (await null)] })
    expect(result).toMatchObject({ failureKind: 'livelock', propertyHolds: false, reproductionSuccesses: 1 })
    expect(result.explanation).toMatch(/the loop at .*polling\.test\.ts:\d+ goes on for ever/)
  })

  test('each turn is run where it matters: with a virtual clock, all before the deadline', async () => {
    const tasks = [
      async (s: State) => {
        while (!s.a) {
          s.n = Date.now()
          await sleep(10)
        }
      },
      async (s: State) => {
        await sleep(45)
        s.a = 1
      },
    ]
    const result = await run({ setup, tasks, clock: 'virtual', invariant: s => s.n % 1000 === 40 })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result).toMatchObject({ exhaustive: true, numExplored: 1 })
  })

  test('timers keep their order (virtual)', async () => {
    const task = async (s: State) => {
      const log: string[] = []
      setTimeout(() => {
        s.a = 1
      }, 100)
      setTimeout(() => log.push('105'), 105)
      while (!s.a) await sleep(15)
      log.push('polled')
      await sleep(10)
      s.n = log.join() === '105,polled' ? 1 : 2
    }
    // Polled at 15, 30, … 105, which was set after the other timer of 105.
    const result = await run({ setup, tasks: [task], invariant: s => s.n === 1, clock: 'virtual' })
    expect(result.propertyHolds, result.explanation).toBe(true)
  })

  test('with await null, timers that have to fire first: they may (explored), or never do (virtual)', async () => {
    const spin = async (s: State) => {
      while (!s.a) await null
    }
    const later = async (s: State) => {
      await sleep(10)
      s.a = 1
    }
    expect(await run({ setup, tasks: [spin, later] })).toMatchObject({ propertyHolds: true, exhaustive: true })
    expect((await run({ setup, tasks: [spin, later], clock: 'virtual' })).failureKind).toBe('livelock')
  })

  test('a clock that somebody reads while time passes in a held loop is no proof', async () => {
    const tasks = [
      async (s: State) => {
        while (!s.a) await sleep(10)
      },
      async (s: State) => {
        s.n = performance.now()
        await null
        s.a = 1
      },
    ]
    const result = await run({ setup, tasks })
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: false })
    expect(result.notExhaustiveBecause).toMatch(/time/)
  })
})

describe('loops that do something in each turn', () => {
  test.each<[string, (s: State) => Promise<void>]>([
    [
      'count in a variable',
      async s => {
        let turns = 0
        while (!s.a) {
          turns++
          await null
        }
        s.n = turns
      },
    ],
    [
      'count in the state, with a sleep',
      async s => {
        while (!s.a) {
          s.n++
          await sleep(1000)
        }
      },
    ],
    [
      'draw random numbers',
      async s => {
        while (!s.a) {
          if (Math.random() > 2) return
          await null
        }
      },
    ],
    [
      'walk along an iterator',
      async s => {
        const ticks = [1, 2, 3].values()
        while (!s.a) {
          if (ticks.next().done) s.n = 1
          await null
        }
      },
    ],
  ])('%s: unfair schedules are cut, and said so', async (_, poll) => {
    const result = await run({ setup, tasks: [poll, setA], totalTimeout: 20_000 })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.exhaustive).toBe(false)
    expect(result.stoppedBy).toBe('exhausted')
    expect(result.notExhaustiveBecause).toMatch(/the loop at .*polling\.test\.ts:\d+ goes on and on/)
  })

  test('a bounded number of polls is explored exactly', async () => {
    const seen = new Set<number>()
    const poll = async (s: State) => {
      let left = 5
      while (!s.a && left > 0) {
        left--
        await sleep(10)
      }
      s.n = left
    }
    const result = await run({
      setup,
      tasks: [poll, setA],
      invariant: s => {
        seen.add(s.n)
      },
    })
    expect(result.exhaustive, result.notExhaustiveBecause).toBe(true)
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('a turn that starts what goes on is no repetition', async () => {
    const start = async (s: State) => {
      while (s.n < 3) {
        void (async () => {
          await sleep(25)
          s.n++
        })()
        await sleep(10)
      }
    }
    const result = await run({ setup, tasks: [start], clock: 'virtual', maxExecutions: 100 })
    expect(result.propertyHolds, result.explanation).toBe(true)
  })

  test('two tasks that work for ever: a livelock', async () => {
    const work = (name: 'a' | 'b') => async (s: State) => {
      while (s.n === 0) {
        s[name]++
        await null
      }
    }
    const result = await run({ setup, tasks: [work('a'), work('b')], maxSteps: 2000 })
    expect(result.failureKind).toBe('livelock')
    expect(result.explanation).toMatch(/the last one in the loop at .*polling\.test\.ts/)
  })

  test('two tasks that wait for each other to begin: a livelock', async () => {
    const tasks = [
      async (s: State) => {
        while (!s.b) await null
        s.a = 1
      },
      async (s: State) => {
        while (!s.a) await sleep(5)
        s.b = 1
      },
    ]
    expect((await run({ setup, tasks })).failureKind).toBe('livelock')
  })

  test('a heartbeat in the background, which nobody waits for, may go on', async () => {
    const start = (s: State) => {
      void (async () => {
        while (!s.b) await sleep(1000)
      })()
    }
    expect(await run({ setup, tasks: [start, setA] })).toMatchObject({ propertyHolds: true, exhaustive: true })
  })
})

describe('threads that spin', () => {
  const memory = () => ({ cell: new Int32Array(new SharedArrayBuffer(8)), n: 0 })
  type Memory = ReturnType<typeof memory>

  test('on a plain flag and on an atomic', async () => {
    const plain = await run({
      setup,
      threads: [
        (s: State) => {
          while (!s.a) {}
          s.n = s.b
        },
        (s: State) => {
          s.b = 1
          s.a = 1
        },
      ],
      invariant: s => s.n === 1,
    })
    expect(plain).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 2 })
    const atomic = await run({
      setup: memory,
      threads: [
        ({ cell }: Memory) => {
          while (Atomics.load(cell, 0) === 0) {}
        },
        ({ cell }: Memory) => {
          Atomics.store(cell, 0, 1)
        },
      ],
    })
    expect(atomic).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 2 })
  })

  const spinLock = (s: Memory) => {
    while (Atomics.compareExchange(s.cell, 0, 0, 1) !== 0) {}
    s.n = s.n + 1
    Atomics.store(s.cell, 0, 0)
  }
  test.each([
    [2, 4],
    [3, 108],
  ])('%i threads with a spin lock of compareExchange', async (count, traces) => {
    const result = await run({
      setup: memory,
      threads: Array.from({ length: count }, () => spinLock),
      invariant: s => s.n === count,
    })
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: traces })
  })

  const peterson = (me: number, flagFirst: boolean) => (s: { flag: boolean[]; turn: number; n: number }) => {
    const other = 1 - me
    if (flagFirst) s.flag[me] = true
    s.turn = other
    if (!flagFirst) s.flag[me] = true
    while (s.flag[other] && s.turn === other) {}
    s.n = s.n + 1
    s.flag[me] = false
  }
  const lock = () => ({ flag: [false, false], turn: 0, n: 0 })
  test("Peterson's lock excludes", async () => {
    const result = await run({
      setup: lock,
      threads: [peterson(0, true), peterson(1, true)],
      invariant: s => s.n === 2,
    })
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 24 })
  })
  test("Peterson's lock with its first two writes exchanged does not", async () => {
    const result = await run({
      setup: lock,
      threads: [peterson(0, false), peterson(1, false)],
      invariant: s => s.n === 2,
    })
    expect(result).toMatchObject({ propertyHolds: false, failureKind: 'invariant' })
  })
})
