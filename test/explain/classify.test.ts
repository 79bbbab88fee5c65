import { describe, expect, test } from 'vitest'
import { classifyConflict, TraceRecorder } from '../../src/explain/index.js'
import { trace } from './program.js'

const failing = (message: string, task: string, step: number, error?: unknown) =>
  new TraceRecorder().fail('error', message, { task, step, error })
const sentence = (text: string, recorder?: TraceRecorder) => classifyConflict(trace(text, recorder)).sentence
const pattern = (text: string, recorder?: TraceRecorder) => classifyConflict(trace(text, recorder)).pattern

describe('lost update', () => {
  test('both read before either wrote', () => {
    const found = classifyConflict(trace('0 read a.n = 0\n1 read a.n = 0\n0 write a.n = 1\n1 write a.n = 1'))
    expect(found).toMatchObject({ pattern: 'lost-update', location: 'a.n', tasks: ['0', '1'] })
    expect(found.sentence).toBe('Lost update: tasks 0 and 1 both read a.n before either wrote it back.')
    expect(found.accesses.map(a => a.step)).toEqual([0, 1, 2, 3])
  })

  test('three tasks', () => {
    expect(sentence('0 read n = 0\n1 read n = 0\n2 read n = 0\n2 write n = 1\n1 write n = 1\n0 write n = 1')).toBe(
      'Lost update: tasks 0, 1 and 2 all read n before any of them wrote it back.',
    )
  })

  test('a blind write is lost too', () => {
    expect(sentence('0 read n = 5\n1 write n = 0\n0 write n = 6')).toBe(
      'Lost update: task 0 read n, task 1 wrote it, and task 0 wrote it without reading it again.',
    )
  })

  test.each([
    ['a serial order', '0 read n = 0\n0 write n = 1\n1 read n = 1\n1 write n = 2'],
    ['the read is repeated', '0 read n = 0\n1 read n = 0\n1 write n = 1\n0 read n = 1\n0 write n = 2'],
    ['atomic steps', '0: read n = 0, write n = 1\n1: read n = 1, write n = 2\n0: read n = 2, write n = 3'],
    ['different locations', '0 read n = 0\n1 read m = 0\n0 write n = 1\n1 write m = 1'],
    ['commuting updates', '0 read n = 0\n1 update n = 1\n0 update n = 2'],
    ['the second write is blind', '0 read n = 0\n0 write n = 1\n1 write n = 7\n0 write n = 2'],
  ])('none: %s', (_, text) => {
    expect(pattern(text)).not.toBe('lost-update')
    expect(sentence(text)).not.toMatch(/lost/i)
  })

  test('a .then chain is one line of control', () => {
    const recorder = new TraceRecorder()
    recorder.read('0', 'n', { value: 0 }).read('1', 'n', { value: 0 })
    recorder.step('0.1', { causes: [0] }).access('write', 'n', { value: 1 })
    recorder.step('1.1', { causes: [1] }).access('write', 'n', { value: 1 })
    expect(classifyConflict(recorder.trace())).toMatchObject({
      pattern: 'lost-update',
      tasks: ['0', '0.1', '1', '1.1'],
    })
    expect(classifyConflict(recorder.trace()).sentence).toBe(
      'Lost update: tasks 0 and 1 both read n before either wrote it back.',
    )
  })

  test('none: a chain that reads in one task and writes in the next, alone', () => {
    const recorder = new TraceRecorder().read('0', 'n', { value: 0 })
    recorder.step('0.1', { causes: [0] }).access('write', 'n', { value: 1 })
    recorder.step('1').access('read', 'n', { value: 1 })
    recorder.step('1.1', { causes: [2] }).access('write', 'n', { value: 2 })
    expect(classifyConflict(recorder.trace()).pattern).not.toBe('lost-update')
  })

  test('branches of one task that a lock orders are still two lines', () => {
    const recorder = new TraceRecorder()
      .step('0')
      .step('0.1', { causes: [0] })
      .step('0.2', { causes: [0] })
    recorder.step('0.1').access('read', 'n', { value: 0 })
    recorder
      .step('0.2', { causes: [3] })
      .access('read', 'n', { value: 0 })
      .access('write', 'n', { value: 1 })
    recorder.step('0.1', { causes: [4] }).access('write', 'n', { value: 1 })
    expect(classifyConflict(recorder.trace()).pattern).toBe('lost-update')
  })
})

