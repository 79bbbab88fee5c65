import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { instrument } from '../../src/transform/index.js'
import { createMiniRuntime, installMiniRuntime } from './mini-runtime.js'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
/** Every n-th file of the installed packages, to keep the run short. ALL=1 takes all of them. */
const SAMPLE = process.env.ALL ? 1 : 40
const MAX_SIZE = process.env.ALL ? 4e6 : 150_000

function* files(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path)
    else if (/(?<!\.d)\.[cm]?[jt]sx?$/.test(entry.name)) yield path
  }
}

test('real files still parse, and do not grow beyond measure', () => {
  const broken: string[] = []
  let read = 0
  let written = 0
  let index = 0
  for (const path of files(modules)) {
    if (index++ % SAMPLE || statSync(path).size > MAX_SIZE) continue
    const source = readFileSync(path, 'utf8')
    const { code, native } = instrument(source, path)
    if (code === source && native.length) continue
    read += source.length
    written += code.length
    const parses = (sourceType: 'module' | 'commonjs') => parseSync(path, code, { sourceType }).errors.length === 0
    if (!parses('commonjs') && !parses('module')) broken.push(path)
  }
  expect(broken).toEqual([])
  expect(read).toBeGreaterThan(10_000)
  expect(written / read).toBeLessThan(12)
})

test('deeply nested functions lose written forms rather than grow without bound, and still work', async () => {
  const filler = 'o.a=o.b+o.c.d(o.e);'.repeat(60)
  const never = `if(false){let o;${filler}}`
  let body = `${never}return n`
  for (let depth = 0; depth < 14; depth++) body = `${never}const f=function(n){${body}};return f(n+1)+${depth}`
  const source = `module.exports=()=>{const n=0;${body}}`
  const { code } = instrument(source, 'deep.cjs')
  expect(code.length / source.length).toBeLessThan(50)
  for (const on of [false, true]) {
    const runtime = createMiniRuntime()
    installMiniRuntime(runtime)
    const module: { exports: () => unknown } = { exports: () => 0 }
    new Function('module', code)(module)
    runtime.on = on
    expect(module.exports()).toBe(14 + 91)
  }
})
