import { exploreDpor } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'
import { callsSoFar, never } from '../support/uninstrumented.js'

const setup = () => ({ x: 0, lock: new Lock(), done: false })
type State = ReturnType<typeof setup>
const fine = async (s: State) => {
  await null
  s.x++
}
const explore = (task: (s: State) => unknown, rest: object = {}) =>
  exploreDpor({ setup, tasks: [task, fine], invariant: () => true, reproduceOnFailure: 1, ...rest })

describe('a task that', () => {
  test.each<[string, (s: State) => unknown, unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new RangeError('too far')
      },
      new RangeError('too far'),
      /RangeError: too far/,
    ],
    [
      'throws after an await',
      async () => {
        await null
        throw new RangeError('too far')
      },
      new RangeError('too far'),
      /RangeError: too far/,
    ],
    [
      'throws undefined',
      async () => {
        throw undefined
      },
      undefined,
      /threw undefined/,
    ],
    ['throws a text', () => Promise.reject('why not'), 'why not', /threw ['"]why not['"]/],
    ['rejects', () => Promise.reject(new RangeError('too far')), new RangeError('too far'), /RangeError: too far/],
    [
      'leaves a rejection to nobody',
      async () => {
        void Promise.reject(new RangeError('too far'))
      },
      new RangeError('too far'),
      /unhandled rejection: RangeError: too far/,
    ],
    [
      'starts one that throws',
      () => {
        void (async () => {
          await null
          throw new RangeError('too far')
        })()
      },
      new RangeError('too far'),
      /unhandled rejection: RangeError: too far/,
    ],
    [
      'throws in a timer',
      () => {
        setTimeout(() => {
          throw new RangeError('too far')
        }, 10)
      },
      new RangeError('too far'),
      /RangeError: too far/,
    ],
    [
      'gives back a lock that it does not hold',
      s => s.lock.release(),
      expect.any(Error),
      /Lock.release: the lock is not held/,
    ],
  ])('%s: an error', async (_, task, error, message) => {
    const result = await explore(task)
    expect(result).toMatchObject({ propertyHolds: false, failureKind: 'error', reproductionSuccesses: 1 })
    expect(result.failures[0].message).toMatch(message)
    expect(result.error).toEqual(error)
    expect(result.explanation).toMatch(message)
    expect(() => result.assertHolds()).toThrow(expect.objectContaining({ name: 'AssertionError' }))
  })

  test.each<[string, (s: State) => unknown]>([
    ['never settles', () => new Promise(() => {})],
    ['awaits a promise of its own that never settles', async () => await new Promise(() => {})],
    [
      'keeps a lock that another wants',
      async s => {
        await s.lock.acquire()
        await s.lock.acquire()
      },
    ],
  ])('%s: a deadlock', async (_, task) => {
    const result = await explore(task)
    expect(result).toMatchObject({ failureKind: 'deadlock', reproductionSuccesses: 1 })
    expect(result.deadlock).toBeDefined()
  })

  test('awaits foreign code that never settles: a failure after deadlockTimeout', async () => {
    const result = await explore(async () => await never(), { deadlockTimeout: 50 })
    expect(result).toMatchObject({ propertyHolds: false, failureKind: 'timeout' })
    expect(result.failures[0].message).toMatch(/nothing happened for 50 ms/)
  })

  test.each<[string, (s: State) => unknown]>([
    [
      'loops for ever',
      () => {
        while (true);
      },
    ],
    [
      'loops for ever in a callback',
      () =>
        [1].forEach(() => {
          for (;;);
        }),
    ],
    [
      'awaits for ever',
      async () => {
        while (true) await null
      },
    ],
    [
      'waits for what nobody does',
      async s => {
        while (!s.done) await null
      },
    ],
  ])('%s: a livelock', async (_, task) => {
    const result = await explore(task, { maxSteps: 2000 })
    expect(result).toMatchObject({ propertyHolds: false, failureKind: 'livelock', exhaustive: false })
  })

  test.each<[string, () => unknown]>([
    [
      'timer after timer',
      function again() {
        setTimeout(again, 1)
      },
    ],
    ['an interval', () => setInterval(() => {}, 1)],
  ])('sets %s: not the end, but never exhaustive', async (_, task) => {
    const result = await explore(() => {
      task()
    })
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: false })
  })

  test('counts its turns until another has run: cut, but nobody fails', async () => {
    const spin = async (s: State) => {
      let turns = 0
      while (s.x === 0 && turns >= 0) {
        turns++
        await null
      }
    }
    const result = await explore(spin, { maxSteps: 300, maxExecutions: 50 })
    expect(result.propertyHolds).toBe(true)
    expect(result.exhaustive).toBe(false)
  })
})

let runs = 0
const modes = ['one', 'two']

describe('a program that outlives its executions', () => {
  test('a module-level counter that decides a branch', async () => {
    const result = await explore(async s => {
      if (runs++ % 2 === 0) await null
      s.x += 10
    })
    expect(result.failureKind).toBe('nondeterminism')
    expect(result.explanation).toMatch(/Nondeterminism/)
  })

  test('a module-level array that is used up', async () => {
    const result = await explore(async s => {
      if (modes.pop() !== undefined) s.x += 10
      await null
      s.x += 10
    })
    expect(result.failureKind).toBe('nondeterminism')
  })

  test('foreign code that answers differently', async () => {
    const result = await explore(async s => {
      if (callsSoFar() % 2 === 0) await null
      s.x += 10
    })
    expect(result.failureKind).toBe('nondeterminism')
    expect(result.explanation).toMatch(/Something outlives an execution/)
  })

  test('random numbers and dates are the same again', async () => {
    const result = await explore(async s => {
      if (Math.random() < 0.5) await null
      if (Date.now() % 2 === 0) await null
      s.x += crypto.getRandomValues(new Uint8Array(1))[0] % 2
    })
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: true })
  })
})
