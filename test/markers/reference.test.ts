import {
  AsyncTraceExecutor,
  allMarkerSchedules,
  asyncFrontrun,
  frontrun,
  Schedule,
  ScheduleStallError,
  Step,
  TraceExecutor,
} from 'frontrun'
import { describe, expect, test } from 'vitest'
import {
  AsyncCounter,
  AsyncCounterAlt,
  AsyncResourceManager,
  BankAccount,
  BankWithDeadlock,
  Counter,
  ResourceManager,
} from './support/counters.js'
import { rejection, scheduleOf } from './support/schedules.js'

const lostUpdate = (first: string, second: string) =>
  scheduleOf(`${first}:read_value ${second}:read_value ${first}:write_value ${second}:write_value`)

describe('the examples of the reference', () => {
  test('a lost update of a bank account', async () => {
    const account = new BankAccount(100)
    const schedule = new Schedule([
      new Step('thread1', 'read_balance'),
      new Step('thread2', 'read_balance'),
      new Step('thread1', 'write_balance'),
      new Step('thread2', 'write_balance'),
    ])
    const executor = new TraceExecutor(schedule)
    executor.run('thread1', () => account.transfer(50))
    executor.run('thread2', () => account.transfer(50))
    await executor.wait({ timeout: 5000 })
    expect(account.balance).toBe(150)
  })

  test('a lost update of a counter, its method bound', async () => {
    const counter = new Counter()
    const executor = new TraceExecutor(lostUpdate('thread1', 'thread2'))
    executor.run('thread1', counter.increment.bind(counter))
    executor.run('thread2', counter.increment.bind(counter))
    await executor.wait({ timeout: 5000 })
    expect(counter.value).toBe(1)
  })

  test.each([AsyncCounter, AsyncCounterAlt])('a lost update of %o', async Async => {
    const counter = new Async()
    const executor = new AsyncTraceExecutor(lostUpdate('task1', 'task2'))
    await executor.run({ task1: () => counter.increment(), task2: () => counter.increment() })
    expect(counter.value).toBe(1)
  })

  test('a worker function shared by the tasks', async () => {
    const log: string[] = []
    async function workerFunction(name: string) {
      // frontrun: read_data
      const x = await readData()
      // frontrun: write_data
      await writeData(name, x)
    }
    const readData = async () => log.length
    const writeData = async (name: string, x: number) => void log.push(`${name} ${x}`)
    const schedule = scheduleOf('task1:read_data task2:read_data task1:write_data task2:write_data')
    await asyncFrontrun(
      schedule,
      { task1: workerFunction, task2: workerFunction },
      { args: { task1: ['a'], task2: ['b'] } },
    )
    expect(log).toEqual(['a 0', 'b 0'])
  })

  test('the convenience function returns its executor', async () => {
    const log: number[] = []
    function workerFunc(n: number) {
      log.push(n) // frontrun: marker1
      return n * 2
    }
    const executor = await frontrun(
      scheduleOf('t2:marker1 t1:marker1'),
      { t1: workerFunc, t2: workerFunc },
      { args: { t1: [1], t2: [2] }, timeout: 5000, deadlockTimeout: 1000 },
    )
    expect(log).toEqual([2, 1])
    expect(executor).toBeInstanceOf(TraceExecutor)
    expect(executor.results).toEqual({ t1: 2, t2: 4 })
    expect(executor.errors).toEqual({})
  })

  test('a deposit of arguments', async () => {
    const account = new BankAccount()
    async function worker(to: BankAccount, amount: number) {
      // frontrun: before_deposit
      to.balance += amount
    }
    await asyncFrontrun(
      scheduleOf('t1:before_deposit t2:before_deposit'),
      { t1: worker, t2: worker },
      { args: { t1: [account, 50], t2: [account, 50] } },
    )
    expect(account.balance).toBe(100)
  })
})

