/**
 * Runs test262, the conformance suite of ECMAScript, three ways on one Node: as it is, instrumented with no exploration
 * under way, and instrumented as the only task of an exploration. Lists where the outcomes differ, and why.
 *
 *   npm run test262 -- <folder of a test262 checkout> [--filter=text] [--jobs=2] [--json=file] [--shard=1/4] [--again=file] [--table]
 *
 * --again takes the results of a run before (its --json) and runs anew only what differed; --table puts the rates into
 * docs/limits.md. The exit code is 1 if a difference has no known cause.
 */
import { fork, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { differencesOf } from './test262/causes.mjs'
import { BUNDLE, bundleRuntime } from './test262/in-realm.mjs'
import { listDifferences, summary, writeTable } from './test262/report.mjs'
import { selectTests } from './test262/selection.mjs'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    filter: { type: 'string', multiple: true },
    jobs: { type: 'string', default: String(Math.min(cpus().length, 8)) },
    shard: { type: 'string' },
    json: { type: 'string' },
    table: { type: 'boolean' },
    again: { type: 'string' },
  },
})
const [suite] = positionals
if (suite === undefined || !existsSync(join(suite, 'harness', 'assert.js'))) {
  console.error(
    'usage: npm run test262 -- <folder of a test262 checkout> [--filter=text] [--jobs=2] [--shard=1/4] [--json=file] [--table]',
  )
  process.exit(2)
}
const earlier = values.again ? JSON.parse(readFileSync(values.again, 'utf8')) : []
const differed = new Set(earlier.filter(differs).map(each => each.path))
const tests = values.again ? [...differed] : selectTests(suite, values)

/** Milliseconds that one test may take in all ways and modes together. */
const TIME_OUT = 20_000
const MEMORY = 400e6
process.env[BUNDLE] = join(mkdtempSync(join(tmpdir(), 'frontrun-test262-')), 'frontrun.js')
writeFileSync(process.env[BUNDLE], await bundleRuntime())
const results = earlier.filter(each => !differed.has(each.path))
let next = 0
let done = 0
let reported = Date.now()

function work() {
  return new Promise(resolve => {
    let worker
    let timer
    let path
    let stage
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
        results.push(broken(path, 'timed out', stage))
        start()
        proceed()
      }, TIME_OUT)
      worker.send(path)
    }
    const finish = ({ results: found, broken: error, memory, stage: entered }) => {
      if (entered !== undefined) {
        stage = entered
        return
      }
      clearTimeout(timer)
      results.push(...(found ?? [broken(path, error, stage)]))
      progress()
      if (memory > MEMORY) {
        stop()
        start()
      }
      proceed()
    }
    const crashed = (code, signal) => {
      clearTimeout(timer)
      results.push(broken(path, `the process ended (${signal ?? code})`, stage))
      start()
      proceed()
    }
    start()
    proceed()
  })
}

/** The process broke: in the native way, too, if that was what it was doing. */
const broken = (path, error, stage) => ({
  path,
  mode: '-',
  native: stage === 'native' ? error : null,
  inactive: error,
  explored: error,
  form: '-',
})

function differs({ native, inactive, explored }) {
  return (native === null) !== (inactive === null) || (native === null) !== (explored === null)
}

function progress() {
  done++
  if (Date.now() - reported < 10_000) return
  reported = Date.now()
  console.error(`${done} of ${tests.length} tests`)
  if (values.json) writeFileSync(values.json, JSON.stringify(results))
}

await Promise.all(Array.from({ length: Number(values.jobs) }, work))
if (values.json) writeFileSync(values.json, JSON.stringify(results))
const differences = results.flatMap(result => {
  const source = readFileSync(join(suite, 'test', result.path), 'utf8')
  return differencesOf(result, source).map(each => ({ ...result, ...each }))
})
console.log(listDifferences(differences))
console.log(`\n${summary(results, differences)}`)
if (values.table) writeTable(results, differences, revisionOf(suite), selectTests(suite, {}).length)
process.exitCode = differences.some(each => each.cause === undefined) ? 1 : 0

function revisionOf(folder) {
  const { stdout } = spawnSync('git', ['-C', folder, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' })
  return stdout.trim() || '(of unknown revision)'
}
