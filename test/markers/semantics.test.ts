import { frontrun, ScheduleStallError, TraceExecutor } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'
import { Counter } from './support/counters.js'
import { rejection, scheduleOf } from './support/schedules.js'

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

describe('between markers', () => {
  test('a worker runs without interruption, its awaits and timers included', async () => {
    const log: string[] = []
    const worker = async (name: string) => {
      log.push(`${name}0`)
      await sleep(50)
      log.push(`${name}1`) // frontrun: a
      await sleep(1000)
      await null
      log.push(`${name}2`)
      log.push(`${name}3`) // frontrun: b
    }
    const started = performance.now()
    await frontrun(scheduleOf('x:a y:a x:b y:b'), { x: worker, y: worker }, { args: { x: ['x'], y: ['y'] } })
    expect(log).toEqual(['x0', 'y0', 'x1', 'x2', 'y1', 'y2', 'x3', 'y3'])
    expect(performance.now() - started).toBeLessThan(500)
  })

  test('real input and output is waited for', async () => {
    const { readFile } = await import('node:fs/promises')
    const log: string[] = []
    const worker = async (name: string) => {
      log.push(`${name}1`) // frontrun: a
      await readFile(new URL(import.meta.url.split('?')[0]))
      log.push(`${name}2`)
      log.push(`${name}3`) // frontrun: b
    }
    const workers = { x: () => worker('x'), y: () => worker('y') }
    for (let time = 0; time < 5; time++) {
      log.length = 0
      await frontrun(scheduleOf('x:a y:a y:b x:b'), workers)
      expect(log).toEqual(['x1', 'x2', 'y1', 'y2', 'y3', 'x3'])
    }
  })

  test('a time-out of a worker does not run while it stands at a marker', async () => {
    const log: string[] = []
    const worker = async (name: string) => {
      const timer = setTimeout(() => log.push(`${name} timed out`), 10)
      log.push(name) // frontrun: a
      clearTimeout(timer)
    }
    await frontrun(scheduleOf('x:a y:a'), { x: () => worker('x'), y: () => worker('y') })
    expect(log).toEqual(['x', 'y'])
  })

  test('a worker that polls lets the others go on', async () => {
    const state = { ready: false, polls: 0 }
    const poll = async () => {
      while (!state.ready) {
        state.polls++
        await sleep(10)
      }
      return state.polls // frontrun: seen
    }
    const bring = () => {
      state.ready = true // frontrun: bring
    }
    await frontrun(scheduleOf('bring:bring poll:seen'), { poll, bring })
    expect(state.polls).toBeGreaterThan(1)
  })
})

describe('before the first marker and after the last', () => {
  test('all run up to their first marker before one passes it', async () => {
    const log: string[] = []
    const worker = (name: string) => () => {
      log.push(`${name} begins`)
      log.push(`${name} goes on`) // frontrun: go
    }
    await frontrun(scheduleOf('y:go x:go'), { x: worker('x'), y: worker('y'), z: () => log.push('z') })
    expect(log).toEqual(['y begins', 'x begins', 'z', 'y goes on', 'x goes on'])
  })

  test.each(['t1:a t1:b t2:a t2:b', 't2:a t2:b t1:a t1:b'])(
    'who is first in %s gets the lock they begin with',
    async order => {
      const lock = new Lock()
      const log: string[] = []
      const worker = (name: string) => async () => {
        await lock.acquire()
        log.push(`${name}:a`) // frontrun: a
        log.push(`${name}:b`) // frontrun: b
        lock.release()
      }
      await frontrun(scheduleOf(order), { t1: worker('t1'), t2: worker('t2') })
      expect(log.join(' ')).toBe(order)
    },
  )

  test('a lock is handed to who has waited longest', async () => {
    const lock = new Lock()
    const log: string[] = []
    const worker = (name: string) => async () => {
      await lock.acquire() // frontrun: lock
      log.push(name) // frontrun: locked
      lock.release()
    }
    const workers = { t1: worker('t1'), t2: worker('t2'), t3: worker('t3') }
    await frontrun(scheduleOf('t1:lock t3:lock t2:lock t1:locked t3:locked t2:locked'), workers)
    expect(log).toEqual(['t1', 't3', 't2'])
  })

  test('markers met after the schedule is used up are passed', async () => {
    const counter = new Counter()
    const workers = { t1: () => counter.increment(), t2: () => counter.increment(), t3: () => counter.increment() }
    await frontrun(scheduleOf('t3:read_value t1:read_value'), workers)
    // t3 and t1 have read 0. t1 goes on to its end, then t2, which was waiting, then t3.
    expect(counter.value).toBe(1)
  })
})

