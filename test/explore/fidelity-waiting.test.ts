import { MessageChannel } from 'node:worker_threads'
import { type ExploreDporOptions, exploreDpor } from 'frontrun'
import { Condition, Empty, Event, Lock, Queue } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'

/** What comes about in some execution with the engine's order of jobs. */
async function outcomes<S extends { seen: unknown[] }>(
  setup: () => S,
  tasks: ((s: S) => Promise<void>)[],
  clock: ExploreDporOptions<S>['clock'] = 'explored',
): Promise<string[]> {
  const found = new Set<string>()
  const result = await exploreDpor({
    setup,
    tasks,
    invariant: s => {
      found.add(s.seen.join(' '))
    },
    fidelity: 'engine',
    clock,
    stopOnFirst: false,
  })
  expect(result.explanation).toBeUndefined()
  expect(result.exhaustive).toBe(true)
  return [...found].sort()
}

const held = () => {
  const lock = new Lock()
  lock.tryAcquire()
  return lock
}

describe('time-outs of frontrun/sync, with the order of the engine', () => {
  const make = () => ({
    free: new Lock(),
    held: held(),
    jobs: new Queue<string>(),
    flag: new Event(),
    changed: new Condition(),
    seen: [] as unknown[],
  })
  type State = ReturnType<typeof make>
  const cases: [name: string, all: string[], tasks: ((s: State) => Promise<void>)[]][] = [
    [
      'what is free is taken at once',
      ['true'],
      [
        async s => {
          s.seen.push(await s.free.acquire({ timeout: 10 }))
        },
      ],
    ],
    [
      'a lock that is given back or not in time',
      ['false', 'true'],
      [
        async s => {
          s.seen.push(await s.held.acquire({ timeout: 10 }))
        },
        async s => s.held.release(),
      ],
    ],
    [
      'a lock that nobody gives back',
      ['false'],
      [
        async s => {
          s.seen.push(await s.held.acquire({ timeout: 10 }))
        },
      ],
    ],
    [
      'an item that comes in time or not',
      ['empty', 'job'],
      [
        async s => {
          try {
            s.seen.push(await s.jobs.get({ timeout: 10 }))
          } catch (error) {
            s.seen.push(error instanceof Empty ? 'empty' : error)
          }
        },
        s => s.jobs.put('job'),
      ],
    ],
    [
      'an event',
      ['false', 'true'],
      [
        async s => {
          s.seen.push(await s.flag.wait({ timeout: 10 }))
        },
        async s => s.flag.set(),
      ],
    ],
    [
      'a condition',
      ['false', 'true'],
      [
        s =>
          s.changed.withLock(async () => {
            s.seen.push(await s.changed.wait({ timeout: 10 }))
          }),
        s => s.changed.withLock(() => s.changed.notify()),
      ],
    ],
    [
      'not awaited at once',
      ['false', 'true'],
      [
        async s => {
          const taken = s.held.acquire({ timeout: 10 })
          await null
          s.seen.push(await taken)
        },
        async s => s.held.release(),
      ],
    ],
  ]
  test.each(cases)('%s', async (_, all, tasks) => {
    expect(await outcomes(make, tasks)).toEqual(all)
  })

  test('by a virtual clock time runs out only when nothing else can run', async () => {
    const [, , tasks] = cases[1] as (typeof cases)[number]
    expect(await outcomes(make, tasks, 'virtual')).toEqual(['true'])
  })
})

describe('blocking methods, with the order of the engine', () => {
  test('do what can be done at once', async () => {
    const found = await outcomes(
      () => ({ lock: new Lock(), seen: [] as unknown[] }),
      [
        async s => {
          s.seen.push(s.lock.acquireSync(), s.lock.acquireSync({ timeout: 10 }))
          await null
          s.lock.release()
        },
      ],
    )
    expect(found).toEqual(['true false'])
  })

  test('throw where they would stop the event loop for ever', async () => {
    const result = await exploreDpor({
      setup: held,
      tasks: [async lock => void lock.acquireSync()],
      invariant: () => true,
      fidelity: 'engine',
    })
    expect(result.failureKind).toBe('error')
    expect(result.explanation).toMatch(/a blocking method stops the whole event loop\. Use the async one/)
  })
})

describe('messages, with the order of the engine', () => {
  const channels = () => ({ one: new MessageChannel(), other: new MessageChannel(), n: 0, seen: [] as unknown[] })

  test('those of one port come in order, those of two in any', async () => {
    const setup = () => {
      const state = channels()
      state.one.port2.on('message', text => state.seen.push(text))
      state.other.port2.on('message', text => state.seen.push(text))
      return state
    }
    const found = await outcomes(setup, [
      async s => {
        s.one.port1.postMessage('a')
        s.one.port1.postMessage('b')
      },
      async s => s.other.port1.postMessage('x'),
    ])
    expect(found).toEqual(['a b x', 'a x b', 'x a b'])
  })

  test('an answer, and the close of a port', async () => {
    const found = await outcomes(channels, [
      async s => {
        const { port1, port2 } = s.one
        port2.on('message', (m: number) => {
          s.n += m
          port2.postMessage(s.n)
        })
        port2.on('close', () => s.seen.push('close'))
        await new Promise<void>(resolve => {
          port1.once('message', n => {
            s.seen.push(n)
            resolve()
          })
          port1.postMessage(5)
        })
        port1.close()
      },
      async s => {
        s.n = 100
      },
    ])
    expect(found).toEqual(['105 close', '5 close'])
  })
})
