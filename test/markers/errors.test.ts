import {
  exploreMarkerInterleavings,
  FrontrunError,
  frontrun,
  IncompleteScheduleError,
  MarkerRegistry,
  Schedule,
  ScheduleStallError,
  Step,
  TimeoutError,
  TraceExecutor,
  UnknownStepError,
} from 'frontrun'
import { Lock } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'
import { BankAccount } from './support/counters.js'
import { rejection, scheduleOf } from './support/schedules.js'

const transfers = () => {
  const account = new BankAccount(100)
  return { t1: () => account.transfer(50), t2: () => account.transfer(50) }
}

describe('a step that does not exist', () => {
  test('a worker: before anything runs, with the nearest name', async () => {
    const account = new BankAccount(100)
    const error = await rejection(
      frontrun(scheduleOf('alice:read_balance bobby:read_balance'), {
        alice: () => account.transfer(50),
        bob: () => account.transfer(50),
      }),
    )
    expect(error).toBeInstanceOf(UnknownStepError)
    expect(error.message).toBe(
      "frontrun: step 2 of 2 is (bobby, read_balance), but there is no worker 'bobby'. Did you mean 'bob'? (There are alice, bob.)",
    )
    expect(String(error.step)).toBe('(bobby, read_balance)')
    expect(account.balance).toBe(100)
  })

  test('a marker: with the nearest name and where it stands', async () => {
    const error = await rejection(frontrun(scheduleOf('t1:read_balance t2:raed_balance t1:write_balance'), transfers()))
    expect(error).toBeInstanceOf(UnknownStepError)
    expect(error.message).toMatch(
      /^frontrun: step 2 of 3 is \(t2, raed_balance\), but no instrumented file that was loaded has a marker 'raed_balance'\. Did you mean 'read_balance' \(test\/markers\/support\/counters\.ts:7\)\?$/,
    )
  })

  test('a marker that would come after the end', async () => {
    await expect(
      frontrun(scheduleOf('t1:read_balance t1:write_balance t1:close_balance'), { t1: transfers().t1 }),
    ).rejects.toThrow("no instrumented file that was loaded has a marker 'close_balance'. Did you mean 'write_balance'")
  })
})

describe('a schedule that cannot go on', () => {
  test('another marker is waited for: where each worker stands', async () => {
    const schedule = scheduleOf('t1:read_balance t2:write_balance t1:write_balance')
    const error = await rejection(frontrun(schedule, { ...transfers(), t3: () => undefined }))
    expect(error).toBeInstanceOf(ScheduleStallError)
    expect(error.message).toBe(
      [
        'frontrun: the schedule cannot go on: step 2 of 3 is (t2, write_balance), and',
        "  t1 stands at its marker 'write_balance' (test/markers/support/counters.ts:9)",
        "  t2 stands at its marker 'read_balance' (test/markers/support/counters.ts:7)",
        '  t3 has ended',
      ].join('\n'),
    )
    expect(error.step).toEqual(new Step('t2', 'write_balance'))
  })

  test('a lock that a worker at its marker holds: at once', async () => {
    const lock = new Lock()
    const increment = async () => {
      await lock.acquire()
      await null // frontrun: inside
      lock.release()
    }
    const started = performance.now()
    const error = await rejection(
      frontrun(scheduleOf('t1:inside t1:inside t2:inside'), { t1: increment, t2: increment }),
    )
    expect(error).toBeInstanceOf(ScheduleStallError)
    expect(error.workers).toEqual({
      t1: 'has ended',
      t2: expect.stringMatching(/^stands at its marker 'inside' \(test\/markers\/errors\.test\.ts:\d+\)$/),
    })
    const waiting = await rejection(frontrun(scheduleOf('t1:inside t2:inside'), { t1: twice, t2: increment }))
    expect(waiting).toBeInstanceOf(ScheduleStallError)
    expect(waiting.step).toEqual(new Step('t2', 'inside'))
    expect(waiting.workers.t2).toMatch(/^waits for the lock that t1 holds \(test\/markers\/errors\.test\.ts:\d+\)$/)
    expect(performance.now() - started).toBeLessThan(1000)

    async function twice() {
      await lock.acquire()
      await null // frontrun: inside
      await null // frontrun: again
      lock.release()
    }
  })

  test('a promise that nobody settles', async () => {
    const error = await rejection(
      frontrun(scheduleOf('t1:first t1:second'), {
        t1: async () => {
          // frontrun: first
          await new Promise(() => {})
          // frontrun: second
          await null
        },
      }),
    )
    expect(error).toBeInstanceOf(ScheduleStallError)
    expect(error.workers.t1).toMatch(/^waits for a promise \(test\/markers\/errors\.test\.ts:\d+\)$/)
  })

  test('an endless loop', async () => {
    const error = await rejection(
      frontrun(scheduleOf('t1:first'), {
        t1: () => {
          // frontrun: first
          for (;;);
        },
      }),
    )
    expect(error).toBeInstanceOf(ScheduleStallError)
    expect(error.message).toMatch(/the loop at .*errors\.test\.ts:\d+ goes on for ever/)
  })
})

