import { awaitPoint, type ExploreInterleavingsOptions, exploreDpor, exploreInterleavings } from 'frontrun'
import { afterEach, describe, expect, test, vi } from 'vitest'

class Counter {
  constructor(public value = 0) {}
  increment(): void {
    const temp = this.value
    this.value = temp + 1
  }
  async incrementLater(): Promise<void> {
    const temp = this.value
    await null
    this.value = temp + 1
  }
}

const threads = [(c: Counter) => c.increment(), (c: Counter) => c.increment()]
const tasks = [(c: Counter) => c.incrementLater(), (c: Counter) => c.incrementLater()]
const setup = () => new Counter()
const safe = { setup, tasks, invariant: (c: Counter) => c.value > 0 }
const racy = { setup, tasks, invariant: (c: Counter) => c.value === 2 }

/** For options that types would forbid. */
const explore = (options: object) => exploreInterleavings(options as ExploreInterleavingsOptions<Counter>)

describe('the examples of the Python documentation', () => {
  test('random exploration finds the lost update of a counter', async () => {
    const result = await exploreInterleavings({
      setup: () => new Counter(),
      threads: [c => c.increment(), c => c.increment()],
      invariant: c => c.value === 2,
    })
    expect(() => result.assertHolds()).toThrow(/Lost update/)
  })

  test('the increment of a counter is not atomic', async () => {
    const result = await exploreInterleavings({
      setup: () => new Counter(0),
      threads: [c => c.increment(), c => c.increment()],
      invariant: c => c.value === 2,
      maxAttempts: 200,
      maxOps: 200,
      seed: 42,
    })
    expect(result.propertyHolds).toBe(false)
    expect(result.explanation).toContain('Race condition found after 1 interleaving')
    expect(result.explanation).toContain(
      'Lost update: threads 0 and 1 both read counter.value before either wrote it back.',
    )
    expect(result.explanation).toContain('const temp = this.value')
    expect(result.explanation).toContain('[read counter.value = 0]')
    expect(result.explanation).toContain('[write counter.value = 1]')
    expect(result.explanation).toContain('Reproduced 10/10 times (100%)')
    expect(result.uniqueInterleavings).toBe(1)
  })

  test('an explicit await point is where a race can happen', async () => {
    class Points {
      value = 0
      async increment() {
        const temp = this.value
        await awaitPoint()
        this.value = temp + 1
      }
    }
    const result = await exploreInterleavings({
      setup: () => new Points(),
      tasks: [c => c.increment(), c => c.increment()],
      invariant: c => c.value === 2,
    })
    expect(result.propertyHolds).toBe(false)
  })

  test('any natural await is a scheduling point', async () => {
    class Sleeping {
      value = 0
      async increment() {
        const temp = this.value
        await new Promise(resolve => setTimeout(resolve, 0))
        this.value = temp + 1
      }
    }
    const result = await exploreInterleavings({
      setup: () => new Sleeping(),
      tasks: [c => c.increment(), c => c.increment()],
      invariant: c => c.value === 2,
      maxAttempts: 200,
    })
    expect(result.propertyHolds, result.explanation).toBe(false)
    expect(result.reproductionSuccesses).toBe(10)
  })
})

