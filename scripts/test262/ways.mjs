/** The ways in which a test is run. Each gives what happened: null if the test passed, else why not. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { Script } from 'node:vm'
import { instrument } from '../../dist/transform/index.js'
import { firstComeFirstServed } from '../first-come.mjs'
import { loadRuntime } from './in-realm.mjs'
import { EarlyError, Realm } from './realm.mjs'

const COMPLETE = 'Test262:AsyncTestComplete'
/** Turns of the event loop, without anything under way, after which an asynchronous test is given up. */
const PATIENCE = 30

/** Each script of a realm declares its constants in the same scope, so their names have to differ: a comment takes those of the others. */
const taken = number => {
  const names = ['$fr']
  for (let n = 0; n < number; n++) names.push(`$_${n || ''}_fr`)
  return `\n/* ${names.join(' ')} */`
}

/** More than there are harness files. */
const HARNESS = 100

/** A test in one mode. */
export class Test {
  constructor(suite, path, source, frontmatter, mode) {
    this.path = join(suite, 'test', path)
    this.frontmatter = frontmatter
    this.mode = mode
    this.source = mode === 'strict' ? `"use strict";\n${source}` : source
    const { flags, includes } = frontmatter
    const harness = ['assert.js', 'sta.js', ...(flags.has('async') ? ['doneprintHandle.js'] : []), ...includes]
    this.harness = flags.has('raw') ? [] : harness.map(name => join(suite, 'harness', name))
  }

  get isAsync() {
    return this.frontmatter.flags.has('async')
  }
}

/** The instrumented text; what does not parse stays as it is, so that the engine says why. */
function transform(source, path, kind, number = 0) {
  const text = number > 0 ? source + taken(number) : source
  return instrument(text, path, { format: kind === 'module' ? 'module' : 'commonjs', lang: 'js' }).code
}

/** By path, compiled once for all realms: as it is, and instrumented. */
const harness = new Map()

function harnessScripts(path) {
  if (!harness.has(path)) {
    const source = readFileSync(path, 'utf8')
    const compile = code => new Script(code, { filename: path })
    harness.set(path, [compile(source), compile(transform(source, path, 'script', harness.size + 1))])
  }
  return harness.get(path)
}

const asIs = source => source

async function prepare(test, compiled) {
  const realm = new Realm(compiled ? transform : asIs)
  const frontrun = compiled ? loadRuntime(realm) : null
  for (const path of test.harness) harnessScripts(path)[compiled ? 1 : 0].runInContext(realm.context)
  return { realm, frontrun }
}

/** As the platform runs it: instrumented with no exploration under way, or not instrumented. */
export async function runPlainly(test, compiled) {
  const { realm } = await prepare(test, compiled)
  return judge(test, realm, await attempt(() => evaluate(test, realm)))
}

/** The same, in a function: what that changes is not frontrun's doing. */
export async function runWrapped(test) {
  const { realm } = await prepare(test, false)
  return judge(test, realm, await attempt(() => wrapped(test, realm)()))
}

async function evaluate(test, realm) {
  if (test.mode !== 'module') return void realm.run(test.source, test.path)
  const module = await realm.module(test.source, test.path)
  await module.evaluate()
}

/** The code of the test as the body of a function of the realm. */
function wrapped(test, realm) {
  return realm.run(`(function () {${test.source}\n})`, test.path)
}

/**
 * As the only task of an exploration. A script is the body of that task (`wrap`), so that its own statements are run as
 * a coroutine, too; otherwise the task evaluates it, and the functions in it are coroutines.
 */
export async function runExplored(test, wrap, fidelity = 'any') {
  const { realm, frontrun } = await prepare(test, true)
  const { Session, Scheduler, Execution, TaskState, runtime } = frontrun
  let task
  const early = await attempt(async () => {
    if (wrap) task = wrapped(test, realm)
    else if (test.mode === 'module') {
      const module = await realm.module(test.source, test.path)
      task = () => module.evaluate()
    } else {
      const script = realm.script(transform(test.source, test.path, 'script'), test.path)
      task = () => void script.runInContext(realm.context)
    }
  })
  if (early !== null) return judge(test, realm, early)
  if (test.isAsync) task = waiting(realm, task)
  const limits = { fidelity, clock: 'virtual', timeoutPerRun: 8000, deadlockTimeout: 1000, maxSteps: 100_000 }
  const program = { setup: () => null, tasks: [task], invariant: null, unit: 'task' }
  const session = Session.begin({ seed: 0, virtualTime: true, detectors: [] })
  try {
    const scheduler = new Scheduler(runtime, program, limits)
    session.adoptModules(scheduler)
    const { failure, blocked } = await scheduler.execute(
      firstComeFirstServed({ Execution, READY: TaskState.Ready, runtime }),
    )
    return judge(test, realm, thrownBy(failure, blocked))
  } finally {
    session.end()
  }
}

/** The task ends when the test has called $DONE: what it left in the event loop belongs to it. */
function waiting(realm, task) {
  const promiseOf = realm
    .script('(take => new Promise(resolve => take(resolve)))', 'done.js')
    .runInContext(realm.context)
  const done = promiseOf(resolve => {
    realm.onPrint = resolve
  })
  const code = transform('(task, done) => async () => { task(); await done }', 'waiting.js', 'script', HARNESS)
  return realm.script(code, 'waiting.js').runInContext(realm.context)(task, done)
}

/** Nobody reports unhandled rejections to a test, so they don't count here either. */
function thrownBy(failure, blocked) {
  if (failure?.message.startsWith('unhandled rejection:')) return null
  if (failure !== null) return { error: failure.error ?? new Error(`frontrun: ${failure.kind}: ${failure.message}`) }
  return blocked.length > 0 ? { error: new Error('frontrun: the test waits for something that never comes') } : null
}

async function attempt(run) {
  try {
    await run()
    return null
  } catch (error) {
    return { error }
  }
}

async function judge(test, realm, thrown) {
  const { negative } = test.frontmatter
  if (negative) return judgeNegative(negative, thrown)
  if (thrown !== null) return describe(thrown.error)
  if (!test.isAsync) return null
  for (let turns = 0; turns < PATIENCE && realm.printed.length === 0; ) {
    await turn()
    if (!process.getActiveResourcesInfo().includes('Timeout')) turns++
  }
  if (realm.printed.length === 0) return 'the test never called $DONE'
  return realm.printed[0] === COMPLETE ? null : realm.printed[0]
}

function judgeNegative({ phase, type }, thrown) {
  if (thrown === null) return `expected ${type} in phase ${phase}, nothing was thrown`
  const early = thrown.error instanceof EarlyError
  const error = early ? thrown.error.cause : thrown.error
  if (early !== (phase !== 'runtime')) return `expected ${type} in phase ${phase}, got ${describe(error)}`
  return error?.constructor?.name === type || error?.name === type ? null : `expected ${type}, got ${describe(error)}`
}

function describe(error) {
  const at = error instanceof EarlyError ? error.cause : error
  try {
    if (process.env.STACKS) console.log(at?.stack)
    return typeof at === 'object' && at !== null
      ? `${at.constructor?.name ?? at.name}: ${at.message}`
      : `threw ${String(at)}`
  } catch {
    return 'threw something that cannot be printed'
  }
}
