import { exploreDpor, runWithSchedule } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { nodeBinary, supportedMajors } from '../support/node-versions.js'
import { cli, registerUrl, run, writeProject } from '../support/project.js'

class Account {
  balance = 100
  readonly log: string[] = []
  async deposit(amount: number): Promise<void> {
    const before = this.balance
    await null
    this.balance = before + amount
  }
}

const program = {
  setup: () => new Account(),
  tasks: [(a: Account) => a.deposit(50), (a: Account) => a.deposit(50)],
  invariant: (a: Account) => a.balance === 200,
}

describe('in the same process', () => {
  test('a counterexample replays each time', async () => {
    const { replay, counterexample, explanation } = await exploreDpor(program)
    expect(explanation).toMatch(/Reproduced 10\/10 times/)
    for (let i = 0; i < 10; i++) {
      const replayed = await exploreDpor({ ...program, replay })
      expect(replayed).toMatchObject({
        failureKind: 'invariant',
        stoppedBy: 'replay',
        numExplored: 1,
        exhaustive: false,
        reproductionSuccesses: 10,
        replay,
        counterexample,
      })
    }
  })

  test('a schedule that fails no more holds', async () => {
    const { replay } = await exploreDpor(program)
    const result = await exploreDpor({ ...program, invariant: a => a.balance > 0, replay })
    expect(result).toMatchObject({ propertyHolds: true, stoppedBy: 'replay', exhaustive: false })
  })

  test('runWithSchedule gives the state after the counterexample', async () => {
    const { counterexample = [] } = await exploreDpor(program)
    expect((await runWithSchedule(counterexample, program)).balance).toBe(150)
    expect((await runWithSchedule([0, 0, 1, 1], program)).balance).toBe(200)
  })
})

const url = (file: string) => new URL(`../../dist/${file}`, import.meta.url).href

/** Races of every sort: an await, a thread's access, a lock, started tasks, timers, random numbers. */
const fixture = `
import { exploreDpor } from '${url('index.js')}'
import { Lock } from '${url('sync/index.js')}'
import { setTimeout as sleep } from 'node:timers/promises'

const increment = async s => { const before = s.x; await null; s.x = before + 1 }
const programs = {
  await: { tasks: [increment, increment] },
  thread: { threads: [s => { s.x++ }, s => { s.x++ }] },
  deadlock: {
    threads: [
      s => { s.a.acquireSync(); s.b.acquireSync(); s.b.release(); s.a.release() },
      s => { s.b.acquireSync(); s.a.acquireSync(); s.a.release(); s.b.release() },
    ],
    invariant: () => true,
  },
  children: { tasks: [s => Promise.all([increment(s), sleep(5).then(() => increment(s))])] },
  timers: { tasks: [s => { const before = s.x; setTimeout(() => { s.x = before + 1 }, 5) }, increment] },
  random: { tasks: [async s => { if (Math.random() < 2) await sleep(Date.now() % 7); await increment(s) }, increment] },
}
for (const [name, program] of Object.entries(programs)) {
  const result = await exploreDpor({
    setup: () => ({ x: 0, a: new Lock(), b: new Lock() }),
    invariant: s => s.x === 2,
    replay: JSON.parse(process.env.REPLAYS ?? '{}')[name],
    ...program,
  })
  const { replay, failureKind, stoppedBy, reproductionSuccesses, numExplored } = result
  console.log(JSON.stringify({ name, replay, failureKind, stoppedBy, reproductionSuccesses, numExplored }))
}
`

const quiet = { NODE_NO_WARNINGS: '1' }

interface Line {
  name: string
  replay: string
  failureKind: string
  stoppedBy: string
  reproductionSuccesses: number
}

const parse = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Line)

test('in a new process, and on every supported Node, from the replay string alone', { timeout: 300_000 }, async () => {
  const cwd = writeProject({ 'package.json': '{"type":"module"}', 'app.js': fixture })
  const { stdout, stderr } = await run(process.execPath, [cli, process.execPath, 'app.js'], { cwd, env: quiet })
  expect(stderr).toBe('')
  const found = parse(stdout)
  expect(
    found.map(({ failureKind, stoppedBy, reproductionSuccesses }) => [failureKind, stoppedBy, reproductionSuccesses]),
  ).toEqual(found.map(({ name }) => [name === 'deadlock' ? 'deadlock' : 'invariant', 'violation', 10]))
  expect(found).toHaveLength(6)
  const env = { ...quiet, REPLAYS: JSON.stringify(Object.fromEntries(found.map(({ name, replay }) => [name, replay]))) }
  for (const major of supportedMajors) {
    const node = await nodeBinary(major)
    const replayed = await run(node, ['--import', registerUrl, 'app.js'], { cwd, env })
    expect(replayed.stderr, `Node ${major}`).toBe('')
    expect(parse(replayed.stdout), `Node ${major}`).toEqual(
      found.map(line => ({ ...line, stoppedBy: 'replay', numExplored: 1 })),
    )
  }
})
