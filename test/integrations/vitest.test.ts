import { describe, expect, test } from 'vitest'
import { defineConfig } from 'vitest/config'
import { frontrun } from '../../src/integrations/vitest.js'
import { isInstrumented, run, vitestBin, writeProject } from '../support/project.js'

const pluginUrl = new URL('../../dist/integrations/vitest.js', import.meta.url).href
const header = `import { expect, test, vi } from 'vitest'\nconst is = (${isInstrumented}) as (f: unknown) => boolean\n`

const project = (options: string, files: Record<string, string>) =>
  writeProject({
    'package.json': '{"type":"module"}',
    'vitest.config.mjs': `import { frontrun } from '${pluginUrl}'\nexport default { plugins: [frontrun(${options})] }`,
    ...files,
  })

async function vitest(cwd: string, ...args: string[]) {
  return run(process.execPath, [vitestBin, 'run', ...args], { cwd })
}

describe.each(['forks', 'threads'])('the Vitest plugin (%s)', pool => {
  test('instruments tests, the project and traced packages, ES modules and CommonJS', async () => {
    const cwd = project("{ tracePackages: ['traced-*'], exclude: ['**/excluded.ts'] }", {
      'a.test.ts': `${header}
        import { own, Kind } from './own.js'; import { excluded } from './excluded'; import { esm } from 'traced-esm'
        import cjs from 'traced-cjs'; import other from 'other'
        test('instrumented', () => {
          function inTest() {}
          expect([own, excluded, esm, cjs.outer, cjs.inner, other, inTest].map(is)).toEqual([true, false, true, true, true, false, true])
          expect(own(Kind.A)).toBe(3)
        })
        test('one runtime', () => {
          expect(Symbol.for('frontrun.runtime') in globalThis).toBe(true)
          expect(process.env.FRONTRUN_TRACE_PACKAGES).toBe('traced-*')
        })`,
      'own.ts': 'export enum Kind { A = 3 }\nexport function own(kind: Kind): Kind { return kind }',
      'excluded.ts': 'export function excluded() {}',
      'node_modules/traced-esm/package.json': '{"type":"module","exports":"./index.js"}',
      'node_modules/traced-esm/index.js': 'export function esm() {}',
      'node_modules/traced-cjs/index.js': "exports.outer = function outer() {}; exports.inner = require('./inner.js')",
      'node_modules/traced-cjs/package.json': '{"main":"./index.js"}',
      'node_modules/traced-cjs/inner.js': 'module.exports = function inner() {}',
      'node_modules/other/index.js': 'module.exports = function other() {}',
      'node_modules/other/package.json': '{"main":"./index.js"}',
    })
    const { stdout, stderr, code } = await vitest(cwd, '--pool', pool)
    expect(stdout + stderr).toMatch(/Tests +2 passed/)
    expect(code).toBe(0)
  })
})

describe('the Vitest plugin', () => {
  test('leaves vi.mock and vi.hoisted working, their functions instrumented', async () => {
    const cwd = project('', {
      'mock.test.ts': `${header}
        import { real } from './real'
        const hoisted = vi.hoisted(() => { function early() { return 'early' } return { early, value: early() } })
        vi.mock('./real', () => ({ real: function mocked() { return 'mocked' } }))
        test('mocked', () => {
          expect([real(), hoisted.value, is(real), is(hoisted.early)]).toEqual(['mocked', 'early', true, true])
        })`,
      'declarations.test.ts': `${header}
        import { real } from './real'
        let count = 0
        function increment() { return ++count }
        const hoisted = vi.hoisted(() => { let n = 0; return { next: () => ++n } })
        vi.mock('./real', () => { let calls = 0; function mocked() { return ++calls }; return { real: mocked } })
        test('mocked', () => {
          expect([hoisted.next(), hoisted.next(), real(), real(), increment(), is(real)]).toEqual([1, 2, 1, 2, 1, true])
        })`,
      'real.ts': "export const real = () => 'real'",
    })
    const { stdout, stderr } = await vitest(cwd)
    expect(stdout + stderr).toMatch(/Tests +2 passed/)
  })

  test('failures point at the original lines, also where the prelude was moved', async () => {
    const cwd = project('', {
      'fail.test.ts': `${header}import { fail } from './fail.js'\nvi.mock('./nothing')\ntest('a', () => {\n  fail(1 as number)\n})\ntest('b', () => { expect(1 as number).toBe(2) })`,
      'fail.ts':
        'interface Unused {\n  a: string\n}\nexport function fail(n: number): never {\n  throw new Error(String(n))\n}',
    })
    const { stdout, stderr, code } = await vitest(cwd)
    const output = stdout + stderr
    expect(code).toBe(1)
    expect(output).toMatch(/❯ (?:Module\.)?fail fail\.ts:5:9/)
    expect(output).toMatch(/❯ fail\.test\.ts:6:3/)
    expect(output).toMatch(/❯ fail\.test\.ts:8:39/)
  })

  test('has the matcher, also for results at hand and negated', async () => {
    const result = "{ propertyHolds: true, exhaustive: true, stoppedBy: 'exhausted', numExplored: 2 }"
    const cwd = project('', {
      'matcher.test.ts': `${header}
        const holds = ${result}
        test('holds', async () => {
          await expect(holds).toHoldInAllInterleavings()
          await expect({ ...holds, propertyHolds: false }).not.toHoldInAllInterleavings()
          await expect({ ...holds, exhaustive: false }).toHoldInAllInterleavings({ exhaustive: false })
        })
        test('fails', async () => {
          const fails = (result, invert) => (invert ? expect(result).not : expect(result)).toHoldInAllInterleavings()
          await expect(fails({ ...holds, propertyHolds: false, explanation: 'the story' })).rejects.toThrow('the story')
          await expect(fails({ ...holds, exhaustive: false, stoppedBy: 'maxExecutions' })).rejects.toThrow('not exhaustive: it was stopped by maxExecutions')
          await expect(fails({ ...holds, exhaustive: false }, true)).rejects.toThrow()
        })`,
    })
    const { stdout, stderr } = await vitest(cwd)
    expect(stdout + stderr).toMatch(/Tests +2 passed/)
  })

  test('fits the types of a Vitest configuration', () => {
    expect(defineConfig({ plugins: [frontrun({ tracePackages: ['a'] })] })).toBeDefined()
  })
})
