/**
 * `npm run suites -- <folder> [--runs=n] [--trace=packages] [-- command]`: a package's own tests, in a checkout with its
 * dependencies installed: as they are, instrumented with no exploration, and each test as the only task of one. Prints
 * what passed, and what the instrumented forms take: processor time with the loading of frontrun and the instrumenting in it.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Commands that differ from the packages' own, which type-check, lint or measure coverage as well. */
const commands = {
  co: 'node node_modules/mocha/bin/_mocha',
  'async-mutex':
    'node node_modules/mocha/bin/mocha.js --no-config --ui tdd build/test/mutex.js build/test/semaphore.js build/test/tryAcquire.js build/test/withTimeout.js',
  '@supercharge/promise-pool': 'node node_modules/uvu/bin.js',
  'p-limit': 'node node_modules/ava/entrypoints/cli.mjs',
  'p-map': 'node node_modules/ava/entrypoints/cli.mjs',
  'p-queue': 'node --test build/test/priority-queue.js build/test/rate-limit.js build/test/debug.js',
  async:
    'node node_modules/mocha/bin/_mocha --no-config --no-opts --require ./build/test/support/setup.js --ui bdd build/test/*.js build/test/es2017/*.js',
}
/** A library that fakes time has to be part of what is explored. */
const traced = { 'async-mutex': '@sinonjs/*' }

const [options, command] = split(process.argv.slice(2))
const folder = resolve(options.find(option => !option.startsWith('--')) ?? '.')
const { name, scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const line = command.join(' ') || commands[name] || scripts?.test
const trace = given('trace') ?? traced[name] ?? ''
const runs = Number(given('runs') ?? 1)
const dist = process.env.FRONTRUN_DIST ?? new URL('../dist/', import.meta.url).href
if (line === undefined) throw new Error(`${name} has no test script: give the command after --`)
if (!existsSync(new URL('integrations/register.js', dist))) throw new Error('build first: npm run build')

const register = `--import=${dist}integrations/register.js`
const forms = {
  plain: [],
  instrumented: [register],
  'as tasks': [register, `--import=${new URL('suite-as-tasks.mjs', import.meta.url).href}`],
}

console.log(`${name}: ${line}`)
let plain
for (const [form, flags] of Object.entries(forms)) {
  const measured = Array.from({ length: runs }, () => run(flags))
  const { passed, failed } = measured.at(-1)
  const seconds = median(measured.map(each => each.seconds))
  const cpu = median(measured.map(each => each.cpu))
  plain ??= { seconds, cpu }
  const ratios = `${seconds.toFixed(1)} s (× ${(seconds / plain.seconds).toFixed(2)}), processor ${cpu.toFixed(2)} s (× ${(cpu / plain.cpu).toFixed(2)})`
  console.log(`  ${form.padEnd(14)} ${passed} passed, ${failed} failed, ${ratios}`)
  if (failed > 0) for (const title of measured.at(-1).failures) console.log(`      ${title}`)
}

function run(flags) {
  const scratch = mkdtempSync(join(tmpdir(), 'frontrun-suite-'))
  const usage = join(scratch, 'usage')
  const started = performance.now()
  const { stdout, stderr } = spawnSync(line, {
    shell: true,
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: {
      ...process.env,
      NO_COLOR: '1',
      FRONTRUN_TRACE_PACKAGES: trace,
      FRONTRUN_DIST: dist,
      NODE_OPTIONS: [process.env.NODE_OPTIONS ?? '', ...flags, `--import=${usageMeter(usage)}`].join(' ').trim(),
    },
  })
  const seconds = (performance.now() - started) / 1000
  const times = existsSync(usage) ? readFileSync(usage, 'utf8').trim().split('\n').map(Number) : []
  rmSync(scratch, { recursive: true })
  return { seconds, cpu: times.reduce((sum, time) => sum + time, 0) / 1e6, ...counts(stdout + stderr) }
}

/** A module that notes a process's processor time when it ends. */
function usageMeter(file) {
  const source = `import{appendFileSync as a}from"node:fs";import{isMainThread as m}from"node:worker_threads";
if(m)process.on("exit",()=>{const{user,system}=process.cpuUsage();a(${JSON.stringify(file)},user+system+"\\n")})`
  return `data:text/javascript,${encodeURIComponent(source)}`
}

/** Reads what mocha, uvu, ava, node:test and others print at the end. */
function counts(output) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the frameworks' colours
  const text = output.replace(/\u001b\[[0-9;]*m/g, '')
  /** The sum of what the first pattern that occurs has found; one each where it finds no number. */
  const number = patterns => {
    for (const pattern of patterns) {
      const found = [...text.matchAll(pattern)]
      if (found.length > 0) return found.reduce((sum, match) => sum + Number(match[1] ?? 1), 0)
    }
    return 0
  }
  return {
    passed: number([
      /^# pass (\d+)$/gm,
      /^\s*Passed:\s+(\d+)/gm,
      /^\s*(\d+) passing\b/gm,
      /^\s*(\d+) tests? passed$/gm,
      /^\s+✔ /gm,
    ]),
    failed: number([
      /^# fail (\d+)$/gm,
      /^\s*(\d+) failing\b/gm,
      /^\s*(\d+) tests? failed$/gm,
      /^\s*(\d+) tests? remained pending/gm,
    ]),
    failures: [...text.matchAll(/^\s+\d+\) .*(?:\n\s+.*){0,3}:$|^\s*✘ .*$|^not ok .*$/gm)].map(([title]) =>
      title.trim().replace(/\s*\n\s*/g, ' › '),
    ),
  }
}

function split(args) {
  const at = args.indexOf('--')
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)]
}

function given(option) {
  return options.find(each => each.startsWith(`--${option}=`))?.slice(option.length + 3)
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]
}