test('steps that are left when the workers have ended', async () => {
  const error = await rejection(
    frontrun(scheduleOf('t1:read_balance t1:write_balance t1:read_balance t1:write_balance'), { t1: transfers().t1 }),
  )
  expect(error).toBeInstanceOf(IncompleteScheduleError)
  expect(error.message).toBe(
    'frontrun: the workers have ended, but 2 steps were never reached: (t1, read_balance) (t1, write_balance), from step 3 of 4 on',
  )
  expect(error.missing).toHaveLength(2)
})

test('no marker reached at all', async () => {
  const error = await rejection(frontrun(scheduleOf('t1:read_balance'), { t1: () => 1 }))
  expect(error).toBeInstanceOf(IncompleteScheduleError)
  expect(error.message).toContain('No worker came to a marker at all.')
})

describe('time-outs', () => {
  test('of foreign work that goes on', async () => {
    const { setTimeout: later } = await import('node:timers/promises')
    const error = await rejection(
      frontrun(scheduleOf('t1:begin'), { t1: () => endless(later) }, { timeout: 100, deadlockTimeout: 60_000 }),
    )
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toContain('the workers took longer than 100 ms:\n  t1 ')
  })

  test('foreign code without a sign of life', async () => {
    const never = new Promise(() => {})
    const error = await rejection(
      frontrun(
        scheduleOf('t1:begin t1:end'),
        {
          t1: async () => {
            // frontrun: begin
            await never
            // frontrun: end
            await null
          },
        },
        { deadlockTimeout: 50 },
      ),
    )
    expect(error).toBeInstanceOf(ScheduleStallError)
    expect(error.message).toContain('nothing happened for 50 ms')
  })

  async function endless(_: unknown) {
    // frontrun: begin
    const { readFile } = await import('node:fs/promises')
    for (;;) await readFile(new URL(import.meta.url.split('?')[0]))
  }
})

describe('errors of workers', () => {
  test('the first is thrown, all are kept', async () => {
    const executor = new TraceExecutor(scheduleOf('t2:fail t1:fail'))
    const fail = (name: string) => {
      throw new Error(name) // frontrun: fail
    }
    executor.run('t1', fail, 'one')
    executor.run('t2', async name => fail(name), 'two')
    executor.run('t3', () => 'fine')
    await expect(executor.wait()).rejects.toThrow('two')
    await expect(executor.wait()).rejects.toThrow('two')
    expect(executor.errors).toEqual({ t1: new Error('one'), t2: new Error('two') })
    expect(executor.results).toEqual({ t3: 'fine' })
  })

  test('comes before the steps that it leaves untaken', async () => {
    const fail = () => {
      throw new RangeError('early') // frontrun: fail
    }
    await expect(frontrun(scheduleOf('t1:fail t1:never'), { t1: fail })).rejects.toThrow(new RangeError('early'))
  })

  test('of a timer, and of a promise that nobody handles', async () => {
    const late = async () => {
      setTimeout(() => {
        throw new Error('late')
      }, 10)
      await null // frontrun: set
    }
    await expect(frontrun(scheduleOf('t1:set'), { t1: late })).rejects.toThrow('late')
    const lost = async () => {
      void Promise.reject(new Error('lost'))
      await null // frontrun: set
    }
    await expect(frontrun(scheduleOf('t1:set'), { t1: lost })).rejects.toThrow('lost')
  })
})

