import { exploreDpor, FrontrunError, runWithSchedule, ScheduleMismatchError } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { uninstrumented } from '../support/uninstrumented.js'

const setup = () => ({ x: 0 })
type State = ReturnType<typeof setup>
const task = async (s: State) => {
  const before = s.x
  await null
  s.x = before + 1
}
const invariant = (s: State) => s.x === 2
const expectTwo = (s: State) => {
  expect(s.x, 'the sum').toBe(2)
}
const valid = { setup, tasks: [task, task], invariant }

/** What `exploreDpor` throws for these options, in a form that types would forbid. */
const explore = (options: Record<string, unknown>) => exploreDpor(options as unknown as typeof valid)

describe('wrong options throw, and say what to do', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no options', undefined as never, /exploreDpor expects an object of options/],
    ['neither tasks nor threads', { setup, invariant }, /'tasks' \(or 'threads'\) must be a list or a record/],
    ['no tasks', { ...valid, tasks: [] }, /'tasks' is empty: there is nothing to explore/],
    ['no threads', { setup, invariant, threads: {} }, /'threads' is empty/],
    ['both tasks and threads', { ...valid, threads: [task] }, /either 'tasks' or 'threads', not both/],
    ['a task that is no function', { ...valid, tasks: [task, 1] }, /task 1 is not a function/],
    ['a named one', { ...valid, tasks: { alice: task, bob: null } }, /task bob is not a function/],
    ['no setup', { ...valid, setup: undefined }, /'setup' must be a function/],
    ['no invariant', { ...valid, invariant: undefined }, /'invariant' must be a function/],
    [
      'a misspelt option',
      { ...valid, maxExecution: 3 },
      /unknown option 'maxExecution', did you mean 'maxExecutions'\?/,
    ],
    ['an unknown option', { ...valid, banana: 3 }, /unknown option 'banana'$/],
    ['an option of another function', { ...valid, maxAttempts: 3 }, /option 'maxAttempts'/],
    ['an unknown search', { ...valid, search: 'depth' }, /search.*'depth'.*dfs/s],
    ['a bad seed of a search', { ...valid, search: 'stride:x' }, /stride:x/],
    ['an unknown clock', { ...valid, clock: 'fast' }, /'clock' must be 'explored', 'virtual' or 'real'/],
    ['a number that is none', { ...valid, maxSteps: '10' }, /'maxSteps' must be a number of at least 1, not 10/],
    ['a number too small', { ...valid, maxExecutions: 0 }, /'maxExecutions' must be a number of at least 1/],
    ['a negative bound', { ...valid, preemptionBound: -1 }, /'preemptionBound' must be a number of at least 0/],
    ['packages that are no list', { ...valid, tracePackages: 'p-queue' }, /'tracePackages' must be a list/],
    ['a package not loaded', { ...valid, tracePackages: ['p-queue'] }, /'p-queue'.*--trace-packages=p-queue/s],
  ])('%s', async (_, options, message) => {
    await expect(explore(options)).rejects.toThrow(message)
    await expect(explore(options)).rejects.toThrow(/^frontrun: /)
  })

  test('a function that is not instrumented is named, with the ways to instrument it', async () => {
    await expect(explore({ ...valid, tasks: { alice: task, bob: uninstrumented } })).rejects.toThrow(
      /task 1 \(bob\) is not instrumented.*frontrun vitest.*frontrun\(\)/s,
    )
    await expect(explore({ setup, invariant, threads: [uninstrumented] })).rejects.toThrow(
      /thread 0 is not instrumented/,
    )
  })
})

describe('replay', () => {
  test.each<[string, unknown, RegExp]>([
    ['no string', 7, /'replay' must be the string that a failure printed/],
    ['garbage', 'garbage', /'garbage' is not a replay string of this version/],
    ['another version', 'fr0:t2:0,1', /not a replay string of this version/],
    ['another number of tasks', 'fr1:t3:0,1', /made for another program: 3 tasks, but this is 2 tasks/],
    ['threads', 'fr1:h2:0,1', /made for another program: 2 threads, but this is 2 tasks/],
    ['another clock', 'fr1:t2v:0,1', /2 tasks with clock: 'virtual', but this is 2 tasks/],
    ['a part that cannot be read', 'fr1:t2:0,one', /cannot be read: 'one'/],
    ['a task that does not exist', 'fr1:t2:0,7', /schedule does not fit.*step 2 of 2 is of task 7/s],
    ['a task that has ended', 'fr1:t2:0x3', /schedule does not fit.*step 3 of 3 is of task 0.*1 can/s],
    ['too many steps', 'fr1:t2:0x2,1x2,1', /schedule does not fit.*ended after 4 of its 5 steps/s],
  ])('%s', async (_, replay, message) => {
    await expect(explore({ ...valid, replay })).rejects.toThrow(message)
  })

  test('a schedule that does not fit is an error of a kind of its own', async () => {
    const error = await explore({ ...valid, replay: 'fr1:t2:0x3' }).catch(reason => reason)
    expect(error).toBeInstanceOf(ScheduleMismatchError)
    expect(error).toBeInstanceOf(FrontrunError)
    await expect(runWithSchedule(7 as never, valid)).rejects.toThrow(/runWithSchedule expects a schedule/)
  })
})

describe('setup and invariant', () => {
  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new RangeError('no database')
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('no database'))],
    [
      'rejects later',
      async () => {
        await null
        throw new RangeError('no database')
      },
    ],
  ])('a setup that %s', async (_, failing) => {
    const error = await explore({ ...valid, setup: failing }).catch(reason => reason)
    expect(error).toBeInstanceOf(FrontrunError)
    expect(error.message).toBe('frontrun: setup failed: no database')
    expect(error.cause).toBeInstanceOf(RangeError)
  })

  test('a setup that never ends', async () => {
    await expect(explore({ ...valid, setup: () => new Promise(() => {}) })).rejects.toThrow(/setup never ends/)
  })

  test.each<[string, unknown, RegExp]>([
    ['a number', 1, /the invariant returned 1; it must return true or false/],
    ['a number, later', Promise.resolve(0), /the invariant returned 0/],
    ['an object', {}, /the invariant returned an object/],
    ['null', null, /the invariant returned null|an object/],
  ])('an invariant that returns %s', async (_, value, message) => {
    const error = await explore({ ...valid, invariant: () => value }).catch(reason => reason)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toMatch(message)
  })

  test('an invariant that never ends fails', async () => {
    const result = await explore({ ...valid, invariant: () => new Promise(() => {}), reproduceOnFailure: 0 })
    expect(result.propertyHolds).toBe(false)
    expect(result.failures[0].message).toMatch(/the invariant never ends/)
  })

  test('an invariant that throws is a violation with its message', async () => {
    const result = await explore({ ...valid, invariant: expectTwo })
    expect(result).toMatchObject({ failureKind: 'invariant', reproductionSuccesses: 10 })
    expect(result.failures[0].message).toMatch(/the sum: expected 1 to be 2/)
  })
})
