import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cli, isInstrumented, run, vitestBin, writeProject } from '../support/project.js'

const node = process.execPath
const frontrun = (args: readonly string[], options: Parameters<typeof run>[2]) => run(node, [cli, ...args], options)

describe('frontrun <command>', () => {
  test('runs the program instrumented and marked as active', async () => {
    const cwd = writeProject({
      'app.mjs': `function own() {}; console.log((${isInstrumented})(own), process.env.FRONTRUN_ACTIVE, process.argv[2])`,
    })
    expect(await frontrun(['node', 'app.mjs', 'an argument'], { cwd })).toEqual({
      code: 0,
      signal: null,
      stdout: 'true 1 an argument\n',
      stderr: '',
    })
  })

  test('passes on the exit code', async () => {
    const cwd = writeProject({ 'app.mjs': 'process.exitCode = 42' })
    expect((await frontrun(['node', 'app.mjs'], { cwd })).code).toBe(42)
  })

  test('ends with 128 and the number of the signal that killed the command', async () => {
    const cwd = writeProject({ 'app.mjs': "process.kill(process.pid, 'SIGKILL')" })
    expect((await frontrun(['node', 'app.mjs'], { cwd })).code).toBe(137)
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('forwards %s', async (signal, unhandledCode) => {
    const cwd = writeProject({
      'handles.mjs': `process.on('${signal}', () => { console.log('cleaned up'); process.exit(7) }); setInterval(() => {}, 1000); console.log('ready')`,
      'dies.mjs': "setInterval(() => {}, 1000); console.log('ready')",
    })
    const killWhenReady = (stdout: string, kill: (signal: NodeJS.Signals) => void) => {
      if (stdout === 'ready\n') kill(signal)
    }
    const [handles, dies] = await Promise.all([
      frontrun(['node', 'handles.mjs'], { cwd, onOutput: killWhenReady }),
      frontrun(['node', 'dies.mjs'], { cwd, onOutput: killWhenReady }),
    ])
    expect(handles).toMatchObject({ code: 7, stdout: 'ready\ncleaned up\n' })
    expect(dies).toMatchObject({ code: unhandledCode, signal: null })
  })

  test('ends with 127 if there is no such command, with 126 if it may not be run', async () => {
    const cwd = writeProject({ 'plain.txt': 'not a program' })
    const [missing, forbidden] = await Promise.all([
      frontrun(['no-such-command-anywhere'], { cwd }),
      frontrun(['./plain.txt'], { cwd }),
    ])
    expect(missing).toMatchObject({
      code: 127,
      stdout: '',
      stderr: 'frontrun: command not found: no-such-command-anywhere\n',
    })
    expect(forbidden.code).toBe(126)
  })

  test('without a command prints the usage on stderr and ends with 1', async () => {
    const { code, stdout, stderr } = await frontrun([], { cwd: writeProject({}) })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^frontrun: no command given\.\n\nUsage: frontrun \[options\] <command>/)
  })

  test('--help and --version print on stdout and end with 0', async () => {
    const cwd = writeProject({})
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    const [help, versions] = await Promise.all([frontrun(['--help'], { cwd }), frontrun(['--version'], { cwd })])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toMatch(/^Usage: frontrun/)
    expect(versions).toMatchObject({ code: 0, stdout: `${version}\n` })
  })

  test("keeps the user's NODE_OPTIONS, also for the processes that the command starts", async () => {
    const cwd = writeProject({
      'child.cjs': `function own() {}; console.log(process.title, (${isInstrumented})(own), process.execArgv.length)`,
      'app.mjs':
        "import { execFileSync } from 'node:child_process'; console.log(String(execFileSync(process.execPath, ['child.cjs'])))",
    })
    const { stdout } = await frontrun(['node', 'app.mjs'], { cwd, env: { NODE_OPTIONS: '--title=kept' } })
    expect(stdout).toContain('kept true 0')
  })

  test("finds the project's own commands, from a folder inside it too", async () => {
    const cwd = writeProject({
      'node_modules/.bin/tool': "#!/usr/bin/env node\nconsole.log('the tool', ...process.argv.slice(2))",
      'inner/x.txt': '',
    })
    await run('chmod', ['+x', 'node_modules/.bin/tool'], { cwd })
    expect((await frontrun(['tool', '--flag'], { cwd: `${cwd}/inner` })).stdout).toBe('the tool --flag\n')
  })

  test('instruments the packages named by --trace-packages', async () => {
    const cwd = writeProject({
      'node_modules/queue-a/index.js': 'exports.f = function f() {}',
      'node_modules/@scope/b/index.js': 'exports.f = function f() {}',
      'node_modules/other/index.js': 'exports.f = function f() {}',
      'app.cjs': `const is = ${isInstrumented}; console.log(['queue-a', '@scope/b', 'other'].map(name => is(require(name).f)).join())`,
    })
    const { stdout } = await frontrun(['--trace-packages=queue-*,@scope/b', 'node', 'app.cjs'], { cwd })
    expect(stdout).toBe('true,true,false\n')
  })

  test('node --test runs instrumented tests', async () => {
    const cwd = writeProject({
      'lib.ts': 'export enum Kind { A }\nexport function lib(kind: Kind) { return kind }',
      'lib.test.mjs': `import test from 'node:test'; import assert from 'node:assert'; import { lib } from './lib.ts'
        test('t', () => assert((${isInstrumented})(lib)))`,
    })
    const { code, stdout } = await frontrun(['node', '--test', '--test-reporter=tap', 'lib.test.mjs'], { cwd })
    expect(stdout).toContain('# pass 1')
    expect(code).toBe(0)
  })

  test.each(['forks', 'threads'])('vitest needs no change to the configuration (%s)', async pool => {
    const cwd = writeProject({
      'package.json': '{"type":"module"}',
      'vitest.config.mjs': 'export default {}',
      'bank.ts': `export class Bank {
        constructor(public balance: number) {}
        async add(amount: number) { await null; this.balance += amount }
        async addLate(amount: number) { const before = this.balance; await null; this.balance = before + amount }
      }`,
      'bank.test.ts': `import { expect, test } from 'vitest'
        import { Bank } from './bank.js'
        test('instrumented', () => expect((${isInstrumented})(Bank.prototype.add)).toBe(true))
        const exploration = (method: 'add' | 'addLate') => ({
          setup: () => new Bank(0),
          tasks: [(bank: Bank) => bank[method](1), (bank: Bank) => bank[method](2)],
          invariant: (bank: Bank) => bank.balance === 3,
        })
        test('holds', () => expect(exploration('add')).toHoldInAllInterleavings())
        test('breaks', () => expect(expect(exploration('addLate')).toHoldInAllInterleavings()).rejects.toThrow('Lost update'))`,
    })
    const { code, stdout } = await frontrun(['node', vitestBin, 'run', '--pool', pool], { cwd })
    expect(stdout).toMatch(/Tests +3 passed/)
    expect(code).toBe(0)
  })
})