describe('where nothing can be suspended', () => {
  const inside = 'was reached where nothing can be suspended'
  class Made {
    constructor(public log: string[]) {
      log.push('made') // frontrun: make
    }
  }
  const workers: [string, () => unknown][] = [
    [
      'a callback of native code',
      () =>
        JSON.stringify({
          toJSON: () => {
            /* frontrun: make */ return 'b'
          },
        }),
    ],
    ['a constructor', () => new Made([])],
    ['a generator', () => [...generator()]],
  ]
  function* generator() {
    // frontrun: make
    yield 1
  }

  test.each(workers)('%s', async (_, worker) => {
    await expect(frontrun(scheduleOf('t1:make'), { t1: worker })).rejects.toThrow(inside)
  })

  test('once the schedule is used up nothing has to be suspended', async () => {
    const log: string[] = []
    await frontrun(scheduleOf('t1:go'), {
      t1: () => {
        log.push('go') // frontrun: go
        new Made(log)
      },
    })
    expect(log).toEqual(['go', 'made'])
  })
})

describe('wrong use', () => {
  test('an empty schedule', () => {
    expect(() => new Schedule([])).toThrow(new TypeError('frontrun: Schedule: give at least one Step'))
    expect(() => new Schedule(['t1'] as never)).toThrow('element 0 is not a Step')
    expect(() => new Step('', 'a')).toThrow('the worker must be a name')
    expect(() => new Step('t1', undefined as never)).toThrow('the marker must be a name')
  })

  test('workers that are not instrumented', async () => {
    const error = await rejection(frontrun(scheduleOf('t1:a'), { t1: Number.isInteger }))
    expect(error).toBeInstanceOf(FrontrunError)
    expect(error.message).toMatch(/task 0 \(t1\) is not instrumented: it cannot stop at markers\. Run with/)
    await expect(frontrun(scheduleOf('t1:a'), { t1: Number.isInteger.bind(null, 1) })).rejects.toThrow(
      'is not instrumented',
    )
  })

  test('no workers, one name twice, no function, workers after the run', async () => {
    const executor = new TraceExecutor(scheduleOf('t1:a'))
    await expect(executor.wait()).rejects.toThrow('no workers were given')
    executor.reset()
    executor.run('t1', () => 1)
    expect(() => executor.run('t1', () => 2)).toThrow("there is a worker 't1' already")
    expect(() => executor.run('t2', 1 as never)).toThrow("'t2' is not a function")
    await rejection(executor.wait())
    expect(() => executor.run('t2', () => 1)).toThrow('Call reset()')
    expect(() => new TraceExecutor([] as never)).toThrow('TraceExecutor expects a Schedule')
    await expect(frontrun(scheduleOf('t1:a'), { t1: () => 1 }, { args: { t2: [1] } })).rejects.toThrow(
      "args are given for 't2'",
    )
    await expect(frontrun(scheduleOf('t1:a'), { t1: () => 1 }, { timeout: -1 })).rejects.toThrow(
      "'timeout' must be a number",
    )
  })

  test('a run within another', async () => {
    const nested = () => frontrun(scheduleOf('t1:a'), { t1: () => 1 })
    await expect(
      exploreMarkerInterleavings({
        setup: () => 0,
        tasks: { a: nested },
        invariant: () => true,
        reproduceOnFailure: 0,
      }).then(result => {
        throw result.error
      }),
    ).rejects.toThrow('inside another one')
  })
})

test('MarkerRegistry knows the markers of a text and of the loaded files', () => {
  const registry = MarkerRegistry.of('x() // frontrun: read\n// frontrun: write\ny() // frontrun: read', 'a.ts')
  expect(registry.names).toEqual(['read', 'write'])
  expect(registry.places('read')).toEqual([
    { file: 'a.ts', line: 1 },
    { file: 'a.ts', line: 3 },
  ])
  expect(registry.has('red')).toBe(false)
  expect(registry.nearest('wriet')).toBe('write')
  expect(registry.places('none')).toEqual([])
  expect(MarkerRegistry.of('x()', 'a.js').nearest('a')).toBeUndefined()
  expect(MarkerRegistry.loaded().places('read_balance')).toEqual([
    { file: expect.stringContaining('support/counters.ts'), line: 7 },
  ])
})
