import { describe, expect, test } from 'vitest'
import { explain, formatTrace, type StoryDetails, TraceRecorder } from '../../src/explain/index.js'

const sources: Record<string, string[]> = {
  'bank.ts': [
    '',
    '',
    '',
    '',
    '',
    '',
    '    const current = this.balance',
    '    await 0',
    '    this.balance = current + amount',
  ],
  'forks.ts': ['', '  await left.acquire()', '  await right.acquire()'],
}
const details = (more: StoryDetails = {}): StoryDetails => ({
  cwd: '/project',
  readSource: (file, line) => sources[file.replace(/^.*\/project\//, '')]?.[line - 1],
  ...more,
})

function bank(options: ConstructorParameters<typeof TraceRecorder>[0] = {}, site = '/project/bank.ts'): TraceRecorder {
  const recorder = new TraceRecorder({ invariant: 'a => a.balance === 200', ...options })
  const stack = ['/project/bank.test.ts:4']
  recorder.read('0', 'account.balance', { value: 100, site: `${site}:7`, stack })
  recorder.read('1', 'account.balance', { value: 100, site: `${site}:7`, stack })
  recorder.write('0', 'account.balance', { value: 150, site: `${site}:9`, stack })
  recorder.write('1', 'account.balance', { value: 150, site: `${site}:9`, stack })
  return recorder
}

describe('the text', () => {
  test('of a lost update, as the contract has it', () => {
    const reproduced = { reproductionAttempts: 10, reproductionSuccesses: 10 }
    expect(explain(bank().trace(), details({ numExplored: 2, ...reproduced, replay: 'fr1:…' }))).toBe(
      `Race condition found after 2 interleavings.

  Lost update: tasks 0 and 1 both read account.balance before either wrote it back.

  Task 0 | bank.ts:7     const current = this.balance
         | [read account.balance = 100]
  Task 1 | bank.ts:7     const current = this.balance
         | [read account.balance = 100]
  Task 0 | bank.ts:9     this.balance = current + amount
         | [write account.balance = 150]
  Task 1 | bank.ts:9     this.balance = current + amount
         | [write account.balance = 150]

  Invariant: a => a.balance === 200
  Reproduced 10/10 times (100%)
  Replay: { replay: 'fr1:…' }`,
    )
  })

  test('of threads, one interleaving, and named tasks', () => {
    const text = formatTrace(bank({ unit: 'thread' }).trace(), details({ numExplored: 1 }))
    expect(text).toMatch(/^Race condition found after 1 interleaving\.\n\n {2}Lost update: threads 0 and 1 both/)
    expect(text).toContain('\n  Thread 1 | bank.ts:7     const')
    const named = formatTrace(bank({ names: { 0: 'alice', 1: 'bob' } }).trace(), details())
    expect(named).toMatch(/^Race condition found\.\n\n {2}Lost update: tasks alice and bob both/)
    expect(named).toContain('\n  Task alice | bank.ts:7     const')
    expect(named).toContain('\n  Task bob   | bank.ts:7     const')
    expect(named).toContain('\n             | [read account.balance = 100]')
  })

  test('with notes, a thrown invariant and a partly reproduced failure', () => {
    const trace = bank()
      .fail('invariant', 'expected 150 to be 200', { error: new RangeError('expected 150 to be 200') })
      .trace()
    const notes = ['This order needs a timer to fire before ready work: set clock to "virtual" to exclude it.']
    const text = formatTrace(trace, details({ notes, reproductionAttempts: 3, reproductionSuccesses: 2 }))
    expect(text.split('\n\n').slice(-2)).toEqual([
      `  ${notes[0]}`,
      '  Invariant: a => a.balance === 200\n  Invariant failed: RangeError: expected 150 to be 200\n  Reproduced 2/3 times (66%)',
    ])
  })

  test('without any source, site or step', () => {
    expect(formatTrace(new TraceRecorder().trace(), details())).toBe(
      'Race condition found.\n\n  No conflicting accesses were recorded.\n\n  the invariant does not hold',
    )
    const trace = new TraceRecorder().write('0', 'x', { value: 1 }).write('1', 'x').trace()
    expect(formatTrace(trace, details())).toContain(
      '\n  Task 0 |\n         | [write x = 1]\n  Task 1 |\n         | [write x]',
    )
    expect(formatTrace(bank({}, '/elsewhere/gone.ts').trace(), details())).toContain(
      '  Task 0 | /elsewhere/gone.ts:7\n',
    )
  })

  test('of an invariant of several lines', () => {
    const invariant = 's => {\n      const n = s.n\n      return n === 2\n    }'
    expect(formatTrace(bank({ invariant }).trace(), details())).toContain(
      '\n  Invariant: s => {\n    const n = s.n\n    return n === 2\n  }',
    )
  })
})

describe('a line', () => {
  test('merges what one task did on it, and cuts long values', () => {
    const recorder = new TraceRecorder().step(0)
    recorder.access('read', 'n', { value: 'x'.repeat(100), site: 'bank.ts:7' })
    recorder.access('write', 'n', { value: 1, site: 'bank.ts:7' })
    recorder.write(1, 'n', { value: 2, site: 'bank.ts:9' }).write(1, 'n', { value: 2, site: 'bank.ts:9' })
    const text = formatTrace(recorder.trace(), details())
    expect(text).toContain(`\n         | [read n = '${'x'.repeat(57)}…'] [write n = 1]\n`)
    expect(text).toContain('\n         | [write n = 2, 2 times]')
  })

  test('shows its callers when there are some besides the task itself, once', () => {
    const at = (file: string, line: number, functionName: string) => ({
      file: `/project/${file}`,
      line,
      column: 1,
      functionName,
    })
    const stack = [at('app.ts', 12, 'handler'), at('app.ts', 30, '')]
    const recorder = new TraceRecorder()
    recorder.read(0, 'n', { value: 1, site: 'bank.ts:7', stack }).write(1, 'n', { value: 2, site: 'bank.ts:9' })
    recorder.write(0, 'n', { value: 2, site: 'bank.ts:9', stack })
    const text = formatTrace(recorder.trace(), details())
    expect(text).toContain('[read n = 1]\n         | called from handler (app.ts:12) <- <anonymous> (app.ts:30)\n')
    expect(text.split('called from').length).toBe(2)
  })

  test('is left out, and counted, when there are too many', () => {
    const recorder = new TraceRecorder()
    recorder.read(0, 'n', { value: 0, site: 'bank.ts:7' })
    for (let i = 0; i < 40; i++) {
      recorder.read(1, 'n', { value: i, site: 'bank.ts:7' }).write(1, 'n', { value: i + 1, site: 'bank.ts:9' })
    }
    recorder.write(0, 'n', { value: 1, site: 'bank.ts:9' })
    const text = formatTrace(recorder.trace(), details({ maxLines: 9 }))
    expect(text).toContain('         | … 74 more lines of Task 1\n')
    expect(text.match(/bank\.ts/g)).toHaveLength(8)
    expect(text.indexOf('Task 0 | bank.ts:7')).toBeLessThan(text.indexOf('… 74'))
  })
})

describe('an error', () => {
  const error = new TypeError("Cannot read properties of undefined (reading 'id')", { cause: new Error('no row') })
  error.stack = `TypeError: x\n    at Object.<anonymous> (node:internal/x:1:1)\n    at load (/project/node_modules/db/x.js:1:1)\n    at async use (file:///project/bank.ts:9:5)`

  test('is told with its place, its cause and the race behind it', () => {
    const recorder = new TraceRecorder().read(1, 'app.user', { value: undefined, site: 'bank.ts:7' })
    recorder.write(0, 'app.user', { value: { id: 1 }, site: 'bank.ts:8' })
    recorder.fail('error', error.message, { error, task: '1', step: 0 })
    expect(formatTrace(recorder.trace(), details({ numExplored: 3 }))).toBe(
      `Error in task 1 found after 3 interleavings.

  Order violation: task 1 read app.user = undefined before task 0 initialised it.

  Task 1 | bank.ts:7     const current = this.balance
         | [read app.user = undefined]
  Task 1 | bank.ts:9     this.balance = current + amount
         | [throws TypeError: Cannot read properties of undefined (reading 'id')]
  Task 0 | bank.ts:8     await 0
         | [write app.user = { id: 1 }]

  TypeError: Cannot read properties of undefined (reading 'id')
    at use (bank.ts:9)
  Caused by: Error: no row`,
    )
  })

  test('without a race or a task', () => {
    const trace = new TraceRecorder().step(0).fail('error', 'x', { error: 'boom' }).trace()
    expect(formatTrace(trace, details())).toBe("Error found.\n\n  Unhandled error: x\n\n  'boom'")
  })
})

describe('a deadlock', () => {
  const recorder = () => new TraceRecorder().fail('deadlock', 'nothing can go on')

  test('shows who took what, where each task stands, and the circle', () => {
    const trace = recorder()
      .step(0)
      .access('acquire', 'forks[0]', { site: 'forks.ts:2' })
      .step(1)
      .access('acquire', 'forks[1]', { site: 'forks.ts:2' })
      .blocked(0, 'lock forks[1]', { site: 'forks.ts:3', heldBy: [1] })
      .blocked(1, 'lock forks[0]', { site: 'forks.ts:3', heldBy: [0] })
      .trace()
    expect(formatTrace(trace, details({ numExplored: 2, replay: 'fr1:x' }))).toBe(
      `Deadlock found after 2 interleavings.

  Deadlock: tasks 0 and 1 wait for each other.

  Task 0 | forks.ts:2     await left.acquire()
         | [acquire forks[0]]
  Task 1 | forks.ts:2     await left.acquire()
         | [acquire forks[1]]
  Task 0 | forks.ts:3     await right.acquire()
         | [waits for lock forks[1], held by task 1]
  Task 1 | forks.ts:3     await right.acquire()
         | [waits for lock forks[0], held by task 0]

  Task 0 -> forks[1] -> Task 1 -> forks[0] -> Task 0

  Replay: { replay: 'fr1:x' }`,
    )
  })

  test('with itself', () => {
    const text = formatTrace(
      recorder()
        .blocked(0, 'lock m', { heldBy: [0] })
        .trace(),
      details(),
    )
    expect(text).toContain('Deadlock: task 0 waits for lock m, which it holds itself.')
    expect(text).toContain('Task 0 -> m -> Task 0')
  })

  test('of a promise that nobody will settle', () => {
    const text = formatTrace(
      recorder().blocked(0, 'a promise created at x.ts:3', { site: 'forks.ts:3' }).trace(),
      details(),
    )
    expect(text).toContain('Deadlock: task 0 waits for a promise created at x.ts:3, and nobody is left to settle it.')
    expect(text).toContain('[waits for a promise created at x.ts:3]')
    expect(text).not.toContain('->')
  })

  test('of a lock whose holder has ended', () => {
    const text = formatTrace(
      recorder()
        .step(1)
        .blocked(0, 'lock m', { heldBy: [1] })
        .trace(),
      details(),
    )
    expect(text).toContain('Deadlock: task 0 waits for lock m, held by task 1, which will not release it.')
    expect(text).toContain('[waits for lock m, held by task 1, which has ended]')
  })
})

test('a livelock shows its last lines', () => {
  const recorder = new TraceRecorder().fail('livelock', 'tasks 0 and 1 only wait for each other')
  for (let i = 0; i < 100; i++)
    recorder.read(i % 2, 'n', { value: i, site: 'bank.ts:7' }).write(i % 2, 'n', { value: i, site: 'bank.ts:9' })
  const text = formatTrace(recorder.trace(), details({ maxLines: 5 }))
  expect(text).toMatch(/^Livelock found\.\n\n {2}Livelock: tasks 0 and 1 only wait for each other\n/)
  expect(text).toContain('… 196 more lines of Task 0 and Task 1')
  expect(text).toContain('[write n = 99]')
})
