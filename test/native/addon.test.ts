import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { cli, registerUrl, run, writeProject } from '../support/project.js'
import { compileAddon, isLinux, library } from './support/compiler.js'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'frontrun-addon-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const built = (file: string): string => new URL(`../../dist/${file}`, import.meta.url).href

interface Outcome {
  propertyHolds: boolean
  numExplored: number
  redundantRuns: number
  failures: unknown[]
  exhaustive: boolean
  notExhaustiveBecause?: string
  explanation?: string
}

/** Explores a program that uses the addon, in a process of its own, under `frontrun` or only instrumented. */
async function explore(program: string, { preloaded = true, option = '' } = {}): Promise<Outcome> {
  const cwd = writeProject({
    'program.mjs': `
import { rmSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { exploreDpor } from '${built('index.js')}'
import { Lock } from '${built('sync/index.js')}'
const addon = createRequire(import.meta.url)(${JSON.stringify(compileAddon('addon.c'))})
const folder = ${JSON.stringify(join(folder, 'data'))}
const counter = folder + '/counter'
function setup() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  addon.set(counter, 0)
  return { lock: new Lock() }
}
${program}
const result = await exploreDpor({ setup, stopOnFirst: false, ${option} ...exploration })
console.log(JSON.stringify(result))
`,
  })
  library()
  const args = preloaded ? [cli, process.execPath] : ['--import', registerUrl]
  const { code, stdout, stderr } = await run(process.execPath, [...args, 'program.mjs'], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

const increments = `
const tasks = [1, 2].map(() => async () => {
  const value = addon.get(counter)
  await null
  addon.set(counter, value + 1)
})
const exploration = { tasks, invariant: () => addon.get(counter) === 2 }
`

describe.runIf(isLinux)('the race of two tasks in a native addon', () => {
  test('is found, in as many executions as there are traces, and explained down to the byte and the line', async () => {
    const { explanation, ...result } = await explore(increments)
    expect(result).toMatchObject({ numExplored: 4, redundantRuns: 0, exhaustive: true })
    expect(result.failures.length).toBe(2)
    expect(explanation).toMatch(/Lost update: tasks 0 and 1 both read \S+counter\[0\] before either wrote it back/)
    expect(explanation).toMatch(/Task 0 \| program.mjs:\d+ +const value = addon.get\(counter\)/)
    expect(explanation).toContain('Reproduced 10/10 times')
  })

  test('is seen by the library alone', async () => {
    const unseen = { numExplored: 1, propertyHolds: true }
    expect(await explore(increments, { preloaded: false })).toMatchObject(unseen)
    expect(await explore(increments, { option: 'detectIo: false,' })).toMatchObject(unseen)
  })

  test('is found among threads, where each call of the addon is a step', async () => {
    const result = await explore(`
const add = () => addon.set(counter, addon.get(counter) + 1)
const exploration = { threads: [add, add], invariant: () => addon.get(counter) === 2 }
`)
    expect(result).toMatchObject({ numExplored: 4, redundantRuns: 0, exhaustive: true })
    expect(result.failures.length).toBe(2)
  })

  test('is none under a lock', async () => {
    const result = await explore(`
const add = async ({ lock }) => {
  await lock.acquire()
  const value = addon.get(counter)
  await null
  addon.set(counter, value + 1)
  lock.release()
}
const exploration = { tasks: [add, add], invariant: () => addon.get(counter) === 2 }
`)
    expect(result).toMatchObject({ propertyHolds: true, numExplored: 2, exhaustive: true })
  })

  test('is found through the streams of the C library', async () => {
    const result = await explore(`
const add = async () => {
  const value = addon.get(counter)
  await null
  addon.setBuffered(counter, value + 1)
}
const exploration = { tasks: [add, add], invariant: () => addon.get(counter) === 2 }
`)
    expect(result).toMatchObject({ propertyHolds: false, numExplored: 4, exhaustive: true })
  })

  test("is found between an addon and Node's own file system calls", async () => {
    const result = await explore(`
const tasks = [
  async () => { const value = addon.get(counter); await null; addon.set(counter, value + 1) },
  async () => { const value = Number(readFileSync(counter)); await null; writeFileSync(counter, String(value + 1)) },
]
const exploration = { tasks, invariant: () => addon.get(counter) === 2 }
`)
    expect(result).toMatchObject({ propertyHolds: false, numExplored: 4, redundantRuns: 0, exhaustive: true })
  })
})

describe.runIf(isLinux)('native code that does not conflict', () => {
  test.each([
    ['reads of one file', 'addon.get(counter)'],
    ['files of its own', 'addon.set(folder + "/" + name, 1)'],
  ])('with others has one trace: %s', async (_, call) => {
    const result = await explore(`
const tasks = ['a', 'b', 'c'].map(name => async () => { ${call}; await null; ${call} })
const exploration = { tasks, invariant: () => true }
`)
    expect(result).toMatchObject({ propertyHolds: true, numExplored: 1, exhaustive: true })
  })

  test("what Node's own code does is left to the finer detectors", async () => {
    const program = `
const tasks = [1, 2].map(() => async () => {
  const value = Number(readFileSync(counter))
  await null
  writeFileSync(counter, String(value + 1))
})
const exploration = { tasks, invariant: () => true }
`
    expect((await explore(program)).numExplored).toBe((await explore(program, { preloaded: false })).numExplored)
  })
})

describe.runIf(isLinux)('descriptors that native code keeps', () => {
  test('two tasks that read on from where one descriptor stands conflict', async () => {
    const result = await explore(`
const exploration = {
  setup: () => { setup(); writeFileSync(counter, 'ab'); return { fd: addon.open(counter), read: [] } },
  tasks: [1, 2].map(task => async ({ fd, read }) => { read[task] = addon.next(fd) }),
  invariant: ({ fd, read }) => { addon.close(fd); return read[1] === 97 },
}
`)
    expect(result).toMatchObject({ propertyHolds: false, numExplored: 2, exhaustive: true })
  })

  test('a lock that is tried for is held by the one or the other, or by both in turn', async () => {
    const result = await explore(`
const got = []
const exploration = {
  setup: () => { setup(); got.length = 0 },
  tasks: [0, 1].map(task => async () => {
    const fd = addon.open(counter)
    got[task] = addon.tryLock(fd)
    await null
    addon.close(fd)
  }),
  invariant: () => got[0] === 1 && got[1] === 1,
}
`)
    expect(result).toMatchObject({ propertyHolds: false, exhaustive: true })
    expect(result.explanation).toContain('the lock on')
  })
})

describe.runIf(isLinux)('sockets of native code', () => {
  test('two tasks that talk to one server conflict', async () => {
    const server = createServer(socket => socket.on('data', bytes => socket.end(bytes))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const result = await explore(`
const answers = []
const exploration = {
  setup: () => { answers.length = 0 },
  tasks: [0, 1].map(task => async () => { answers[task] = addon.ask(${port}) }),
  invariant: () => answers.every(answer => answer === 1),
}
`)
      expect(result).toMatchObject({ propertyHolds: true, numExplored: 2, exhaustive: true })
    } finally {
      server.close()
    }
  })
})

describe.runIf(isLinux)('what can not be seen makes the search no proof', () => {
  test('more events in one go than there is room for', async () => {
    const result = await explore(`
const exploration = { tasks: [async () => { addon.flood(counter, 40000) }], invariant: () => true }
`)
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: false })
    expect(result.notExhaustiveBecause).toMatch(/more to files and sockets in one go than there was room to tell/)
  })

  test('threads of the addon', async () => {
    const result = await explore(`
const exploration = { tasks: [async () => { addon.setOnThread(counter) }], invariant: () => true }
`)
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: false })
    expect(result.notExhaustiveBecause).toMatch(/native code works on threads of its own \(open file:\S+counter\)/)
  })
})
