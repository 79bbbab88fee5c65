import {
  type ExploreMarkerInterleavingsOptions,
  exploreMarkerInterleavings,
  frontrun,
  Schedule,
  ScheduleStallError,
  TraceExecutor,
} from 'frontrun'
import { Lock } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'
import { AsyncCounter, BankAccount, BankWithDeadlock, Counter } from './support/counters.js'
import { rejection } from './support/schedules.js'

const increments = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`t${index + 1}`, (c: Counter | AsyncCounter) => c.increment()]),
  )

/** Explores all orders; says how many there are, and how often each final state. */
async function outcomes<S>(
  options: Omit<ExploreMarkerInterleavingsOptions<S>, 'invariant'>,
  outcome: (state: S) => unknown,
) {
  const seen: Record<string, number> = {}
  const result = await exploreMarkerInterleavings({
    ...options,
    invariant: state => {
      const text = String(outcome(state))
      seen[text] = (seen[text] ?? 0) + 1
      return true
    },
  })
  expect(result.explanation).toBeUndefined()
  expect(result.propertyHolds).toBe(true)
  expect(result.stoppedBy).toBe('schedules')
  expect(result.exhaustive).toBe(false)
  expect(result.uniqueInterleavings).toBe(result.numExplored)
  return { orders: result.numExplored, seen }
}

describe.each(['tasks', 'threads'] as const)('every order of the markers of %s', unit => {
  test.each([
    [Counter, 2, { '1': 4, '2': 2 }],
    [AsyncCounter, 2, { '1': 4, '2': 2 }],
    [Counter, 3, { '1': 48, '2': 36, '3': 6 }],
  ])('%o of %i workers', async (Made, workers, seen) => {
    const setup = (): Counter | AsyncCounter => new Made()
    const found = await outcomes({ setup, [unit]: increments(workers) }, counter => counter.value)
    expect(found).toEqual({ orders: workers === 2 ? 6 : 90, seen })
  })

  test('the story, and a schedule that brings it about ten times of ten', async () => {
    const result = await exploreMarkerInterleavings({
      setup: () => new BankAccount(100),
      [unit]: { alice: (a: BankAccount) => a.transfer(50), bob: (a: BankAccount) => a.transfer(50) },
      invariant: account => account.balance === 200,
    })
    expect(result.propertyHolds).toBe(false)
    expect(result.failureKind).toBe('invariant')
    expect(result.stoppedBy).toBe('violation')
    expect(result.numExplored).toBe(2)
    expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
    const label = unit === 'tasks' ? 'Task ' : 'Thread '
    const none = ' '.repeat(label.length + 5)
    expect(result.explanation).toBe(
      `Race condition found after 2 interleavings.

  Lost update: ${unit} alice and bob both read account.balance before either wrote it back.

  ${label}alice | test/markers/support/counters.ts:7     const current = this.balance // frontrun: read_balance
  ${none} | [read account.balance = 100]
  ${label}bob   | test/markers/support/counters.ts:7     const current = this.balance // frontrun: read_balance
  ${none} | [read account.balance = 100]
  ${label}alice | test/markers/support/counters.ts:9     this.balance = changed // frontrun: write_balance
  ${none} | [write account.balance = 150]
  ${label}bob   | test/markers/support/counters.ts:9     this.balance = changed // frontrun: write_balance
  ${none} | [write account.balance = 150]

  Markers: (alice, read_balance) (bob, read_balance) (alice, write_balance) (bob, write_balance)

  Invariant: account => account.balance === 200
  Reproduced 10/10 times (100%)
  Replay: { replay: 'fr1m:alice/read_balance,bob/read_balance,alice/write_balance,bob/write_balance' }`,
    )
    expect(result.counterexample).toBeInstanceOf(Schedule)
    for (let time = 0; time < 10; time++) {
      const account = new BankAccount(100)
      const executor = new TraceExecutor(result.counterexample as Schedule)
      executor.run({ alice: () => account.transfer(50), bob: () => account.transfer(50) })
      await executor.wait()
      expect(account.balance).toBe(150)
    }
  })
})

test('all failures, each with its own order', async () => {
  const result = await exploreMarkerInterleavings({
    setup: () => new Counter(),
    tasks: increments(2),
    invariant: counter => counter.value === 2,
    stopOnFirst: false,
  })
  expect(result.stoppedBy).toBe('schedules')
  expect(result.failures.map(({ execution }) => execution)).toEqual([2, 3, 4, 5])
  expect(new Set(result.failures.map(({ schedule }) => String(schedule))).size).toBe(4)
  for (const { schedule } of result.failures) {
    const counter = new Counter()
    await frontrun(schedule, { t1: () => counter.increment(), t2: () => counter.increment() })
    expect(counter.value).toBe(1)
  }
  expect(() => result.assertHolds()).toThrow('Lost update')
})

