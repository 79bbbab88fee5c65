/** How explorations get on with the outside world: what is left different, what never ends, what is not looked at. */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { readFileSync, writeFileSync } from 'node:fs'
import * as fsp from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import { afterAll, describe, expect, test } from 'vitest'
import { at, cleanUp, emptyFolder } from '../support/file-folder.js'
import { killChildren, waitForChild } from '../support/foreign-package.js'

afterAll(cleanUp)

const add = async (path: string): Promise<void> => {
  const value = Number(await fsp.readFile(path, 'utf8'))
  await fsp.writeFile(path, String(value + 1))
}
const holds = (): boolean => true

describe('what is outside at the start', () => {
  test('a file that setup does not put back is nondeterminism, and named', async () => {
    emptyFolder()
    writeFileSync(at('count'), '0')
    const result = await exploreDpor({
      setup: () => ({}),
      tasks: [() => add(at('count')), () => add(at('count'))],
      invariant: holds,
    })
    expect(result.failureKind).toBe('nondeterminism')
    expect(result.explanation).toMatch(/The file \S+count was not as it was at the start of the executions before/)
    expect(result.explanation).toMatch(/make it fresh in setup/)
  })

  test('a file that an execution leaves behind is nondeterminism, and named', async () => {
    emptyFolder()
    const result = await exploreDpor({
      setup: () => ({}),
      tasks: [() => fsp.mkdir(at('new'), { recursive: true }), () => fsp.access(at('new')).catch(() => {})],
      invariant: holds,
    })
    expect(result.failureKind).toBe('nondeterminism')
    expect(result.explanation).toMatch(/The file \S+new was not as it was/)
  })

  test.each<[string, (path: string) => Promise<string>]>([
    [
      'append and read',
      async path => {
        await fsp.appendFile(path, 'x')
        return fsp.readFile(path, 'utf8')
      },
    ],
    [
      'append to an open file',
      async path => {
        const handle = await fsp.open(path, 'a')
        await handle.write('x')
        await handle.close()
        return fsp.readFile(path, 'utf8')
      },
    ],
  ])('a file that only grows is nondeterminism, once somebody reads it: %s', async (_, use) => {
    emptyFolder()
    writeFileSync(at('log'), '0')
    const explored = (setup: () => { log: string }) =>
      exploreDpor({
        setup,
        tasks: [0, 1].map(() => async (s: { log: string }) => {
          s.log = await use(at('log'))
        }),
        invariant: holds,
      })
    const grown = await explored(() => ({ log: '' }))
    expect(grown.failureKind).toBe('nondeterminism')
    expect(grown.explanation).toMatch(/The file \S+log was not as it was at the start of the executions before/)
    const fresh = await explored(() => {
      writeFileSync(at('log'), '0')
      return { log: '' }
    })
    expect(fresh.propertyHolds, fresh.explanation).toBe(true)
  })

  test('a file that only grows is none, if nobody reads what was there or it is written anew', async () => {
    emptyFolder()
    writeFileSync(at('log'), '0')
    const result = await exploreDpor({
      setup: () => ({ log: '' }),
      tasks: [
        async s => {
          await fsp.appendFile(at('log'), 'x')
          await fsp.writeFile(at('log'), 'new')
          s.log = await fsp.readFile(at('log'), 'utf8')
        },
      ],
      invariant: s => s.log === 'new',
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
  })

  test('a folder with a random name has the same name in every execution', async () => {
    const result = await exploreDpor({
      setup: async () => {
        const folder = await fsp.mkdtemp(join(tmpdir(), 'frontrun-random-'))
        writeFileSync(join(folder, 'count'), '0')
        return { folder }
      },
      tasks: [s => add(join(s.folder, 'count')), s => add(join(s.folder, 'count'))],
      invariant: s => {
        const value = readFileSync(join(s.folder, 'count'), 'utf8')
        fs.rmSync(s.folder, { recursive: true })
        return value === '2'
      },
      stopOnFirst: false,
    })
    expect(result).toMatchObject({ numExplored: 14, exhaustive: true, failureKind: 'invariant' })
    expect(result.explanation).toMatch(/both read frontrun-random-XXXXXX\/count before/)
  })
})

describe('errors', () => {
  test('of the system are those of the program', async () => {
    const explore = (act: () => Promise<unknown>) =>
      exploreDpor({ setup: () => emptyFolder(), tasks: [act], invariant: holds })
    const missing = await explore(() => fsp.readFile(at('missing'), 'utf8'))
    expect(missing).toMatchObject({ failureKind: 'error', error: { code: 'ENOENT', syscall: 'open' } })
    const folder = await explore(() => fsp.readFile(at('.'), 'utf8'))
    expect(folder).toMatchObject({ failureKind: 'error', error: { code: 'EISDIR' } })
    const caught = await explore(() => fsp.rmdir(at('missing')).catch(() => {}))
    expect(caught.propertyHolds, caught.explanation).toBe(true)
  })

  test('in arguments are thrown as Node throws them', async () => {
    const result = await exploreDpor({
      setup: () => ({ seen: [] as string[] }),
      tasks: [
        async ({ seen }) => {
          try {
            fs.readFile(7.5 as never, () => {})
          } catch (error) {
            seen.push((error as NodeJS.ErrnoException).code ?? '')
          }
          try {
            await fsp.readFile(null as never)
          } catch (error) {
            seen.push((error as NodeJS.ErrnoException).code ?? '')
          }
        },
      ],
      invariant: ({ seen }) => seen.join() === 'ERR_INVALID_ARG_TYPE,ERR_INVALID_ARG_TYPE',
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
  })
})

describe('an operation that never ends', () => {
  test('is a failure of its own that names it; the next exploration works', async () => {
    emptyFolder()
    execFileSync('mkfifo', [at('pipe')])
    const result = await exploreDpor({
      setup: () => ({}),
      tasks: [() => fsp.open(at('pipe'), 'r'), async () => {}],
      invariant: holds,
      deadlockTimeout: 50,
      reproduceOnFailure: 0,
    })
    // Lets the thread go that waits for a writer.
    const writer = fs.openSync(at('pipe'), 'r+')
    expect(result.failureKind).toBe('timeout')
    expect(result.explanation).toMatch(
      /under way and did not come to an end: open \S+pipe \(\S+outside-world.test.ts:\d+\)/,
    )
    const next = await exploreDpor({
      setup: () => writeFileSync(at('count'), '0'),
      tasks: [() => add(at('count')), () => add(at('count'))],
      invariant: () => readFileSync(at('count'), 'utf8') === '2',
      stopOnFirst: false,
    })
    expect(next).toMatchObject({ numExplored: 14, exhaustive: true })
    fs.closeSync(writer)
  })
})

test('what frontrun can not see into is waited for, and then named', async () => {
  try {
    const result = await exploreDpor({
      setup: () => ({}),
      tasks: [() => waitForChild()],
      invariant: holds,
      deadlockTimeout: 100,
      detectIo: false,
      reproduceOnFailure: 0,
    })
    expect(result.failureKind).toBe('timeout')
    expect(result.explanation).toMatch(/nothing happened for 100 ms\. Under way: .*ProcessWrap/)
  } finally {
    killChildren()
  }
})

test('detectIo: false looks at no file', async () => {
  const result = await exploreDpor({
    setup: () => {
      emptyFolder()
      writeFileSync(at('count'), '0')
    },
    tasks: [() => add(at('count')), () => add(at('count'))],
    invariant: holds,
    detectIo: false,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
  expect(result).toMatchObject({ numExplored: 1, propertyHolds: true })
})

test('an exploration leaves nothing open, and its functions as they were', async () => {
  const open = (): number => fs.readdirSync('/proc/self/fd').length
  const before = open()
  const result = await exploreDpor({
    setup: () => {
      emptyFolder()
      writeFileSync(at('count'), '0')
    },
    tasks: [0, 1].map(index => async () => {
      const handle = await fsp.open(at('count'), 'r+')
      await handle.write(String(index), index)
      await handle.close()
    }),
    invariant: holds,
  })
  expect(result).toMatchObject({ propertyHolds: true, numExplored: 1 })
  expect(open()).toBe(before)
  expect(fs.readFile.name).toBe('readFile')
  expect(fs.readFile.length).toBe(3)
})
