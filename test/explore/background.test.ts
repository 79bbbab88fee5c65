/** Operations of Node that no detector knows: waited for natively, called back in tasks of their own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { pbkdf2, randomBytes, randomInt, scrypt } from 'node:crypto'
import { promises as dns, lookup } from 'node:dns'
import { promisify } from 'node:util'
import { deflateSync, gunzipSync, gzip, inflate } from 'node:zlib'
import { exploreDpor, type TaskFunction } from 'frontrun'
import { describe, expect, test } from 'vitest'

class Counter {
  value = 0
  async bump(): Promise<void> {
    const before = this.value
    await null
    this.value = before + 1
  }
}

const explore = (task: TaskFunction<Counter>, most = Number.POSITIVE_INFINITY) =>
  exploreDpor({
    setup: () => new Counter(),
    tasks: [task, task],
    invariant: s => s.value <= most,
    deadlockTimeout: 20_000,
  })

const callbacks: Record<string, (done: () => void) => void> = {
  'zlib.gzip': done => gzip(Buffer.from('abc'), done),
  'zlib.inflate': done => inflate(deflateSync('abc'), done),
  'crypto.randomBytes': done => randomBytes(8, done),
  'crypto.randomInt': done => randomInt(8, done),
  'crypto.pbkdf2': done => pbkdf2('a', 'b', 10, 8, 'sha1', done),
  'crypto.scrypt': done => scrypt('a', 'b', 8, { N: 2 }, done),
  'dns.lookup': done => lookup('localhost', done),
}

const promised: Record<string, () => Promise<unknown>> = {
  'promisify(zlib.gzip)': () => promisify(gzip)(Buffer.from('abc')),
  'promisify(crypto.randomBytes)': () => promisify(randomBytes)(8),
  'crypto.subtle.digest': () => crypto.subtle.digest('SHA-256', Buffer.from('abc')),
  'dns.promises.lookup': () => dns.lookup('localhost'),
}

const children: Record<string, (done: () => void) => void> = {
  execFile: done => execFile(process.execPath, ['-v'], done),
  'promisify(execFile)': done => void promisify(execFile)(process.execPath, ['-v']).then(done),
  spawn: done => spawn(process.execPath, ['-v']).on('exit', done),
  'spawn of nothing': done => spawn('/nowhere').on('error', done),
}

const race = (call: (done: () => void) => void) => async (s: Counter) => {
  const before = s.value
  await new Promise<void>(resolve => call(resolve))
  s.value = before + 1
}

describe('a race around a call that works in the background is explored to the end', () => {
  test.each(Object.keys(callbacks))('%s', async name => {
    const task = race(callbacks[name] as (done: () => void) => void)
    const all = await explore(task)
    expect(all).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 4 })
    const result = await exploreDpor({ setup: () => new Counter(), tasks: [task, task], invariant: s => s.value === 2 })
    expect(result).toMatchObject({ failureKind: 'invariant', reproductionAttempts: 10, reproductionSuccesses: 10 })
  })

  test.each(Object.keys(promised))('%s', async name => {
    const result = await explore(async s => {
      const before = s.value
      await promised[name]?.()
      s.value = before + 1
    })
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 4 })
  })

  test.each(Object.keys(children))('%s, in both orders of the children', async name => {
    const result = await explore(race(children[name] as (done: () => void) => void))
    expect(result).toMatchObject({ propertyHolds: true, exhaustive: true })
    expect([6, 8, 10]).toContain(result.numExplored)
  })
})

test('a callback is a task of its own: others come between the call and it', async () => {
  const result = await exploreDpor({
    setup: () => ({ log: [] as string[] }),
    tasks: [
      s =>
        new Promise<void>(resolve => {
          s.log.push('called')
          gzip('abc', (error, packed) => {
            s.log.push(error === null ? gunzipSync(packed).toString() : 'failed')
            resolve()
          })
        }),
      s => void s.log.push('other'),
    ],
    invariant: s => s.log.join() !== 'called,other,abc',
  })
  expect(result.failureKind).toBe('invariant')
})

test('what Node refuses is thrown where it is called', async () => {
  const result = await exploreDpor({
    setup: () => ({ code: '' }),
    tasks: [
      s => {
        try {
          pbkdf2('a', 'b', -1, 8, 'sha1', () => {})
        } catch (error) {
          s.code = (error as { code: string }).code
        }
      },
    ],
    invariant: s => s.code === 'ERR_OUT_OF_RANGE',
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
})

test('a child that does not end is a failure that names it', async () => {
  const result = await exploreDpor({
    setup: () => ({}),
    tasks: [
      () =>
        new Promise<void>(resolve => {
          const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
          started.push(child)
          child.on('exit', () => resolve())
        }),
    ],
    invariant: () => true,
    deadlockTimeout: 100,
    reproduceOnFailure: 0,
  })
  for (const child of started) child.kill()
  expect(result.failureKind).toBe('timeout')
  expect(result.explanation).toMatch(/spawn \S*node \(.*background\.test\.ts:\d+\)/)
})

const started: ChildProcess[] = []
