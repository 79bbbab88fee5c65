import { beforeAll, describe, expect, test } from 'vitest'
import { nodeBinary, supportedMajors } from '../support/node-versions.js'
import { registerUrl, run, writeProject } from '../support/project.js'

const frontrun = new URL('../../dist/index.js', import.meta.url).href

/** A program of its own: in a test file, modules are loaded by the test runner. */
const program = `
import { exploreDpor } from '${frontrun}'
import { tasks } from './tasks.mjs'
for (const names of [['awaited'], ['later', 'awaited']]) {
  const ends = new Set()
  const result = await exploreDpor({
    fidelity: 'engine',
    setup: () => [],
    tasks: names.map(name => tasks[name]),
    invariant: log => void ends.add(log.join()),
  })
  console.log(JSON.stringify([result.propertyHolds, [...ends].sort(), result.explanation]))
}`

const tasks = `
export const tasks = {
  async awaited(log) {
    log.push((await import('./late.mjs')).late)
  },
  async later(log) {
    const pending = import('./late.mjs').then(({ late }) => log.push(late + 'r'))
    log.push('now')
    await pending
  },
}`

const files = { 'program.mjs': program, 'tasks.mjs': tasks, 'late.mjs': 'export const late = "late"' }

/** On Node 20 a thread of its own resolves modules, see docs/limits.md. */
const majors = supportedMajors.filter(major => major > 20)

describe.each(majors)('node %i', major => {
  let node: string
  beforeAll(async () => {
    node = await nodeBinary(major)
  }, 300_000)

  test('with the microtasks of an event loop a task that imports a module goes on when it is there', async () => {
    const { stdout, stderr } = await run(node, ['--import', registerUrl, 'program.mjs'], {
      cwd: writeProject(files),
      env: { NODE_NO_WARNINGS: '1' },
    })
    const lines = stdout.trim().split('\n')
    expect(lines.length, stdout + stderr).toBe(2)
    const [alone, beside] = lines.map(line => JSON.parse(line))
    expect(alone).toEqual([true, ['late'], null])
    expect(beside[0], beside[2]).toBe(true)
    for (const end of beside[1]) expect(end.split(',').sort()).toEqual(['late', 'later', 'now'])
  })
})