describe('the markers are found by running', () => {
  test('loops of as many turns as the data say', async () => {
    const loop = (turns: number) => (log: string[]) => {
      for (let turn = 0; turn < turns; turn++) log.push(String(turns)) // frontrun: turn
    }
    const found = await outcomes({ setup: (): string[] => [], tasks: { a: loop(3), b: loop(2) } }, log => log.join(''))
    expect(found.orders).toBe(10)
    expect(Object.keys(found.seen)).toHaveLength(10)
  })

  test('branches and turns that depend on what the others did', async () => {
    const state = () => ({ flag: false, left: 2, log: '' })
    type State = ReturnType<typeof state>
    const setter = (s: State) => {
      s.flag = true // frontrun: set
    }
    const brancher = (s: State) => {
      const { flag } = s // frontrun: look
      if (flag) {
        s.log += 'A' // frontrun: yes
      } else {
        s.log += 'B' // frontrun: no
        s.log += 'C' // frontrun: more
      }
    }
    // set before look: 1 order with "yes" at the end; look before set: set goes anywhere after it, 3 orders.
    const found = await outcomes({ setup: state, tasks: { setter, brancher } }, s => s.log)
    expect(found).toEqual({ orders: 4, seen: { A: 1, BC: 3 } })

    const taker = (s: State) => {
      for (;;) {
        if (s.left <= 0) break // frontrun: look
        s.left--
        s.log += 'x'
      }
    }
    const takers = await outcomes({ setup: state, tasks: { a: taker, b: taker } }, s => s.log)
    // The first two looks find something, whoever looks; then each looks in vain once, in either order.
    expect(takers).toEqual({ orders: 8, seen: { xx: 8 } })
  })

  test('a worker without markers runs along', async () => {
    const free = (counter: Counter) => void counter.value++
    const found = await outcomes({ setup: () => new Counter(), tasks: { free, ...increments(2) } }, c => c.value)
    expect(found).toEqual({ orders: 6, seen: { '2': 4, '3': 2 } })
  })

  test('orders that a lock forbids are none', async () => {
    const setup = () => ({ lock: new Lock(), value: 0 })
    const locked = async (s: ReturnType<typeof setup>) => {
      await s.lock.withLock(async () => {
        const { value } = s // frontrun: read
        await null
        s.value = value + 1 // frontrun: write
      })
    }
    const found = await outcomes({ setup, tasks: { a: locked, b: locked, c: locked } }, s => s.value)
    expect(found).toEqual({ orders: 6, seen: { '3': 6 } })
  })

  test('two lines of one worker', async () => {
    const both = async (log: string[]) => {
      await Promise.all(
        ['x', 'y'].map(async name => {
          await null
          log.push(name) // frontrun: push
        }),
      )
    }
    const one = (log: string[]) => {
      log.push('z') // frontrun: one
    }
    const found = await outcomes({ setup: (): string[] => [], tasks: { both, one } }, log => log.join(''))
    expect(found).toEqual({ orders: 3, seen: { xyz: 1, xzy: 1, zxy: 1 } })
  })
})

describe('failures', () => {
  test('a deadlock, with the wait-for graph', async () => {
    const result = await exploreMarkerInterleavings({
      setup: () => new BankWithDeadlock(),
      threads: { t1: b => b.transferAToB(), t2: b => b.transferBToA() },
      invariant: bank => bank.transfers === 2,
    })
    expect(result.failureKind).toBe('deadlock')
    expect(result.deadlock).toBeDefined()
    expect(result.explanation).toContain('Deadlock found after 2 interleavings.')
    expect(result.reproductionSuccesses).toBe(10)
    const bank = new BankWithDeadlock()
    const error = await rejection(
      frontrun(result.counterexample as Schedule, { t1: () => bank.transferAToB(), t2: () => bank.transferBToA() }),
    )
    expect(error).toBeInstanceOf(ScheduleStallError)
  })

  test('a worker that throws', async () => {
    const result = await exploreMarkerInterleavings({
      setup: () => ({ made: null as { value: number } | null }),
      tasks: {
        make: s => {
          s.made = { value: 1 } // frontrun: make
        },
        use: s => (s.made as { value: number }).value, // frontrun: use
      },
      invariant: () => true,
    })
    expect(result.failureKind).toBe('error')
    expect(result.error).toBeInstanceOf(TypeError)
    expect(String(result.counterexample)).toBe('(use, use) (make, make)')
    expect(result.reproductionSuccesses).toBe(10)
    expect(result.explanation).toContain('Error in task use found after')
  })

  test('a failure before the first marker', async () => {
    const result = await exploreMarkerInterleavings({
      setup: () => 0,
      tasks: {
        a: () => {
          throw new Error('at once')
        },
      },
      invariant: () => true,
    })
    expect(result.failureKind).toBe('error')
    expect(String(result.counterexample)).toBe('')
    expect(result.reproductionSuccesses).toBe(10)
  })

  test('a program that remembers', async () => {
    let calls = 0
    const result = await exploreMarkerInterleavings({
      setup: () => ++calls,
      tasks: {
        a: call => {
          for (let turn = 0; turn < call; turn++) turn += 0 // frontrun: turn
        },
        b: () => 1, // frontrun: one
      },
      invariant: () => true,
    })
    expect(result.propertyHolds).toBe(false)
    expect(result.failureKind).toBe('nondeterminism')
    expect(result.exhaustive).toBe(false)
    expect(result.explanation).toContain('the program came to other markers than before')
  })
})

