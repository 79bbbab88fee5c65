/**
 * Preload, after frontrun/register: every test of a suite becomes the only task of an exploration, so that the
 * coroutine forms do all the work that the written forms did in the plain run. Its `beforeEach` and `afterEach` hooks
 * (mocha) are part of the task. Knows mocha, uvu, ava and node:test. FRONTRUN_DIST: another build than ../dist.
 */
import Module, { register } from 'node:module'

const dist = process.env.FRONTRUN_DIST ?? new URL('../dist/', import.meta.url).href
const { checkOptions } = await import(`${dist}explore/options.js`)
const { Session } = await import(`${dist}runtime/session.js`)
const { Execution } = await import(`${dist}runtime/execution.js`)
const { Scheduler } = await import(`${dist}runtime/scheduler.js`)
const {
  TaskState: { Ready: READY },
} = await import(`${dist}runtime/task.js`)
const { runtime } = await import(`${dist}runtime/index.js`)

/** When each task last became able to run. */
let moment = 0
const since = new WeakMap()
const { newTask, root, suspend, registerSuspended } = Execution.prototype
for (const [name, make] of Object.entries({ newTask, root }))
  Execution.prototype[name] = function (...args) {
    const task = make.apply(this, args)
    let { state } = task
    since.set(task, ++moment)
    Object.defineProperty(task, 'state', {
      get: () => state,
      set(next) {
        if (next === READY && !registering) since.set(task, ++moment)
        state = next
      },
    })
    return task
  }

/** What a step suspends is looked at when the step ends, last first; who could have gone on at once has waited since then. */
let registering = false
Execution.prototype.suspend = function (task) {
  since.set(task, ++moment)
  return suspend.call(this, task)
}
Execution.prototype.registerSuspended = function () {
  registering = true
  registerSuspended.call(this)
  registering = false
}

/** Whoever became able to run first runs first: the order of the platform's own queue, which some tests rely on. */
class FirstComeFirstServed {
  begin = () => true
  executed() {}
  end() {}
  choose(enabled) {
    const able = new Set(enabled)
    let first
    for (const task of runtime.execution.live)
      if (able.has(task.identity.number) && !(since.get(task) > since.get(first))) first = task
    return first.identity.number
  }
}

/** Explorations can't overlap, tests of ava do. */
let queue = Promise.resolve()

function asTask(run) {
  const result = queue.then(() => runOnce(run))
  queue = result.catch(() => {})
  return result
}

/** One execution, as an exploration runs it. */
async function runOnce(run) {
  const options = checkOptions('suite-as-tasks', {
    setup: () => null,
    tasks: [
      async () => {
        await run()
      },
    ],
    invariant: () => true,
    clock: 'virtual',
    timeoutPerRun: 60_000,
  })
  const session = Session.begin({ seed: 0, virtualTime: true })
  try {
    const scheduler = new Scheduler(runtime, options, options)
    session.adoptModules(scheduler)
    const { failure, blocked, execution } = await scheduler.execute(new FirstComeFirstServed())
    steps += execution.steps
    // The frameworks let unhandled rejections pass, so these do not count here either.
    if (failure?.message.startsWith('unhandled rejection:')) return
    if (failure !== null) throw failure.error ?? new Error(`frontrun: ${failure.kind}: ${failure.message}`)
    if (blocked.length > 0) throw new Error('frontrun: the test waits for something that nobody will bring about')
  } finally {
    session.end()
  }
}

let steps = 0
process.on('exit', () => {
  if (process.env.FRONTRUN_STEPS && steps > 0) process.stderr.write(`suite-as-tasks: ${steps} steps\n`)
})

/** A test body or hook called with a callback for its end, or giving a promise. */
async function settled(body, self, args) {
  if (body.length <= args.length) return body.apply(self, args)
  return new Promise((resolve, reject) => {
    body.call(self, ...args, error => (error ? reject(error) : resolve()))
  })
}