describe('the result', () => {
  test('tells how many executions were run, and how many were different; it is never exhaustive', async () => {
    const result = await exploreInterleavings({ ...safe, maxAttempts: 300 })
    expect(result).toMatchObject({
      propertyHolds: true,
      exhaustive: false,
      stoppedBy: 'maxAttempts',
      numExplored: 300,
      uniqueInterleavings: 4,
      redundantRuns: 0,
      failures: [],
    })
    expect(() => result.assertHolds({ exhaustive: true })).toThrow(
      /not exhaustive: the search was stopped by maxAttempts/,
    )
  })

  test('200 attempts are the default; one is enough for one task', async () => {
    expect((await exploreInterleavings(safe)).numExplored).toBe(200)
    const alone = await exploreInterleavings({ ...safe, tasks: tasks.slice(1), maxAttempts: 5 })
    expect(alone).toMatchObject({ numExplored: 5, uniqueInterleavings: 1, exhaustive: false, stoppedBy: 'maxAttempts' })
  })

  test('lists all failures if it does not stop at the first', async () => {
    const result = await exploreInterleavings({ ...racy, maxAttempts: 40, stopOnFirst: false, strategy: 'walk' })
    expect(result.stoppedBy).toBe('maxAttempts')
    expect(result.numExplored).toBe(40)
    expect(result.failures.length).toBeGreaterThan(5)
    expect(result.failures.length).toBeLessThan(40)
    expect(new Set(result.failures.map(({ execution }) => execution)).size).toBe(result.failures.length)
  })

  test('is no more than what the time allows', async () => {
    const result = await exploreInterleavings({ ...safe, maxAttempts: 10_000_000, totalTimeout: 50 })
    expect(result.stoppedBy).toBe('totalTimeout')
    expect(result.propertyHolds).toBe(true)
    expect(result.numExplored).toBeLessThan(10_000_000)
  })

  test('is replayed by both kinds of exploration', async () => {
    const { replay } = await exploreInterleavings(racy)
    for (const replayed of [await exploreInterleavings({ ...racy, replay }), await exploreDpor({ ...racy, replay })])
      expect(replayed).toMatchObject({ propertyHolds: false, stoppedBy: 'replay', numExplored: 1, replay })
  })
})

const strategies = ['random', 'walk', 'pct', 'pct:4', 'pos', 'urw', 'surw', 'portfolio']

test.each(strategies)('%s: the same seed gives the same executions', async strategy => {
  const failures = async (unit: object, seed: number): Promise<unknown> => {
    const result = await explore({ ...racy, ...unit, seed, strategy, maxAttempts: 60, stopOnFirst: false })
    return result.failures
  }
  for (const unit of [{}, { tasks: undefined, threads: [...threads, ...threads] }]) {
    expect(await failures(unit, 1)).toEqual(await failures(unit, 1))
    expect(await failures(unit, 1)).not.toEqual(await failures(unit, 2))
  }
})

test.each(strategies)('%s: sees every trace of a small program', async strategy => {
  const result = await exploreInterleavings({ ...safe, tasks: [...tasks, tasks[0]], strategy, maxAttempts: 2000 })
  const { numExplored } = await exploreDpor({ ...safe, tasks: [...tasks, tasks[0]] })
  expect(result.uniqueInterleavings).toBe(numExplored)
})

test('started tasks, timers and locks are scheduled too', async () => {
  const order = async (s: string[], name: string): Promise<void> => {
    await null
    s.push(name)
  }
  for (const strategy of strategies) {
    const ends = new Set<string>()
    await exploreInterleavings({
      setup: (): string[] => [],
      tasks: [
        s => Promise.all([order(s, 'a'), order(s, 'b')]),
        async s => {
          await new Promise(resolve => setTimeout(resolve, 10))
          s.push('c')
        },
      ],
      invariant: s => {
        ends.add(s.join(''))
        return true
      },
      strategy,
      maxAttempts: 500,
    })
    expect([...ends].sort(), strategy).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
  }
})

