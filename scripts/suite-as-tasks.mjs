/**
 * Preload, after frontrun/register: every test of a suite becomes the only task of an exploration, so that the
 * coroutine forms do all the work that the written forms did in the plain run. Its `beforeEach` and `afterEach` hooks
 * (mocha) are part of the task. Knows mocha, uvu, ava and node:test.
 */
import Module, { register } from 'node:module'
import { runOnce } from './suite-runner.mjs'

/** Explorations can't overlap, tests of ava do. */
let queue = Promise.resolve()

function asTask(run) {
  const result = queue.then(() => runOnce(async () => await run()))
  queue = result.catch(() => {})
  return result
}

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
        test.clearTimeout()
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