describe('what can stop', () => {
  test('a loop, once a turn', async () => {
    const log: string[] = []
    const worker = (name: string) => () => {
      for (let turn = 1; turn <= 3; turn++) log.push(`${name}${turn}`) // frontrun: turn
    }
    const body = (name: string) => async () => {
      for (const turn of [1, 2, 3]) {
        /* frontrun: turn */ log.push(`${name}${turn}`)
        await null
      }
    }
    for (const made of [worker, body]) {
      log.length = 0
      await frontrun(scheduleOf('x:turn y:turn y:turn x:turn x:turn y:turn'), { x: made('x'), y: made('y') })
      expect(log).toEqual(['x1', 'y1', 'y2', 'x2', 'x3', 'y3'])
    }
    await expect(frontrun(scheduleOf('x:turn x:turn x:turn x:turn'), { x: body('x') })).rejects.toThrow(
      'one step was never reached: (x, turn), from step 4 of 4 on',
    )
  })

  test('synchronous callees, with all their callers', async () => {
    const log: string[] = []
    const outer = (name: string) => {
      log.push(`${name} in`)
      const result = [1, 2].map(n => inner(name, n)).join()
      log.push(`${name} ${result}`)
    }
    const inner = (name: string, n: number) => {
      log.push(`${name}${n}`) // frontrun: inner
      return n * 10
    }
    await frontrun(scheduleOf('x:inner y:inner y:inner x:inner'), { x: () => outer('x'), y: () => outer('y') })
    expect(log).toEqual(['x in', 'y in', 'x1', 'y1', 'y2', 'y 10,20', 'x2', 'x 10,20'])
  })

  test('an async callee that is not awaited, with its caller', async () => {
    const log: string[] = []
    const call = async (n: number) => {
      log.push(`begin ${n}`) // frontrun: begin
      await null
      log.push(`end ${n}`) // frontrun: end
    }
    const worker = async () => {
      const both = [call(1), call(2)]
      log.push('called')
      await Promise.all(both)
    }
    await frontrun(scheduleOf('t1:begin t1:begin t1:end t1:end'), { t1: worker })
    expect(log).toEqual(['begin 1', 'begin 2', 'called', 'end 1', 'end 2'])
  })

  test('reactions, timers and rejected awaits', async () => {
    const log: string[] = []
    const worker = async () => {
      const reaction = Promise.resolve(1).then(value => {
        log.push(`then ${value}`) // frontrun: then
        throw new Error('no')
      })
      setTimeout(() => {
        log.push('timer') // frontrun: timer
      }, 5)
      try {
        await reaction
      } catch {
        log.push('caught') // frontrun: catch
      } finally {
        log.push('finally') // frontrun: finally
      }
    }
    const other = () => {
      log.push('other') // frontrun: other
    }
    await frontrun(scheduleOf('t1:then t2:other t1:catch t1:finally t1:timer'), { t1: worker, t2: other })
    expect(log).toEqual(['then 1', 'other', 'caught', 'finally', 'timer'])
  })

  test('methods, accessors called as functions, static and private methods, getters read by instrumented code', async () => {
    class Shape {
      static count = 0
      #size = 1
      static make() {
        Shape.count++ // frontrun: make
        return new Shape()
      }
      grow() {
        this.#double() // frontrun: grow
        return this.#size
      }
      #double() {
        // frontrun: double
        this.#size *= 2
      }
    }
    const worker = () => Shape.make().grow()
    const { results } = await frontrun(scheduleOf('t1:make t2:make t1:grow t2:grow t2:double t1:double'), {
      t1: worker,
      t2: worker,
    })
    expect(results).toEqual({ t1: 2, t2: 2 })
    expect(Shape.count).toBe(2)
  })

  test('switch, else and the end of a block', async () => {
    const log: string[] = []
    const worker = (value: number) => () => {
      switch (value) {
        // frontrun: one
        case 1:
          log.push('one')
          break
        default: // frontrun: other
          log.push('other')
      }
      if (value === 1) {
        log.push('then')
        // frontrun: end
      } else {
        // frontrun: else
        log.push('else')
      }
      log.push(`after ${value}`)
    }
    await frontrun(scheduleOf('y:other x:one y:else x:end'), { x: worker(1), y: worker(2) })
    expect(log).toEqual(['other', 'one', 'then', 'else', 'after 2', 'after 1'])
  })

  test('an arrow that is its expression', async () => {
    const state = { value: 0 }
    const read = () => state.value // frontrun: read
    const write = (value: number) => (state.value = value) // frontrun: write
    const worker = () => write(read() + 1)
    await frontrun(scheduleOf('t1:read t2:read t1:write t2:write'), { t1: worker, t2: worker })
    expect(state.value).toBe(1)
  })
})

