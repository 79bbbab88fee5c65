import { beforeAll, describe, expect, test } from 'vitest'
import { nodeBinary, supportedMajors } from '../support/node-versions.js'
import { isInstrumented, registerUrl, run, writeProject } from '../support/project.js'

const is = `const is = ${isInstrumented};`
const classicJsx = '/** @jsxRuntime classic @jsx h */\nconst h = tag => ({ tag });'

/** What only a compiler that does more than strip types can run: an enum and a parameter property. */
const typescript = 'enum Kind { A = 40 }\nclass Point { constructor(readonly x: number) {} }\n'

describe.each(supportedMajors)('node %i --import frontrun/register', major => {
  let node: string
  beforeAll(async () => {
    node = await nodeBinary(major)
  }, 300_000)

  async function start(files: Record<string, string>, entry: string, env: Record<string, string> = {}) {
    const cwd = writeProject(files)
    const { code, stdout, stderr } = await run(node, ['--import', registerUrl, entry], {
      cwd,
      env: { NODE_NO_WARNINGS: '1', ...env },
    })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return JSON.parse(stdout)
  }

  test('instruments ES modules and what they import', async () => {
    const files = {
      'main.mjs': `import { esm } from './esm.mjs'; import { byType } from './package/by-type.js'; import { typed } from './typed.mts'
        import { cjs } from './cjs.cjs'; import { cts } from './cts.cts'; import { onlyTs } from './only-ts.js'
        import { view } from './view.tsx'; import { bySyntax } from './by-syntax.js'; import other from 'other'
        const { later } = await import('./later.mjs'); ${is}
        function own() {}
        console.log(JSON.stringify({ own, esm, byType, typed, cjs, cts, onlyTs, view, bySyntax, other, later },
          (_, value) => typeof value === 'function' ? [is(value), value(1)] : value))`,
      'esm.mjs': 'export function esm() { return 1 }',
      'later.mjs': 'export function later() { return 1 }',
      'package/package.json': '{"type":"module"}',
      'package/by-type.js': 'export function byType() { return 1 }',
      'by-syntax.js': 'export function bySyntax() { return 1 }',
      'typed.mts': `${typescript}export function typed(n: number): number { return Kind.A + new Point(n).x }`,
      'cjs.cjs': 'exports.cjs = function cjs() { return 1 }',
      'cts.cts': `${typescript}exports.cts = function cts(n: number): number { return Kind.A + new Point(n).x }`,
      'only-ts.ts': 'export function onlyTs(n: number) { return n }',
      'view.tsx': `${classicJsx}\nexport function view() { return <div/> }`,
      'node_modules/other/index.js': 'module.exports = function other() { return 1 }',
    }
    expect(await start(files, 'main.mjs')).toEqual({
      own: [true, null],
      esm: [true, 1],
      byType: [true, 1],
      typed: [true, 41],
      cjs: [true, 1],
      cts: [true, 41],
      onlyTs: [true, 1],
      view: [true, { tag: 'div' }],
      bySyntax: [true, 1],
      other: [false, 1],
      later: [true, 1],
    })
  })

  test('instruments CommonJS and what it requires', async () => {
    const files = {
      'main.cjs': `const { cjs } = require('./cjs'); const { typed } = require('./typed.ts'); const { cts } = require('./cts.cts')
        const { mts } = require('./mts.mts'); const { esm } = require('./esm.mjs'); const { onlyTs } = require('./only-ts.js')
        const { view } = require('./view.jsx'); const traced = require('traced'); const other = require('other'); ${is}
        function own() {}
        const marks = { own, cjs, typed, cts, mts, esm, onlyTs, view, traced, other }
        for (const name in marks) marks[name] = [is(marks[name]), marks[name](1)]
        console.log(JSON.stringify({ ...marks, main: require.main === module, cached: './cjs.js' in require.cache || Object.keys(require.cache).length > 3,
          children: module.children.length }))`,
      'cjs.js': 'exports.cjs = function cjs() { return 1 }',
      'typed.ts': `${typescript}exports.typed = function typed(n: number): number { return Kind.A + new Point(n).x }`,
      'cts.cts': `${typescript}exports.cts = function cts(n: number): number { return Kind.A + new Point(n).x }`,
      'mts.mts': `${typescript}export function mts(n: number): number { return Kind.A + new Point(n).x }`,
      'esm.mjs': 'export function esm() { return 1 }',
      'only-ts.ts': 'exports.onlyTs = function onlyTs(n: number) { return n }',
      'view.jsx': `${classicJsx}\nexports.view = function view() { return <div/> }`,
      'node_modules/traced/index.js': 'module.exports = function traced() { return 1 }',
      'node_modules/other/index.js': 'module.exports = function other() { return 1 }',
    }
    expect(await start(files, 'main.cjs', { FRONTRUN_TRACE_PACKAGES: 'tra*' })).toEqual({
      own: [true, null],
      cjs: [true, 1],
      typed: [true, 41],
      cts: [true, 41],
      mts: [true, 41],
      esm: [true, 1],
      onlyTs: [true, 1],
      view: [true, { tag: 'div' }],
      traced: [true, 1],
      other: [false, 1],
      main: true,
      cached: true,
      children: 9,
    })
  })

  test('stack traces show the original lines', async () => {
    const source = `interface Unused {\n  a: string\n}\n${typescript}export function fail(kind: Kind): never {\n  throw new Error(String(kind))\n}\n`
    const files = {
      'main.mjs': `import { fail } from './fail.mts'; import { createRequire } from 'node:module'
        const require = createRequire(import.meta.url)
        const lines = [fail, require('./fail.cts').fail].map(fail => { try { fail(1) } catch (error) { return error.stack.split('\\n')[1] } })
        console.log(JSON.stringify(lines))`,
      'fail.mts': source,
      'fail.cts': `${source.replace('export ', '')}exports.fail = fail\n`,
    }
    const lines = await start(files, 'main.mjs')
    expect(lines[0]).toMatch(/fail\.mts:7:9\)$/)
    expect(lines[1]).toMatch(/fail\.cts:7:9\)$/)
  })

  test.each([
    ['module', 'import fs from "node:fs"', 'undefined'],
    ['commonjs', 'const fs = require("node:fs")', 'object'],
    ['', 'import fs from "node:fs"', 'undefined'],
    ['', 'const fs = require("node:fs")', 'object'],
    ['', 'import type { Stats } from "node:fs"; const fs = require("node:fs")', 'object'],
  ])('a TypeScript entry point in a package of type %j beginning with %j', async (type, first, typeOfModule) => {
    const files = {
      'package.json': type === '' ? '{}' : JSON.stringify({ type }),
      'main.ts': `${first};${is} ${typescript}function own(n: number) { return n }
        console.log(JSON.stringify([is(own), Kind.A, new Point(2).x, typeof fs.readFileSync, typeof module]))`.replace(
        isInstrumented,
        `(${isInstrumented.replace('f =>', '(f: unknown) =>')})`,
      ),
    }
    expect(await start(files, 'main.ts')).toEqual([true, 40, 2, 'function', typeOfModule])
  })

  test('leaves an entry point of another extension, or none, a CommonJS program', async () => {
    const program = `${is} const { lib } = require('./lib.js'); console.log(JSON.stringify([is(lib), require.main === module]))`
    const files = {
      'with space/tool': program,
      'with space/tool.script': program,
      'with space/lib.js': 'exports.lib = function () {}',
    }
    expect(await start(files, 'with space/tool')).toEqual([true, true])
    expect(await start(files, 'with space/tool.script')).toEqual([true, true])
  })

  test('what it instruments can be explored', async () => {
    const files = {
      'main.ts': `import { exploreDpor } from '${new URL('../../dist/index.js', import.meta.url).href}'
        class Counter { constructor(public n = 0) {}
          async add() { const n = this.n; await null; this.n = n + 1 } }
        const add = (counter: Counter) => counter.add()
        const result = await exploreDpor({ setup: () => new Counter(), tasks: [add, add], invariant: counter => counter.n === 2 })
        console.log(JSON.stringify([result.propertyHolds, result.failureKind, /main\\.ts:3 +.*const n = this\\.n/.test(result.explanation)]))`,
      'package.json': '{"type":"module"}',
    }
    expect(await start(files, 'main.ts')).toEqual([false, 'invariant', true])
  })

  test('instruments worker threads', async () => {
    const files = {
      'main.mjs': `import { Worker } from 'node:worker_threads'
        new Worker(new URL('./worker.mjs', import.meta.url), { env: {} }).on('message', text => console.log(text))`,
      'worker.mjs': `import { parentPort } from 'node:worker_threads'; import { lib } from './lib.mjs'; ${is}
        parentPort.postMessage(JSON.stringify(lib()))`,
      'lib.mjs': 'export function lib() { return 1 }',
    }
    expect(await start(files, 'main.mjs')).toBe(1)
  })

  test('what is wrong with a file is said as Node says it', async () => {
    const files = {
      'bad.mjs': 'const a = 1\nconst b = ;\n',
      'bad.cjs': 'const a = 1\nconst b = ;\n',
      'bad.mts': 'const a: number = 1\nconst b: number = ;\n',
      'missing.mjs': "import './not-there.js'",
      'missing.cjs': "require('./not-there.js')",
    }
    const cwd = writeProject(files)
    const results = await Promise.all(
      Object.keys(files).map(async name => (await run(node, ['--import', registerUrl, name], { cwd })).stderr),
    )
    const [esm, cjs, mts, missingEsm, missingCjs] = results
    expect(esm).toMatch(/bad\.mjs:2\n[\s\S]*SyntaxError: Unexpected token ';'/)
    expect(cjs).toMatch(/bad\.cjs:2\n[\s\S]*SyntaxError: Unexpected token ';'/)
    expect(mts).toMatch(/SyntaxError/)
    expect(mts).toMatch(/bad\.mts[\s\S]*const b: number = ;/)
    expect(missingEsm).toMatch(/ERR_MODULE_NOT_FOUND[\s\S]*not-there\.js/)
    expect(missingCjs).toMatch(/MODULE_NOT_FOUND/)
  })
})
