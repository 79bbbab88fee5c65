import { expect, test } from 'vitest'
import { isInstrumented, registerUrl, run, writeProject } from '../support/project.js'

async function start(files: Record<string, string>, entry: string): Promise<unknown> {
  const cwd = writeProject(files)
  const { stdout, stderr } = await run(process.execPath, ['--import', registerUrl, entry], { cwd })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

test('the text of an instrumented function can be evaluated elsewhere', async () => {
  const main = `const vm = require('node:vm')
const is = ${isInstrumented}
function add({ a, b = 2 }) { return (() => a + b)() }
const o = { async go(x) { return x } }
const evaluated = vm.runInNewContext('(' + add + ')({ a: 1 })')
console.log(JSON.stringify([is(add), is(o.go), String(o.go), evaluated, add.toString().includes('$fr')]))`
  expect(await start({ 'main.cjs': main }, 'main.cjs')).toEqual([true, true, 'async go(x) { return x }', 3, false])
})

test('parameter names can be read off a typed function', async () => {
  const main = `const fixture = async ({ page, user = 'x' }: { page: number; user?: string }, done?: () => void) => page
console.log(JSON.stringify(/\\((.*)\\) *=>/.exec(fixture.toString())![1].replace(/ +/g, ' ')))`
  expect(await start({ 'main.mts': main }, 'main.mts')).toBe("{ page, user = 'x' } , done ")
})

test('asking for the text runs nothing of the function, and toString stays what it is otherwise', async () => {
  const main = `let calls = 0
const effect = () => calls++
function kept(a = effect(), b = () => a) { var effect; return b() }
String(kept)
class K { constructor() { calls++ } }
const native = Function.prototype.toString
let error
try { native.call({}) } catch (thrown) { error = thrown.name }
console.log(JSON.stringify([calls, String(Map), native + '', native.name, native.length, error, String(class { a = 1 })]))`
  expect(await start({ 'main.mjs': main }, 'main.mjs')).toEqual([
    0,
    'function Map() { [native code] }',
    'function toString() { [native code] }',
    'toString',
    0,
    'TypeError',
    expect.stringContaining('class { a = 1'),
  ])
})