describe('options', () => {
  const setup = () => new Counter()
  const invariant = (counter: Counter) => counter.value === 2

  test('a replay string runs that order only', async () => {
    const found = await exploreMarkerInterleavings({ setup, tasks: increments(2), invariant })
    const again = await exploreMarkerInterleavings({ setup, tasks: increments(2), invariant, replay: found.replay })
    expect(again.stoppedBy).toBe('replay')
    expect(again.numExplored).toBe(1)
    expect(String(again.counterexample)).toBe(String(found.counterexample))
    const replay = async (text: string) =>
      exploreMarkerInterleavings({ setup, tasks: increments(2), invariant, replay: text })
    expect((await replay('fr1m:t1/read_value,t1/write_value,t2/read_value,t2/write_value')).propertyHolds).toBe(true)
    await expect(replay('fr1:t2:0,1')).rejects.toThrow('is not a replay string of markers')
    await expect(replay('fr1m:t9/read_value')).rejects.toThrow("it has a worker 't9', but here there are t1, t2")
    await expect(replay('fr1m:t1/write_value')).rejects.toThrow('step 1 of 1, (t1, write_value), is never reached')
  })

  test('markers: exactly these schedules', async () => {
    const both = ['read_value', 'write_value']
    const all = await exploreMarkerInterleavings({
      setup,
      tasks: increments(2),
      invariant,
      markers: { t1: both, t2: both },
      stopOnFirst: false,
    })
    expect([all.numExplored, all.failures.length, all.redundantRuns, all.stoppedBy]).toEqual([6, 4, 0, 'schedules'])
    const first = await exploreMarkerInterleavings({
      setup,
      tasks: increments(2),
      invariant: () => true,
      markers: { t1: ['read_value'], t2: ['read_value'] },
    })
    expect(first.numExplored).toBe(2)
  })

  test('markers: schedules that cannot be followed are no passes', async () => {
    const lock = () => ({ lock: new Lock(), value: 0 })
    const locked = async (s: ReturnType<typeof lock>) => {
      await s.lock.acquire()
      s.value++ // frontrun: a
      s.value++ // frontrun: b
      s.lock.release()
    }
    const result = await exploreMarkerInterleavings({
      setup: lock,
      tasks: { t1: locked, t2: locked },
      invariant: s => s.value === 4,
      markers: { t1: ['a', 'b'], t2: ['a', 'b'] },
    })
    expect([result.propertyHolds, result.numExplored, result.redundantRuns]).toEqual([true, 2, 4])
    await expect(
      exploreMarkerInterleavings({
        setup: lock,
        tasks: { t1: locked },
        invariant: () => true,
        markers: { t1: ['b', 'a'] },
      }),
    ).rejects.toThrow(/can follow no order .* waiting for \(t1, b\), t1 stands at its marker 'a'/)
  })

  test('limits', async () => {
    const some = await exploreMarkerInterleavings({
      setup,
      tasks: increments(2),
      invariant: () => true,
      maxExecutions: 3,
    })
    expect([some.numExplored, some.stoppedBy]).toEqual([3, 'maxExecutions'])
    const all = await exploreMarkerInterleavings({
      setup,
      tasks: increments(2),
      invariant: () => true,
      maxExecutions: 6,
    })
    expect([all.numExplored, all.stoppedBy]).toEqual([6, 'schedules'])
    const hasty = await exploreMarkerInterleavings({
      setup,
      tasks: increments(4),
      invariant: () => true,
      totalTimeout: 20,
    })
    expect(hasty.stoppedBy).toBe('totalTimeout')
    expect(hasty.numExplored).toBeLessThan(2520)
  })

  test.each<[string, object]>([
    ["'tasks' must be a record that names them", { tasks: [(c: Counter) => c.increment()] }],
    ["would ignore the option 'preemptionBound'", { preemptionBound: 2 }],
    ["would ignore the option 'search'", { search: 'dfs' }],
    ["would ignore the option 'maxAttempts'", { maxAttempts: 2 }],
    ["would ignore the option 'clock: explored'", { clock: 'explored' }],
    ["unknown option 'marker', did you mean 'markers'?", { marker: {} }],
    ["'markers' has 't9', which is no worker", { markers: { t9: ['a'] } }],
    ["'markers.t1' must be a list of names", { markers: { t1: 'a' } }],
    ['give each worker a list of its markers', { markers: {} }],
    ["'tasks' is empty", { tasks: {} }],
    ['task 0 (a) is not instrumented: it cannot stop at markers', { tasks: { a: Number.isInteger } }],
    ['no worker came to a marker', { tasks: { a: () => 1 } }],
  ])('%s', async (message, options) => {
    const error = await rejection(
      exploreMarkerInterleavings({ setup, tasks: increments(2), invariant: () => true, ...options } as never),
    )
    expect(error.message).toContain(message)
  })
})
