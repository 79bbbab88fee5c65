/**
 * The same two-task program as in programs.ts under other schedulers of promises. Not TypeScript: these run in a process
 * without frontrun's hooks, and Node 20 can't load TypeScript by itself.
 */
import fc from 'fast-check'

/** Executions in one call of a contender, ours too: starting costs something everywhere. */
export const RANDOM_RUNS = 1000

class Counter {
  value = 0

  async load() {
    return this.value
  }

  async save(value) {
    this.value = value
  }
}

async function increment(load, save, times) {
  for (let turn = 0; turn < times; turn++) {
    const value = await load()
    await save(value + 1)
  }
}

/** fast-check's scheduler in a property, as its documentation shows. */
export async function fastCheck(times, numRuns) {
  let executions = 0
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async scheduler => {
      executions++
      const counter = new Counter()
      const load = scheduler.scheduleFunction(() => counter.load())
      const save = scheduler.scheduleFunction(value => counter.save(value))
      await scheduler.waitFor(Promise.all([increment(load, save, times), increment(load, save, times)]))
      return counter.value <= 2 * times
    }),
    { numRuns },
  )
  return { executions, steps: executions * (2 + 4 * times) }
}

/** A loop that lets one waiting promise go at a time, and then gives the event loop a turn. */
export async function handWritten(times, numRuns) {
  let random = 1
  for (let run = 0; run < numRuns; run++) {
    const counter = new Counter()
    const waiting = []
    const gated = operation => async value => {
      await new Promise(resolve => waiting.push(resolve))
      return operation(value)
    }
    const load = gated(() => counter.load())
    const save = gated(value => counter.save(value))
    const tasks = Promise.all([increment(load, save, times), increment(load, save, times)])
    while (waiting.length > 0) {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0
      const [release] = waiting.splice((random >>> 16) % waiting.length, 1)
      release()
      await new Promise(resolve => setImmediate(resolve))
    }
    await tasks
  }
  return { executions: numRuns, steps: numRuns * (2 + 4 * times) }
}
