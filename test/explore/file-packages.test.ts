/** Published packages, as they are and not traced, on real files. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import fsExtra from 'fs-extra'
import ncp from 'ncp'
import persist2 from 'node-persist-2'
import persist4 from 'node-persist-4'
import lockfile from 'proper-lockfile'
import { getLocks } from 'proper-lockfile/lib/lockfile.js'
import { afterAll, expect, test } from 'vitest'
import write from 'write-racy'

const folder = join(tmpdir(), `frontrun-packages-${process.pid}`)
const at = (name: string): string => join(folder, name)
const empty = (): void => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('write 2.0.0: two callers that must not overwrite both write', async () => {
  const save = (data: string) => async (s: { saved: string[] }) => {
    await write(at('new.txt'), data, { overwrite: false })
    s.saved.push(data)
  }
  const result = await exploreDpor({
    setup: () => {
      empty()
      return { saved: [] as string[] }
    },
    tasks: [save('a'), save('b')],
    invariant: s => s.saved.length < 2,
  })
  expect(result.failureKind).toBe('invariant')
  expect(result.explanation).toMatch(
    /read whether \S+new.txt exists = false[\s\S]*read whether \S+new.txt exists = false/,
  )
  expect(result.explanation).toContain("await write(at('new.txt'), data, { overwrite: false })")
})

test('ncp 2.0.0: two copies into one new folder', async () => {
  const copy = () =>
    new Promise<void>((resolve, reject) => ncp(at('from'), at('to'), error => (error ? reject(error) : resolve())))
  const result = await exploreDpor({
    setup: () => {
      empty()
      mkdirSync(at('from'))
      return {}
    },
    tasks: [copy, copy],
    invariant: () => existsSync(at('to')),
  })
  expect(result).toMatchObject({ failureKind: 'error', reproductionSuccesses: 10 })
  expect(result.explanation).toMatch(/Error: EEXIST: file already exists, mkdir '\S+to'/)
  expect(result.explanation).toMatch(
    /\[read whether \S+to exists = false\][\s\S]*\[write whether \S+to exists = true\]/,
  )
})

test('fs-extra: two copies into one new folder', async () => {
  const copy = () => fsExtra.copy(at('from'), at('to'))
  const result = await exploreDpor({
    setup: () => {
      empty()
      mkdirSync(at('from'))
      return {}
    },
    tasks: [copy, copy],
    invariant: () => existsSync(at('to')),
  })
  expect(result).toMatchObject({ failureKind: 'error', reproductionSuccesses: 10 })
  expect(result.explanation).toMatch(/task 1 threw Error: EEXIST: file already exists, mkdir '\S+to'/)
  expect(result.explanation).toContain("fsExtra.copy(at('from'), at('to'))")
})

test('node-persist 2.1.0: two writes of one key are mixed', async () => {
  const result = await exploreDpor({
    setup: async () => {
      empty()
      const store = persist2.create({ dir: at('store'), expiredInterval: false })
      await store.init()
      return store
    },
    tasks: [store => store.setItem('list', ['A', 'B', 'C']), store => store.setItem('list', ['A'])],
    invariant: () => {
      const [file] = readdirSync(at('store'))
      JSON.parse(readFileSync(at(`store/${file}`), 'utf8'))
    },
  })
  expect(result).toMatchObject({ failureKind: 'invariant', reproductionSuccesses: 10 })
  expect(String(result.error)).toMatch(/SyntaxError/)
  expect(result.explanation).toMatch(
    /write \S+ = '{"key":"list","value":\["A","B","C"\]}'[\s\S]*write \S+ = '{"key":"list","value":\["A"\]}'/,
  )
})

test('node-persist 4.0.4: a value is read while it is written', async () => {
  const result = await exploreDpor({
    setup: async () => {
      empty()
      const store = persist4.create({ dir: at('store'), expiredInterval: false, writeQueue: false })
      await store.init()
      await store.setItem('bar', 1)
      return store
    },
    tasks: [store => store.setItem('bar', 2), store => store.getItem('bar')],
    invariant: () => true,
  })
  expect(result).toMatchObject({ failureKind: 'error', reproductionSuccesses: 10 })
  expect(String(result.error)).toMatch(/does not look like a valid storage file/)
  expect(result.explanation).toMatch(/\[write \S+ = ''\][\s\S]*\[read \S+ = ''\]/)
})

test('node-persist 4.0.4: its queue keeps two writes of one key apart', async () => {
  const result = await exploreDpor({
    setup: async () => {
      empty()
      const store = persist4.create({ dir: at('store'), expiredInterval: false })
      await store.init()
      return store
    },
    tasks: [
      async store => {
        await store.setItem('list', ['A', 'B', 'C'])
      },
      async store => {
        await store.setItem('list', ['A'])
        store.stopWriteQueueInterval()
      },
    ],
    invariant: () => {
      const [file] = readdirSync(at('store'))
      JSON.parse(readFileSync(at(`store/${file}`), 'utf8'))
    },
    maxExecutions: 300,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
})

test('proper-lockfile 4.1.2: two take over a stale lock', async () => {
  const result = await exploreDpor({
    setup: () => {
      empty()
      // The package remembers its locks in a variable of its own.
      const locks = getLocks()
      for (const file in locks) delete locks[file]
      writeFileSync(at('data'), '')
      mkdirSync(at('data.lock'))
      utimesSync(at('data.lock'), new Date(0), new Date(0))
      return { owners: 0 }
    },
    tasks: [0, 1].map(() => async (s: { owners: number }) => {
      try {
        await lockfile.lock(at('data'), { realpath: false, onCompromised: () => {} })
        s.owners++
      } catch {
        // The other one has it.
      }
    }),
    invariant: s => s.owners <= 1,
  })
  expect(result).toMatchObject({ failureKind: 'invariant', reproductionSuccesses: 10 })
  // Both look; the one removes the stale lock and takes its place, the other removes that.
  const absent = String.raw`\[write whether \S+data.lock exists = false\][\s\S]*`
  const present = String.raw`\[write whether \S+data.lock exists = true\][\s\S]*`
  expect(result.explanation).toMatch(new RegExp(absent + present + absent + present))
})