describe('the named classes of bugs', () => {
  test('order violation: used before it was made, or not', async () => {
    const run = async (order: string): Promise<boolean> => {
      const manager = new ResourceManager()
      await frontrun(scheduleOf(order), { init: () => manager.initResource(), use: () => manager.useResource() })
      return manager.usedBeforeInit
    }
    expect(await run('use:use_resource init:init_resource')).toBe(true)
    expect(await run('init:init_resource use:use_resource')).toBe(false)
  })

  test('order violation of async workers', async () => {
    const run = async (order: string): Promise<boolean> => {
      const manager = new AsyncResourceManager()
      await asyncFrontrun(scheduleOf(order), { init: () => manager.init(), use: () => manager.use() })
      return manager.usedBeforeInit
    }
    expect(await run('use:use_resource init:init_resource')).toBe(true)
    expect(await run('init:init_resource use:use_resource')).toBe(false)
  })

  test('a deadlock is noticed at once, with both workers in it', async () => {
    const bank = new BankWithDeadlock()
    const executor = new TraceExecutor(scheduleOf('t1:lock_a_first t2:lock_b_first t1:lock_b_second t2:lock_a_second'))
    executor.run({ t1: () => bank.transferAToB(), t2: () => bank.transferBToA() })
    const started = performance.now()
    const error = await rejection(executor.wait({ timeout: 60_000 }))
    expect(performance.now() - started).toBeLessThan(1000)
    expect(error).toBeInstanceOf(ScheduleStallError)
    expect(error.step).toBeUndefined()
    expect(error.workers.t1).toContain('waits for the lock that t2 holds (test/markers/support/counters.ts:')
    expect(error.workers.t2).toContain('waits for the lock that t1 holds')
    expect(bank.transfers).toBe(0)
  })

  test('without the deadlock both transfers are made', async () => {
    const bank = new BankWithDeadlock()
    await frontrun(scheduleOf('t1:lock_a_first t1:lock_b_second t2:lock_b_first t2:lock_a_second'), {
      t1: () => bank.transferAToB(),
      t2: () => bank.transferBToA(),
    })
    expect(bank.transfers).toBe(2)
  })

  test.each([
    ['t1:read_value t1:write_value t2:read_value t2:write_value', 2],
    ['t2:read_value t2:write_value t1:read_value t1:write_value', 2],
    ['t1:read_value t2:read_value t2:write_value t1:write_value', 1],
    ['t2:read_value t1:read_value t1:write_value t2:write_value', 1],
  ])('%s leaves %i', async (order, value) => {
    for (const counter of [new Counter(), new AsyncCounter()]) {
      await frontrun(scheduleOf(order), { t1: () => counter.increment(), t2: () => counter.increment() })
      expect(counter.value).toBe(value)
    }
  })
})

describe('allMarkerSchedules', () => {
  test.each([
    [{ t1: ['a', 'b'], t2: ['a', 'b'] }, 6],
    [{ t1: ['a', 'b'], t2: ['a', 'b'], t3: ['c'] }, 30],
    [{ t1: ['a', 'b'], t2: ['a', 'b'], t3: ['a', 'b'] }, 90],
    [{ t1: ['a'], t2: [] as string[] }, 1],
    [{ t1: ['a', 'a', 'a'], t2: ['a'] }, 4],
  ])('%o: %i', (markers: Record<string, string[]>, count) => {
    const schedules = [...allMarkerSchedules(markers)]
    expect(schedules).toHaveLength(count)
    expect(new Set(schedules.map(String)).size).toBe(count)
    for (const schedule of schedules)
      for (const [worker, names] of Object.entries(markers))
        expect([...schedule].filter(step => step.worker === worker).map(step => step.marker)).toEqual(names)
  })

  test('can be gone through again', () => {
    const schedules = allMarkerSchedules({ t1: ['a'], t2: ['b'] })
    expect([...schedules].map(String)).toEqual(['(t1, a) (t2, b)', '(t2, b) (t1, a)'])
    expect([...schedules]).toHaveLength(2)
  })

  test('every order of two increments ends in 1 or 2', async () => {
    const values: number[] = []
    for (const schedule of allMarkerSchedules({
      t1: ['read_value', 'write_value'],
      t2: ['read_value', 'write_value'],
    })) {
      const counter = new Counter()
      await frontrun(schedule, { t1: () => counter.increment(), t2: () => counter.increment() })
      values.push(counter.value)
    }
    expect(values).toEqual([2, 1, 1, 1, 1, 2])
  })
})