describe('the executor', () => {
  test('reset lets the same schedule run again', async () => {
    const executor = new TraceExecutor(scheduleOf('t1:read_value t2:read_value t1:write_value t2:write_value'))
    for (let time = 0; time < 3; time++) {
      const counter = new Counter()
      executor.run({ t1: () => counter.increment(), t2: () => counter.increment() }, { timeout: 5000 })
      await executor.wait()
      expect(counter.value).toBe(1)
      executor.reset()
      expect(executor.results).toEqual({})
    }
  })

  test('both forms of run together', async () => {
    const log: string[] = []
    const go = (name: string) => {
      log.push(name) // frontrun: go
    }
    const executor = new TraceExecutor(scheduleOf('a:go b:go c:go'))
    executor.run('b', go, 'b')
    executor.run({ a: () => go('a'), c: () => go('c') })
    expect(log).toEqual([])
    await executor.wait()
    expect(log).toEqual(['a', 'b', 'c'])
  })

  test('waiting again does not run again', async () => {
    const counter = new Counter()
    const executor = new TraceExecutor(scheduleOf('t1:read_value'))
    const run = executor.run({ t1: () => counter.increment() })
    await run
    await executor.wait()
    await run
    expect(counter.value).toBe(1)
  })

  test('leaves the process as it was after a failure', async () => {
    const now = globalThis.setTimeout
    const counter = new Counter()
    const stalled = frontrun(scheduleOf('t1:write_value'), { t1: () => counter.increment() })
    expect(await rejection(stalled)).toBeInstanceOf(ScheduleStallError)
    expect(globalThis.setTimeout).toBe(now)
    counter.increment()
    expect(counter.value).toBe(1)
  })

  test('the same order gives the same run, a hundred times', async () => {
    const logs = new Set<string>()
    for (let time = 0; time < 100; time++) {
      const log: string[] = []
      const worker = (name: string) => async () => {
        await Promise.all(
          [1, 2].map(async n => {
            await sleep(n * 5)
            log.push(`${name}${n}`) // frontrun: a
            await Math.random()
            log.push(`${name}${n}'`)
          }),
        )
      }
      await frontrun(scheduleOf('y:a x:a y:a x:a'), { x: worker('x'), y: worker('y') })
      logs.add(log.join(' '))
    }
    expect([...logs]).toEqual(["y1 y1' x1 x1' y2 y2' x2 x2'"])
  })
})
