import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeBinary } from '../support/node-versions.js'
import { cli, registerUrl, run, writeProject } from '../support/project.js'
import { compileAddon, isLinux, library } from './support/compiler.js'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'frontrun-addon-')))
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

/** Programs to be explored, by name: text that ends with the options in a constant `exploration`. */
const programs = new Map<string, string>()

/** All programs in one process, instrumented, with the library or without. */
async function exploreAll(preloaded: boolean): Promise<Record<string, Outcome>> {
  const all = [...programs].map(
    ([name, text]) => `results[${JSON.stringify(name)}] = await explore(() => {${text}\nreturn exploration })`,
  )
  const cwd = folder
  writeFileSync(
    join(cwd, 'program.mjs'),
    `
import { rmSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { exploreDpor } from '${built('index.js')}'
import { Lock } from '${built('sync/index.js')}'
const addon = createRequire(import.meta.url)(${JSON.stringify(compileAddon('addon.c'))})
const port = ${port}
const folder = ${JSON.stringify(join(folder, 'data'))}
const counter = folder + '/counter'
function setup() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  addon.set(counter, 0)
  return { lock: new Lock() }
}
const explore = make => exploreDpor({ setup, stopOnFirst: false, ...make() })
const results = {}
${all.join('\n')}
console.log(JSON.stringify(results))
`,
  )
  library()
  const args = preloaded ? [cli, process.execPath] : ['--import', registerUrl]
  const { code, stdout, stderr } = await run(process.execPath, [...args, 'program.mjs'], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout)
}

let results: Record<string, Outcome>
let withoutLibrary: Record<string, Outcome>
let server: Server
let port: number

beforeAll(async () => {
  server = createServer(socket => socket.on('data', bytes => socket.end(bytes))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  results = await exploreAll(true)
  withoutLibrary = await exploreAll(false)
}, 60_000)
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A test of what an exploration found. */
function explored(name: string, program: string, check: (result: Outcome, withoutLibrary: Outcome) => void): void {
  programs.set(name, program)
  test(name, () => check(results[name], withoutLibrary[name]))
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
  explored(
    'is found, in as many executions as there are traces, and explained down to the byte and the line',
    increments,
    ({ explanation, ...result }) => {
      expect(result).toMatchObject({ numExplored: 4, redundantRuns: 0, exhaustive: true })
      expect(result.failures.length).toBe(2)
      expect(explanation).toMatch(/Lost update: tasks 0 and 1 both read \S+counter\[0\] before either wrote it back/)
      expect(explanation).toMatch(/Task 0 \| program.mjs:\d+ +const value = addon.get\(counter\)/)
      expect(explanation).toContain('Reproduced 10/10 times')
    },
  )

  explored('is seen by the library alone', increments, (_, unseen) =>
    expect(unseen).toMatchObject({ numExplored: 1, propertyHolds: true }),
  )

  explored('is not looked for without detectIo', `${increments}; exploration.detectIo = false`, unseen =>
    expect(unseen).toMatchObject({ numExplored: 1, propertyHolds: true }),
  )

  explored(
    'is found among threads, where each call of the addon is a step',
    `
const add = () => addon.set(counter, addon.get(counter) + 1)
const exploration = { threads: [add, add], invariant: () => addon.get(counter) === 2 }
`,
    result => {
      expect(result).toMatchObject({ numExplored: 4, redundantRuns: 0, exhaustive: true })
      expect(result.failures.length).toBe(2)
    },
  )

  explored(
    'is none under a lock',
    `
const add = async ({ lock }) => {
  await lock.acquire()
  const value = addon.get(counter)
  await null
  addon.set(counter, value + 1)
  lock.release()
}
const exploration = { tasks: [add, add], invariant: () => addon.get(counter) === 2 }
`,
    result => expect(result).toMatchObject({ propertyHolds: true, numExplored: 2, exhaustive: true }),
  )

  explored(
    'is found through the streams of the C library',
    `
const add = async () => {
  const value = addon.get(counter)
  await null
  addon.setBuffered(counter, value + 1)
}
const exploration = { tasks: [add, add], invariant: () => addon.get(counter) === 2 }
`,
    result => expect(result).toMatchObject({ propertyHolds: false, numExplored: 4, exhaustive: true }),
  )

  explored(
    "is found between an addon and Node's own file system calls",
    `
const tasks = [
  async () => { const value = addon.get(counter); await null; addon.set(counter, value + 1) },
  async () => { const value = Number(readFileSync(counter)); await null; writeFileSync(counter, String(value + 1)) },
]
const exploration = { tasks, invariant: () => addon.get(counter) === 2 }
`,
    result =>
      expect(result).toMatchObject({ propertyHolds: false, numExplored: 4, redundantRuns: 0, exhaustive: true }),
  )
})

describe.runIf(isLinux)('native code that does not conflict with others has one trace', () => {
  for (const [what, call] of [
    ['reads of one file', 'addon.get(counter)'],
    ['files of its own', 'addon.set(folder + "/" + name, 1)'],
  ])
    explored(
      what,
      `
const tasks = ['a', 'b', 'c'].map(name => async () => { ${call}; await null; ${call} })
const exploration = { tasks, invariant: () => true }
`,
      result => expect(result).toMatchObject({ propertyHolds: true, numExplored: 1, exhaustive: true }),
    )
})