test('a thread that waits for another in a loop does not keep it from running', async () => {
  for (const strategy of strategies) {
    const result = await exploreInterleavings({
      setup: () => ({ ready: false, turns: 0 }),
      threads: [
        s => {
          while (!s.ready) {}
        },
        s => {
          s.ready = true
        },
      ],
      invariant: s => s.ready,
      strategy,
      maxAttempts: 20,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.numExplored).toBe(20)
  }
})

test('the door of docs/random.md: a delay of twenty steps', async () => {
  class Door {
    open = true
    cleaned = 0
  }
  const enter = async (door: Door) => {
    if (!door.open) return
    await null
    if (!door.open) throw new Error('walked into a closed door')
  }
  const close = async (door: Door) => {
    for (let i = 0; i < 20; i++) {
      door.cleaned++
      await null
    }
    door.open = false
  }
  const program = { setup: () => new Door(), tasks: [enter, close], invariant: () => true }
  const result = await exploreInterleavings({ ...program, strategy: 'portfolio', seed: 42 })
  expect(result.failureKind).toBe('error')
  expect(result.numExplored).toBeLessThan(50)
  expect((await exploreInterleavings({ ...program, maxAttempts: 3000, seed: 42 })).failureKind).toBe('error')
})

describe('wrong options', () => {
  test.each<[string, object, RegExp]>([
    [
      'an unknown strategy',
      { strategy: 'dpor' },
      /unknown strategy 'dpor'\. Use one of 'random', 'walk', 'pct', 'pos', 'urw', 'surw', 'portfolio'/,
    ],
    ['a strategy that is no text', { strategy: 3 }, /unknown strategy '3'/],
    ['a depth of nothing', { strategy: 'pct:0' }, /unknown strategy 'pct:0'.*'pct:3'/],
    [
      'a preemption bound',
      { preemptionBound: 2 },
      /exploreInterleavings would ignore the option 'preemptionBound': it belongs to exploreDpor/,
    ],
    ['no preemption bound', { preemptionBound: null }, /would ignore the option 'preemptionBound'/],
    ['a search order', { search: 'dfs' }, /would ignore the option 'search'/],
    ['a limit of executions', { maxExecutions: 3 }, /would ignore the option 'maxExecutions'/],
    ['no attempts', { maxAttempts: 0 }, /'maxAttempts' must be a number of at least 1, not 0/],
    ['attempts that are no number', { maxAttempts: '3' }, /'maxAttempts' must be a number/],
    ['no operations', { maxOps: 0 }, /'maxOps' must be a number of at least 1/],
    ['a misspelt option', { maxAttempt: 3 }, /unknown option 'maxAttempt', did you mean 'maxAttempts'\?/],
    ['a seed that is none', { seed: 'x' }, /'seed' must be a number/],
    ['no tasks', { tasks: [] }, /'tasks' is empty/],
  ])('%s: a TypeError, before anything runs', async (_, options, message) => {
    let ran = false
    const setup = () => {
      ran = true
      return new Counter()
    }
    await expect(explore({ ...safe, setup, ...options })).rejects.toThrow(message)
    await expect(explore({ ...safe, setup, ...options })).rejects.toThrow(TypeError)
    expect(ran).toBe(false)
  })

  test('exploreDpor refuses the options of exploreInterleavings', async () => {
    for (const [name, value] of Object.entries({ strategy: 'walk', maxAttempts: 3, maxOps: 3, debug: true }))
      await expect(exploreDpor({ ...safe, [name]: value } as typeof safe)).rejects.toThrow(
        new TypeError(`frontrun: exploreDpor would ignore the option '${name}': it belongs to exploreInterleavings`),
      )
  })
})

describe('debug', () => {
  afterEach(() => vi.restoreAllMocks())

  test('prints each schedule and how it ended', async () => {
    const lines: string[] = []
    vi.spyOn(console, 'error').mockImplementation(line => void lines.push(line))
    await exploreInterleavings({ ...racy, maxAttempts: 20, stopOnFirst: false, debug: true, strategy: 'walk' })
    expect(lines).toHaveLength(20)
    expect(lines).toContain('frontrun: 0 1 0 1: invariant: the invariant does not hold')
    expect(lines).toContain('frontrun: 0 0 1 1: holds')
  })
})

test('two thousand schedules of a small program take well under a second', async () => {
  const start = performance.now()
  await exploreInterleavings({ ...safe, maxAttempts: 2000 })
  await exploreInterleavings({ ...safe, tasks: undefined, threads, maxAttempts: 2000 })
  // Usually a fifth of a second for both; machines that do other things as well take longer.
  expect(performance.now() - start).toBeLessThan(4000)
})