// --- mocha: tests and hooks are globals that appear once its interface is set up --------------------------------------

const bodies = new WeakMap()

function hooksOf(test, list) {
  const hooks = []
  for (let suite = test.parent; suite; suite = suite.parent)
    hooks.unshift(...suite[list].map(hook => bodies.get(hook.fn) ?? hook.fn))
  return hooks
}

function mochaTest(original) {
  const wrapped = function (title, body, ...rest) {
    if (typeof body !== 'function') return original.call(this, title, body, ...rest)
    return original.call(
      this,
      title,
      function () {
        const { test } = this
        // Time is the exploration's: how long the work really takes is no matter of the test.
        this.timeout(0)
        this.timeout = () => this
        return asTask(async () => {
          for (const hook of hooksOf(test, '_beforeEach')) await settled(hook, this, [])
          try {
            await settled(body, this, [])
          } finally {
            for (const hook of hooksOf(test, '_afterEach')) await settled(hook, this, [])
          }
        })
      },
      ...rest,
    )
  }
  return Object.assign(wrapped, original)
}

function mochaHook(original) {
  return function (...args) {
    const body = args.at(-1)
    const nothing = () => {}
    bodies.set(nothing, body)
    return original.call(this, ...args.slice(0, -1), nothing)
  }
}

function whenSet(name, wrap) {
  let value
  Object.defineProperty(globalThis, name, {
    get: () => value,
    set: given => {
      value = typeof given === 'function' ? wrap(given) : given
    },
    configurable: true,
    enumerable: false,
  })
}

for (const name of ['it', 'test', 'specify']) whenSet(name, mochaTest)
for (const name of ['beforeEach', 'setup', 'afterEach', 'teardown']) whenSet(name, mochaHook)

// --- frameworks whose test function is imported ---------------------------------------------------------------------

const around = new Set([
  'before',
  'after',
  'beforeEach',
  'afterEach',
  'run',
  'macro',
  'todo',
  'mock',
  'describe',
  'suite',
])

export function wrapTest(test) {
  return new Proxy(test, {
    apply(target, self, args) {
      return Reflect.apply(
        target,
        self,
        args.map(arg => (typeof arg === 'function' ? testBody(arg) : arg)),
      )
    },
    get(target, name) {
      const value = target[name]
      return typeof value === 'function' && !around.has(name) ? wrapTest(value) : value
    },
  })
}

function testBody(body) {
  return function (...args) {
    return asTask(() => body.apply(this, args))
  }
}

const load = Module._load
const wrappedModules = new Map()
Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest)
  if (request !== 'uvu') return loaded
  if (!wrappedModules.has(loaded)) {
    const suite = (...args) => wrapTest(loaded.suite(...args))
    wrappedModules.set(loaded, { ...loaded, test: wrapTest(loaded.test), suite })
  }
  return wrappedModules.get(loaded)
}

/** Modules whose default export is the test function: stands between them and who imports them. */
const hooks = `
const names = new Map([['ava', ''], ['node:test', 'export * from "node:test";'], ['test', 'export * from "node:test";']])
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context)
  if (!names.has(specifier) || context.parentURL?.includes('as-tasks:') || context.parentURL?.includes('/node_modules/')) return found
  return { url: 'as-tasks:' + specifier + '?' + encodeURIComponent(found.url), shortCircuit: true }
}
export async function load(url, context, next) {
  if (!url.startsWith('as-tasks:')) return next(url, context)
  const [specifier, target] = url.slice('as-tasks:'.length).split('?')
  const from = JSON.stringify(decodeURIComponent(target))
  const source = 'import original from ' + from + '; import { wrapTest } from ${JSON.stringify(import.meta.url)};' +
    'const wrapped = wrapTest(original); export default wrapped;' +
    (specifier === 'ava' ? '' : 'export * from ' + from + '; export { wrapped as test, wrapped as it };')
  return { format: 'module', source, shortCircuit: true }
}`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