describe('check-then-act', () => {
  test('both found nothing and both created it', () => {
    expect(
      sentence(
        "0 read cache.get('k') = undefined\n1 read cache.get('k') = undefined\n0 write cache.get('k') = 1\n1 write cache.get('k') = 2",
      ),
    ).toBe("Check-then-act: tasks 0 and 1 both found cache.get('k') = undefined before either changed it.")
  })

  test('the check is read again only to be changed', () => {
    const text =
      '0 read balance = 100\n1 read balance = 100\n0: read balance = 100, write balance = 0\n1: read balance = 0, write balance = -100'
    expect(sentence(text)).toBe('Check-then-act: tasks 0 and 1 both checked balance before either changed it.')
  })

  test('what was found is gone when it is used', () => {
    expect(
      sentence(
        "0 read map.get('k') = true\n1 write map.get('k') = undefined\n0 read map.get('k') = undefined",
        failing('Cannot read properties of undefined', '0', 2),
      ),
    ).toBe("Check-then-act: task 0 found map.get('k') = true, task 1 changed it, and task 0 then found undefined.")
  })

  test('a size that both tested', () => {
    expect(pattern('0 read q.length = 1\n1 read q.length = 1\n0 write q.length = 0\n1 write q.length = 0')).toBe(
      'check-then-act',
    )
  })

  test('write skew', () => {
    expect(sentence('0 read a = 1\n1 read b = 1\n0 write b = 0\n1 write a = 0')).toMatch(
      /^Check-then-act: task 1 read b and wrote a while task 0 read a and wrote b; neither saw/,
    )
  })

  test.each([
    ['the check and the act come in one step', '0: read c = null, write c = 1\n1: read c = 1'],
    ['the second finds it there', '0 read c = null\n0 write c = 1\n1 read c = 1'],
    ['waiting for a flag', '0 read ready = false\n1 write ready = true\n0 read ready = true'],
  ])('none: %s', (_, text) => expect(pattern(text)).not.toBe('check-then-act'))
})

describe('stale read', () => {
  test('the old value is used elsewhere', () => {
    expect(sentence('0 read price = 5\n1 write price = 7\n0 write total = 5')).toBe(
      'Stale read: task 0 read price, task 1 then wrote it, and task 0 wrote total without reading price again.',
    )
  })

  test('an update is seen half done', () => {
    expect(sentence('0 write p.x = 1\n1: read p.x = 1, read p.y = 0\n0 write p.y = 1')).toBe(
      'Stale read: task 1 saw an update by task 0 half done: p.y from before it, p.x from after it.',
    )
  })

  test('two reads see two values', () => {
    expect(sentence('0 read n = 1\n1 write n = 2\n0 read n = 2')).toBe(
      'Stale read: task 0 read n twice, 1 and then 2, because task 1 wrote it in between.',
    )
  })

  test.each([
    ['it is read again before it is used', '0 read price = 5\n0 write total = 5\n1 write price = 7'],
    ['an update is seen whole', '0 write p.x = 1\n0 write p.y = 1\n1: read p.x = 1, read p.y = 1'],
    ['an update is not seen at all', '1: read p.x = 0, read p.y = 0\n0 write p.x = 1\n0 write p.y = 1'],
  ])('none: %s', (_, text) => expect(pattern(text)).not.toBe('stale-read'))
})

describe('order violation', () => {
  test('read before it was initialised', () => {
    const text = '0 read app.db = undefined\n1 write app.db = {}'
    expect(sentence(text)).toBe('Order violation: task 0 read app.db = undefined before task 1 initialised it.')
    expect(sentence(text, failing("Cannot read properties of undefined (reading 'query')", '0', 0))).toMatch(
      /^Order violation/,
    )
  })

  test('used after it was cleared', () => {
    expect(sentence('1 write conn.socket = null\n0 read conn.socket = null', failing('x', '0', 1))).toBe(
      'Order violation: task 0 read conn.socket = null after task 1 had cleared it.',
    )
  })

  test.each([
    ['it was initialised', '1 write app.db = {}\n0 read app.db = {}'],
    ['the reader waits for it', '0 read app.db = undefined\n1 write app.db = {}\n0 read app.db = {}'],
    ['a value was there', '0 read app.db = 1\n1 write app.db = 2'],
  ])('none: %s', (_, text) => expect(pattern(text)).not.toBe('order-violation'))
})

describe('write-write', () => {
  test('the last one wins', () => {
    expect(sentence('1 write x = 2\n0 write x = 1')).toBe(
      'Write-write conflict: tasks 0 and 1 both wrote x without reading it, task 0 last.',
    )
  })

  test('none: one of them had read it', () => {
    expect(classifyConflict(trace('1: read x = 0, write x = 2\n0 write x = 1'))).toMatchObject({
      pattern: 'unknown',
      sentence: 'Tasks 0 and 1 conflict on x: task 1 wrote it before task 0 wrote it.',
    })
  })

  test('none: commuting updates', () => expect(pattern('0 update x = 1\n1 update x = 2')).toBe('unknown'))
})

