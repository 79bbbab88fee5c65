/**
 * Runs test262, the conformance suite of ECMAScript, three ways on one Node: as it is, instrumented with no exploration
 * under way, and instrumented as the only task of an exploration. Lists where the outcomes differ, and why.
 *
 *   npm run test262 -- <folder of a test262 checkout> [--filter=text] [--jobs=2] [--json=file] [--shard=1/4] [--table] [--all]
 */
import { fork } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BUNDLE, bundleRuntime } from './test262/in-realm.mjs'
import { selectTests } from './test262/selection.mjs'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    filter: { type: 'string', multiple: true },
    jobs: { type: 'string', default: String(Math.min(cpus().length, 8)) },
    shard: { type: 'string' },
    json: { type: 'string' },
    table: { type: 'boolean' },
  },
})
const [suite] = positionals
if (suite === undefined || !existsSync(join(suite, 'harness', 'assert.js'))) {
  console.error(
    'usage: npm run test262 -- <folder of a test262 checkout> [--filter=text] [--jobs=2] [--shard=1/4] [--json=file] [--table]',
  )
  process.exit(2)
}
const tests = selectTests(suite, values)

/** Milliseconds that one test may take in all ways and modes together. */
const TIME_OUT = 20_000
const MEMORY = 400e6
process.env[BUNDLE] = join(mkdtempSync(join(tmpdir(), 'frontrun-test262-')), 'frontrun.js')
writeFileSync(process.env[BUNDLE], await bundleRuntime())
const results = []
let next = 0
let done = 0
let reported = Date.now()

function work() {
  return new Promise(resolve => {
    let worker
    let timer
    let path
    const start = () => {
      worker = fork(new URL('./test262/worker.mjs', import.meta.url), [suite], {
        execArgv: ['--no-warnings', '--experimental-vm-modules', '--expose-gc'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      worker.on('message', finish)
      worker.on('exit', crashed)
    }
    const stop = () => {
      worker.off('exit', crashed)
      worker.kill('SIGKILL')
    }
    const proceed = () => {
      path = tests[next++]
      if (path === undefined) {
        stop()
        return resolve()
      }
      timer = setTimeout(() => {
        stop()
        results.push(broken(path, 'timed out'))
        start()
        proceed()
      }, TIME_OUT)
      worker.send(path)
    }
    const finish = ({ results: found, broken: error, memory }) => {
      clearTimeout(timer)
      results.push(...(found ?? [broken(path, error)]))
      progress()
      if (memory > MEMORY) {
        stop()
        start()
      }
      proceed()
    }
    const crashed = (code, signal) => {
      clearTimeout(timer)
      results.push(broken(path, `the process ended (${signal ?? code})`))
      start()
      proceed()
    }
    start()
    proceed()
  })
}

const broken = (path, error) => ({ path, mode: '-', native: null, inactive: error, explored: error, form: '-' })

function progress() {
  done++
  if (Date.now() - reported < 10_000) return
  reported = Date.now()
  console.error(`${done} of ${tests.length} tests`)
  if (values.json) writeFileSync(values.json, JSON.stringify(results))
}

await Promise.all(Array.from({ length: Number(values.jobs) }, work))
if (values.json) writeFileSync(values.json, JSON.stringify(results))
const passes = way => results.filter(each => each[way] === null).length
console.log(
  `${results.length} runs; native ${passes('native')}, inactive ${passes('inactive')}, explored ${passes('explored')}`,
)
for (const r of results) {
  for (const way of ['inactive', 'explored'])
    if ((r.native === null) !== (r[way] === null))
      console.log(`${way} ${r.mode} ${r.path} ${r.form}\n     native: ${r.native}\n     ours: ${r[way]}`)
}
