import { cpSync, readFile, stat } from 'node:fs'
import { readFile as read } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { controlledInterleaving, exploreDpor, runWithSchedule } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { afterTimers, callAfter, callLater, Store, sleep, summarize, twoSteps } from '../support/foreign-package.js'
import { run, writeProject } from '../support/project.js'
import { uninstrumented } from '../support/uninstrumented.js'

const here = new URL(import.meta.url).pathname
const setup = () => ({ x: 0, seen: '', order: { items: [{ price: 1 }] }, store: new Store() })
type State = ReturnType<typeof setup>
type Act = (s: State) => unknown

async function explore(tasks: Act[], see: (s: State) => unknown = s => s.x) {
  const outcomes = new Set<string>()
  const result = await exploreDpor({
    setup,
    tasks,
    invariant: s => {
      outcomes.add(String(see(s)))
    },
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
  return { result, outcomes: [...outcomes].sort() }
}

describe('code that is not instrumented', () => {
  test('is taken to read all that it is given', async () => {
    const write: Act = s => {
      s.order.items[0].price = 5
    }
    const look: Act = s => {
      s.x = summarize(s.order)
    }
    const { result, outcomes } = await explore([write, look])
    expect(outcomes).toEqual(['1', '5'])
    expect(result).toMatchObject({ exhaustive: true, notExhaustiveBecause: undefined })
  })

  test('methods of one of its objects conflict', async () => {
    const { outcomes } = await explore([
      s => s.store.set(5),
      s => {
        s.x = s.store.get()
      },
    ])
    expect(outcomes).toEqual(['0', '5'])
  })

  test('goes on asynchronously: no proof', async () => {
    const add: Act = async s => {
      const before = s.x
      s.x = await twoSteps(before + 1)
    }
    const { result, outcomes } = await explore([add, add])
    expect(outcomes).toEqual(['1', '2'])
    expect(result.exhaustive).toBe(false)
    expect(result.stoppedBy).toBe('exhausted')
    expect(result.notExhaustiveBecause).toMatch(/not instrumented went on asynchronously \(twoSteps\).*tracePackages/)
  })

  test('calls back from the event loop: no proof', async () => {
    const { result } = await explore([s => callLater(() => s.x++), s => s.x++])
    expect(result.exhaustive).toBe(false)
    expect(result.notExhaustiveBecause).toMatch(/\(a callback\)/)
  })

  test('of Node itself, is nothing that could be interleaved', async () => {
    const { result } = await explore([
      async s => {
        s.x += (await read(here, 'utf8')).length > 0 ? 1 : 0
      },
    ])
    expect(result).toMatchObject({ exhaustive: true, notExhaustiveBecause: undefined })
  })

  test('awaiting its sleep is no nondeterminism', async () => {
    const add: Act = async s => {
      const before = s.x
      await sleep(5)
      s.x = before + 1
    }
    const { result, outcomes } = await explore([add, add])
    // Its timers wait until nothing else can run.
    expect(outcomes).toEqual(['1'])
    expect(result.exhaustive).toBe(false)
  })
})

describe('an execution ends when', () => {
  test('timers that foreign code set have fired', async () => {
    expect((await explore([s => callAfter(1000, () => s.x++)])).outcomes).toEqual(['1'])
  })

  test('a chain of 20 timers has come to its end', async () => {
    const chain =
      (length: number): Act =>
      s => {
        const next = (count: number): unknown => (count === 0 ? s.x++ : setTimeout(() => next(count - 1), 1))
        next(length)
      }
    const { result, outcomes } = await explore([chain(20)])
    expect(outcomes).toEqual(['1'])
    expect(result.exhaustive).toBe(true)
    const endless = await explore([chain(200)])
    expect(endless.outcomes).toEqual(['0'])
    expect(endless.result.notExhaustiveBecause).toMatch(/a chain of timers, could have gone on/)
  })

  test('a chain of timers in foreign code has come to its end', async () => {
    expect((await explore([s => afterTimers(10, () => s.x++)])).outcomes).toEqual(['1'])
  })

  test.each<[string, (callback: (error: unknown) => void) => void]>([
    ['fs.stat', callback => stat(here, callback)],
    ['fs.readFile', callback => readFile(here, callback)],
  ])('%s has called back', async (_, request) => {
    const look: Act = s => {
      request(error => {
        s.x = error === null ? 1 : 2
      })
    }
    expect((await explore([look, s => s.order])).outcomes).toEqual(['1'])
  })
})

test('two copies of frontrun are refused', async () => {
  const cwd = writeProject({
    'package.json': '{ "type": "module" }',
    'app.js': `import { exploreDpor } from '${new URL('../../dist/index.js', import.meta.url)}'
      await exploreDpor({ setup: () => ({}), tasks: [() => {}], invariant: () => true })`,
  })
  cpSync(new URL('../../dist', import.meta.url), `${cwd}/copy`, { recursive: true })
  const register = pathToFileURL(`${cwd}/copy/integrations/register.js`).href
  const { code, stderr } = await run(process.execPath, ['--import', register, 'app.js'], { cwd })
  expect(stderr).toMatch(
    /exploreDpor: two copies of frontrun are loaded: .*copy.* instruments the code, .* was imported/,
  )
  expect(code).toBe(1)
})

describe('functions that are not instrumented are refused', () => {
  const message = /task 1.* is not instrumented/
  const fine = async (s: State) => {
    await null
    s.x++
  }

  test('by runWithSchedule', async () => {
    await expect(runWithSchedule([0, 1], { setup, tasks: [fine, uninstrumented] })).rejects.toThrow(message)
  })

  test('by controlledInterleaving', async () => {
    const state = setup()
    const foreign = uninstrumented.bind(null, state)
    const runner = controlledInterleaving([0, 1], { numTasks: 2 })
    await expect(runner.run([() => fine(state), foreign])).rejects.toThrow(message)
  })
})
