/** The classic races over a file, each with what mends it. */
import * as fs from 'node:fs'
import { readFileSync, writeFileSync } from 'node:fs'
import * as fsp from 'node:fs/promises'
import { exploreDpor } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { afterAll, describe, expect, test } from 'vitest'
import { at, cleanUp, emptyFolder } from '../support/file-folder.js'

afterAll(cleanUp)

const path = at('data.json')
const setup = (content: unknown) => () => {
  emptyFolder()
  writeFileSync(path, JSON.stringify(content))
  return { lock: new Lock(), paid: [false, false] }
}
type State = ReturnType<ReturnType<typeof setup>>
type Act = (s: State) => unknown
const content = (): any => JSON.parse(readFileSync(path, 'utf8'))

async function violations(acts: Act[], invariant: (s: State) => boolean, initial: unknown, unit = 'tasks') {
  const result = await exploreDpor({
    setup: setup(initial),
    ...(unit === 'tasks' ? { tasks: acts } : { threads: acts }),
    invariant,
    stopOnFirst: false,
    reproduceOnFailure: 1,
  })
  const { numExplored, failures, explanation } = result
  expect(result).toMatchObject({ exhaustive: true, redundantRuns: 0 })
  return { traces: numExplored, failures: failures.length, explanation }
}
const none = { failures: 0, explanation: undefined }

/** Reading and writing: two orders of one after the other, two in which both read first. */
describe('threads with synchronous calls', () => {
  const locked =
    (act: Act): Act =>
    s => {
      s.lock.acquireSync()
      act(s)
      s.lock.release()
    }

  const add: Act = () => {
    const value = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify(value + 1))
  }
  test('a counter', async () => {
    const { explanation, ...counts } = await violations([add, add], () => content() === 2, 0, 'threads')
    expect(counts).toEqual({ traces: 4, failures: 2 })
    expect(explanation).toMatch(/Lost update: threads 0 and 1 both read \S+data.json before either wrote it back\./)
    expect(explanation).toContain("const value = JSON.parse(readFileSync(path, 'utf8'))")
    expect(await violations([locked(add), locked(add)], () => content() === 2, 0, 'threads')).toEqual({
      traces: 2,
      ...none,
    })
  })

  const set =
    (key: string): Act =>
    () => {
      const value = JSON.parse(readFileSync(path, 'utf8'))
      writeFileSync(path, JSON.stringify(Object.assign(value, { [key]: 1 })))
    }
  test('two keys of a JSON file', async () => {
    const holds = (): boolean => JSON.stringify(Object.keys(content()).sort()) === '["a","b"]'
    expect(await violations([set('a'), set('b')], holds, {}, 'threads')).toMatchObject({ traces: 4, failures: 2 })
    const safe = await violations([locked(set('a')), locked(set('b'))], holds, {}, 'threads')
    expect(safe).toEqual({ traces: 2, ...none })
  })

  const withdraw =
    (index: number): Act =>
    s => {
      const balance = JSON.parse(readFileSync(path, 'utf8'))
      if (balance < 60) return
      writeFileSync(path, JSON.stringify(balance - 60))
      s.paid[index] = true
    }
  test('two withdrawals', async () => {
    const holds = (s: State): boolean => s.paid.filter(Boolean).length === 1
    const racy = await violations([withdraw(0), withdraw(1)], holds, 100, 'threads')
    expect(racy).toMatchObject({ traces: 4, failures: 2 })
    const safe = await violations([locked(withdraw(0)), locked(withdraw(1))], holds, 100, 'threads')
    expect(safe).toEqual({ traces: 2, ...none })
  })
})

/**
 * Reading, emptying, writing: 20 interleavings of two tasks, of which 12 begin with both reading, in either order, which is
 * the same.
 */
describe('tasks with promises', () => {
  const locked =
    (act: Act): Act =>
    async s => {
      await s.lock.acquire()
      await act(s)
      s.lock.release()
    }

  test('two keys of a JSON file', async () => {
    const set =
      (key: string): Act =>
      async () => {
        const value = JSON.parse(await fsp.readFile(path, 'utf8'))
        value[key] = 1
        await fsp.writeFile(path, JSON.stringify(value))
      }
    const holds = (): boolean => JSON.stringify(Object.keys(content()).sort()) === '["a","b"]'
    const racy = await violations([set('a'), set('b')], holds, {})
    // Who reads an empty file writes no more: of three orders each that go on from there, one is left.
    expect(racy).toMatchObject({ traces: 10, failures: 8 })
    expect(await violations([locked(set('a')), locked(set('b'))], holds, {})).toEqual({ traces: 2, ...none })
  })

  test('a counter, by callbacks', async () => {
    const add: Act = () => {
      fs.readFile(path, 'utf8', (_, text) => {
        fs.writeFile(path, String(Number(text) + 1), () => {})
      })
    }
    const { explanation, ...counts } = await violations([add, add], () => content() === 2, 0)
    expect(counts).toEqual({ traces: 14, failures: 12 })
    expect(explanation).toMatch(/Lost update: tasks 0 and 1 both read \S+data.json before either wrote it back\./)
  })

  test('a lock file keeps them apart', async () => {
    const once =
      (index: number): Act =>
      async s => {
        const handle = await fsp.open(at('lock'), 'wx').catch(() => null)
        if (handle === null) return
        await handle.close()
        const value = JSON.parse(await fsp.readFile(path, 'utf8'))
        await fsp.writeFile(path, JSON.stringify(value + 1))
        await fsp.unlink(at('lock'))
        s.paid[index] = true
      }
    const holds = (s: State): boolean => content() === s.paid.filter(Boolean).length && content() >= 1
    // The other tries before, while it is held, or after: in the last case it comes to have it itself.
    expect(await violations([once(0), once(1)], holds, 0)).toMatchObject({ traces: 4, failures: 0 })
  })

  test('taking over a stale lock: two get it', async () => {
    const take =
      (index: number): Act =>
      async s => {
        const owner = await fsp.readFile(path, 'utf8')
        if (owner !== '"gone"') return
        await fsp.unlink(path)
        try {
          await fsp.writeFile(path, String(index), { flag: 'wx' })
          s.paid[index] = true
        } catch {
          // Somebody else was faster.
        }
      }
    const result = await exploreDpor({
      setup: setup('gone'),
      tasks: [take(0), take(1)],
      invariant: s => s.paid.filter(Boolean).length === 1,
    })
    // Both saw the old one; the second takes away what the first has just made.
    expect(result.propertyHolds).toBe(false)
    expect(result.explanation).toMatch(/unlink\(path\)/)
  })
})