describe('which conflict is told', () => {
  const twoRaces = (queue: string) =>
    `0 read ${queue} = 0\n1 read ${queue} = 0\n0 write ${queue} = 1\n1 write ${queue} = 1\n` +
    '0 read s.total = 0\n1 read s.total = 0\n0 write s.total = 5\n1 write s.total = 5'

  test('the one on the location the invariant names', () => {
    const recorder = new TraceRecorder({ invariant: 's => s.total === 10' })
    expect(classifyConflict(trace(twoRaces('s.hits'), recorder)).location).toBe('s.total')
  })

  test('the one on the locations the invariant read', () => {
    const recorder = new TraceRecorder({ invariant: 's => s.ok()' }).fail('invariant', '', { locations: [1] })
    expect(classifyConflict(trace(twoRaces('s.hits'), recorder)).location).toBe('s.total')
  })

  test('named state before internal queues', () => {
    expect(classifyConflict(trace(twoRaces('s.waiters'))).location).toBe('s.total')
  })

  test.each([
    [
      'threads',
      '0 read c = null\n1 read c = null\n0 read n = 0\n0 write n = 1\n0 write c = 42\n1 read n = 1\n1 write n = 2\n1 write c = 42',
    ],
    [
      'tasks',
      '0 read c = null\n1 read c = null\n0: read n = 0, write n = 1, write c = 42\n1: read n = 1, write n = 2, write c = 42',
    ],
  ])('the check, when the invariant names what it guarded (%s)', (_, text) => {
    expect(sentence(text, new TraceRecorder({ invariant: 's => s.n === 1' }))).toBe(
      'Check-then-act: tasks 0 and 1 both found c = null before either changed it.',
    )
  })

  test('otherwise the first', () => expect(classifyConflict(trace(twoRaces('s.hits'))).location).toBe('s.hits'))
})

describe('other failures', () => {
  test('an error that no race explains', () => {
    const found = classifyConflict(trace('0 read x = 1\n1 read x = 1', failing('TypeError: boom', '1', 1)))
    expect(found).toMatchObject({ pattern: 'unhandled-error', tasks: ['1'] })
    expect(found.sentence).toBe('Unhandled error: task 1 threw TypeError: boom')
  })

  test('a race of others does not explain an error', () => {
    const text = '0 read n = 0\n1 read n = 0\n0 write n = 1\n1 write n = 1\n2 read m = 1'
    expect(pattern(text, failing('boom', '2', 4))).toBe('unhandled-error')
  })

  test('a deadlock names its tasks', () => {
    const recorder = new TraceRecorder()
      .blocked(0, 'lock b', { heldBy: [1] })
      .blocked(1, 'lock a', { heldBy: [0] })
      .blocked(2, 'lock a', { heldBy: [0] })
      .fail('deadlock', 'deadlock')
    const found = classifyConflict(trace('0 acquire a\n1 acquire b', recorder))
    expect(found).toMatchObject({ pattern: 'deadlock', location: 'lock b', tasks: ['0', '1'] })
    expect(found.accesses).toEqual([
      { step: 0, access: 0 },
      { step: 1, access: 0 },
    ])
  })

  test('a lost wakeup is told as the race that made it', () => {
    const recorder = new TraceRecorder().blocked(0, 'a promise created at gate.ts:3').fail('deadlock', '')
    const text =
      '0 read gate.open = false\n1: write gate.open = true, read gate.sleepers = []\n0: read gate.sleepers = [], write gate.sleepers = [1]'
    const found = classifyConflict(trace(text, recorder))
    expect(found).toMatchObject({ pattern: 'deadlock', tasks: ['0'], locations: [0, 1] })
    expect(found.sentence).toMatch(
      /^Deadlock: task 0 waits for a promise .*settle it\. Check-then-act: task 0 read gate\.open and wrote gate\.sleepers while task 1 read/,
    )
  })

  test('of tasks that wait for tasks, the one at the end is named', () => {
    const recorder = new TraceRecorder()
      .blocked(0, 'task 0.1', { heldBy: ['0.1'] })
      .blocked('0.1', 'lock m')
      .fail('deadlock', '')
    expect(sentence('0 read x = 1', recorder)).toMatch(/^Deadlock: task 0\.1 waits for lock m/)
  })

  test('livelock, timeout', () => {
    expect(pattern('0 read x', new TraceRecorder().fail('livelock', 'x'))).toBe('livelock')
    expect(pattern('0 read x', new TraceRecorder().fail('timeout', 'x'))).toBe('timeout')
  })

  test('no conflict at all is said', () => {
    expect(sentence('0 read x = 1\n1 read x = 1')).toBe(
      'No conflict among tasks 0 and 1: no two of their accesses to one location depend on their order.',
    )
    expect(pattern('0 write x = 1\n1 write y = 1')).toBe('unknown')
  })
})