describe.runIf(isLinux)('a finer detector', () => {
  explored(
    "has what Node's own code does for itself",
    `
const tasks = [1, 2].map(() => async () => {
  const value = Number(readFileSync(counter))
  await null
  writeFileSync(counter, String(value + 1))
})
const exploration = { tasks, invariant: () => true }
`,
    (result, unaided) => {
      expect(result).toMatchObject({ propertyHolds: true, exhaustive: true })
      expect(result.numExplored).toBe(unaided.numExplored)
    },
  )
})

describe.runIf(isLinux)('descriptors that native code keeps', () => {
  explored(
    'two tasks that read on from where one descriptor stands conflict',
    `
const exploration = {
  setup: () => { setup(); writeFileSync(counter, 'ab'); return { fd: addon.open(counter), read: [] } },
  tasks: [1, 2].map(task => async ({ fd, read }) => { read[task] = addon.next(fd) }),
  invariant: ({ fd, read }) => { addon.close(fd); return read[1] === 97 },
}
`,
    result => expect(result).toMatchObject({ propertyHolds: false, numExplored: 2, exhaustive: true }),
  )

  explored(
    'a lock that is tried for is held by the one or the other, or by both in turn',
    `
const got = []
const exploration = {
  setup: () => { setup(); got.length = 0 },
  tasks: [0, 1].map(task => async () => {
    const fd = addon.open(counter)
    got[task] = addon.tryLock(fd)
    await null
    addon.close(fd)
  }),
  invariant: () => { throw new Error(got.join()) },
}
`,
    result => {
      const outcomes = (result.failures as { message: string }[]).map(({ message }) => message)
      expect(new Set(outcomes)).toEqual(new Set(['1,1', '1,0', '0,1']))
      expect(result.explanation).toContain('the lock on')
    },
  )
})

describe.runIf(isLinux)('sockets of native code', () => {
  explored(
    'two tasks that talk to one server conflict',
    `
const answers = []
const exploration = {
  setup: () => { answers.length = 0 },
  tasks: [0, 1].map(task => async () => { answers[task] = addon.ask(port) }),
  invariant: () => answers.every(answer => answer === 1),
}
`,
    result => expect(result).toMatchObject({ propertyHolds: true, numExplored: 2, exhaustive: true }),
  )
})

describe.runIf(isLinux)('what can not be seen makes the search no proof', () => {
  explored(
    'more events in one go than there is room for',
    'const exploration = { tasks: [async () => { addon.flood(counter, 40000) }], invariant: () => true }',
    result => {
      expect(result).toMatchObject({ propertyHolds: true, exhaustive: false })
      expect(result.notExhaustiveBecause).toMatch(/more to files and sockets in one go than there was room to tell/)
    },
  )

  explored(
    'accessors of the addon',
    'const exploration = { tasks: [async () => addon.touched], invariant: () => true }',
    result => {
      expect(result).toMatchObject({ propertyHolds: true, exhaustive: false })
      expect(result.notExhaustiveBecause).toMatch(/open file:\S+touched\) where no call of it was seen/)
    },
  )

  explored(
    'threads of the addon',
    'const exploration = { tasks: [async () => { addon.setOnThread(counter) }], invariant: () => true }',
    result => {
      expect(result).toMatchObject({ propertyHolds: true, exhaustive: false })
      expect(result.notExhaustiveBecause).toMatch(/native code works on threads of its own \(open file:\S+counter\)/)
    },
  )
})

test.runIf(isLinux)(
  "a database that Node has built in is seen, though it is Node's own code that reads it",
  async () => {
    const cwd = writeProject({
      'sqlite.mjs': `
import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { exploreDpor } from '${built('index.js')}'
const file = ${JSON.stringify(join(folder, 'app.db'))}
const use = run => { const db = new DatabaseSync(file); try { return run(db) } finally { db.close() } }
const read = db => db.prepare('select n from t').get().n
const result = await exploreDpor({
  setup: () => { rmSync(file, { force: true }); use(db => db.exec('create table t(n); insert into t values (0)')) },
  tasks: [1, 2].map(() => async () => {
    const n = use(read)
    await null
    use(db => db.exec('update t set n = ' + (n + 1)))
  }),
  invariant: () => use(read) === 2,
  stopOnFirst: false,
})
console.log(JSON.stringify(result))`,
    })
    const node = await nodeBinary(24)
    const { stdout, stderr } = await run(process.execPath, [cli, node, '--no-warnings', 'sqlite.mjs'], { cwd })
    expect(stderr).toBe('')
    const result = JSON.parse(stdout)
    expect(result).toMatchObject({ numExplored: 4, redundantRuns: 0, exhaustive: true })
    expect(result.failures.length).toBe(2)
    expect(result.explanation).toContain('app.db[block')
  },
)
