import fc from 'fast-check'
import { frontrun, runWithSchedule } from 'frontrun'
import { markerScheduleArbitrary, scheduleArbitrary } from 'frontrun/fast-check'
import { expect, test } from 'vitest'

interface Account {
  balance: number
}

async function deposit(account: Account): Promise<void> {
  const before = account.balance
  await null
  account.balance = before + 50
}

const run = (schedule: number[]): Promise<Account> =>
  runWithSchedule(schedule, { setup: () => ({ balance: 100 }), tasks: [deposit, deposit] })

test('a property finds the lost update and shrinks to one context switch', async () => {
  const property = fc.asyncProperty(
    scheduleArbitrary(2, { maxOps: 12 }),
    async schedule => (await run(schedule)).balance === 200,
  )
  for (const seed of [1, 2, 3, 4, 5]) {
    const { failed, counterexample } = await fc.check(property, { seed, numRuns: 200 })
    expect(failed).toBe(true)
    // Where it ends, the task that ran last goes on: four steps, 0 1 1 0 or its mirror image.
    expect([
      [0, 1],
      [1, 0],
    ]).toContainEqual(counterexample?.[0])
  }
})

test('schedules name the tasks there are, and keep to the bound', () => {
  fc.assert(
    fc.property(scheduleArbitrary(3, { maxOps: 7 }), schedule => {
      expect(schedule.length).toBeLessThanOrEqual(7)
      expect(schedule.every(task => [0, 1, 2].includes(task))).toBe(true)
    }),
  )
})

test('every schedule of a small program is generated', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(scheduleArbitrary(2, { maxOps: 3 }), schedule => void seen.add(schedule.join(''))),
    { numRuns: 2000 },
  )
  expect(seen.size).toBe(1 + 2 + 4 + 8)
})

test('wrong bounds are told', () => {
  expect(() => scheduleArbitrary(0)).toThrow('a number of tasks from 1 up, not 0')
  expect(() => scheduleArbitrary(2, { maxOps: -1 })).toThrow("'maxOps' must be a whole number from 0 up, not -1")
})

class Counter {
  value = 0

  increment(): void {
    const before = this.value // frontrun: read
    this.value = before + 1 // frontrun: write
  }
}

test('orders of markers: a lost update shrinks to the four steps with the fewest switches', async () => {
  const markers = { t1: ['read', 'write'], t2: ['read', 'write'] }
  const property = fc.asyncProperty(markerScheduleArbitrary(markers), async schedule => {
    const counter = new Counter()
    await frontrun(schedule, { t1: () => counter.increment(), t2: () => counter.increment() })
    return counter.value === 2
  })
  for (const seed of [1, 2, 3]) {
    const { failed, counterexample } = await fc.check(property, { seed })
    expect(failed).toBe(true)
    const workers = counterexample?.[0].steps.map(({ worker }) => worker).join(' ')
    expect(['t1 t2 t2 t1', 't2 t1 t1 t2']).toContain(workers)
  }
})

test('all orders of the markers are generated', () => {
  const seen = new Set<string>()
  const orders = markerScheduleArbitrary({ a: ['1', '2'], b: ['1', '2'], c: ['1'] })
  fc.assert(
    fc.property(orders, schedule => void seen.add(String(schedule))),
    { numRuns: 2000 },
  )
  expect(seen.size).toBe(30)
  expect(() => markerScheduleArbitrary({ a: [] })).toThrow('give each worker a list of its markers')
})
