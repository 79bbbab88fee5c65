import { beforeAll, describe, expect, test } from 'vitest'
import { nodeBinary } from '../support/node-versions.js'
import { registerUrl, run, writeProject } from '../support/project.js'

/** `explore` gives the endings, each with how often it comes about. */
const prelude = `
import { exploreDpor } from '${new URL('../../dist/index.js', import.meta.url).href}'
const locks = navigator.locks
async function explore(...tasks) {
  const result = await exploreDpor({
    setup: () => ({ n: 0, log: [] }), tasks, stopOnFirst: false, reproduceOnFailure: 0,
    invariant: s => { throw new Error(s.log.join() || String(s.n)) },
  })
  const endings = {}
  for (const { kind, message } of result.failures) {
    const ending = kind === 'invariant' ? message : kind
    endings[ending] = (endings[ending] ?? 0) + 1
  }
  return { exhaustive: result.exhaustive, endings: Object.keys(endings).sort() }
}
const twice = f => [0, 1].map(f)
`

describe.each([24, 26])('navigator.locks on Node %i', major => {
  let node: string
  beforeAll(async () => {
    node = await nodeBinary(major)
  }, 300_000)

  async function evaluate(expression: string): Promise<unknown> {
    const cwd = writeProject({ 'main.mjs': `${prelude}console.log(JSON.stringify(await (${expression})))` })
    const { stdout, stderr } = await run(node, ['--import', registerUrl, 'main.mjs'], {
      cwd,
      env: { NODE_NO_WARNINGS: '1' },
    })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }

  test.each<[string, string, string[]]>([
    [
      'an exclusive lock excludes',
      "explore(...twice(() => s => locks.request('x', async () => { const { n } = s; await null; s.n = n + 1 })))",
      ['2'],
    ],
    [
      'shared ones overlap',
      "explore(...twice(i => s => locks.request('x', { mode: 'shared' }, async lock => { s.log.push(lock.mode[0] + i); await null; s.log.push(i) })))",
      ['s0,0,s1,1', 's0,s1,0,1', 's0,s1,1,0', 's1,1,s0,0', 's1,s0,0,1', 's1,s0,1,0'],
    ],
    [
      'one that is not available gives null',
      "explore(...twice(i => s => locks.request('x', { ifAvailable: true }, async lock => { s.log.push(i + (lock ? 'got' : 'no')); await null })))",
      ['0got,1got', '0got,1no', '0no,1got', '1got,0got', '1got,0no', '1no,0got'],
    ],
    [
      'one can be stolen',
      `explore(
        async s => {
          try { await locks.request('x', async () => { await null }); s.log.push('kept') } catch (e) { s.log.push(e.name) }
        },
        s => locks.request('x', { steal: true }, () => { s.log.push('stole') }))`,
      ['AbortError,stole', 'kept,stole', 'stole,AbortError', 'stole,kept'],
    ],
    [
      'a request can be aborted while it waits',
      `explore(async s => {
        const controller = new AbortController()
        const held = locks.request('x', async () => { await null })
        const other = locks.request('x', { signal: controller.signal }, () => { s.log.push('ran') }).catch(e => { s.log.push(e.name) })
        await null
        controller.abort()
        await held
        await other
      })`,
      ['AbortError', 'ran'],
    ],
    [
      'query tells who holds and who waits',
      `explore(s => locks.request('x', async () => {
        locks.request('x', { mode: 'shared' }, () => {})
        const { held, pending } = await locks.query()
        s.log.push(held.map(l => l.name + l.mode), pending.map(l => l.name + l.mode))
      }))`,
      ['xexclusive,xshared'],
    ],
    [
      'what the callback throws, the request throws',
      `explore(async s => {
        await locks.request('x', () => { throw new Error('no') }).catch(e => { s.log.push(e.message) })
        for (const args of [['-x', () => {}], ['x'], ['x', { mode: 'q' }, () => {}], ['x', { steal: true, ifAvailable: true }, () => {}]])
          await locks.request(...args).catch(e => { s.log.push(e.name) })
      })`,
      ['no,NotSupportedError,TypeError,TypeError,NotSupportedError'],
    ],
  ])('%s', async (_, expression, endings) => {
    expect(await evaluate(expression)).toEqual({ exhaustive: true, endings })
  })

  test('a deadlock of two is told with its locks', async () => {
    const explanation = await evaluate(`(async () => {
      const both = (one, other) => () => locks.request(one, () => locks.request(other, () => {}))
      const { failureKind, explanation } = await exploreDpor({ setup: () => 0, tasks: [both('a', 'b'), both('b', 'a')], invariant: () => true })
      return failureKind + explanation
    })()`)
    expect(explanation).toMatch(/^deadlock/)
    expect(explanation).toMatch("waits for lock 'b' of navigator.locks")
  })

  test('what is done under a lock does not race', async () => {
    const result = await evaluate(`exploreDpor({
      setup: () => ({ n: 0 }), invariant: s => s.n === 2, errorOnAnyRace: true,
      tasks: twice(() => s => locks.request('x', async () => { s.n++ })),
    }).then(({ exhaustive, propertyHolds }) => ({ exhaustive, propertyHolds }))`)
    expect(result).toEqual({ exhaustive: true, propertyHolds: true })
  })
})
