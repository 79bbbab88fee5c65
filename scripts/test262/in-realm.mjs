/**
 * The built frontrun for a realm: its runtime knows the builtins of the realm it was loaded in, so each realm gets one.
 * As one script, compiled once: loading its modules one by one takes longer than most tests.
 */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { rolldown } from 'rolldown'

const dist = new URL('../../dist/', import.meta.url).href
const PARTS = ['runtime/index', 'runtime/session', 'runtime/scheduler', 'runtime/execution', 'runtime/task']
const ENTRY = 'frontrun-for-a-realm'

/** The source text of a function of `exports`, `require` and a file name. */
async function bundleRuntime() {
  const bundle = await rolldown({
    input: ENTRY,
    platform: 'node',
    external: /^node:/,
    logLevel: 'silent',
    plugins: [
      {
        name: ENTRY,
        resolveId: id => (id === ENTRY ? id : null),
        load: id =>
          id === ENTRY
            ? PARTS.map(part => `export * from ${JSON.stringify(new URL(`${part}.js`, dist).pathname)}`).join('\n')
            : null,
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'cjs', exports: 'named', minify: false })
  await bundle.close()
  return `(function (exports, require, __filename) {${output[0].code}\n})`
}

const script = new Script(await bundleRuntime(), { filename: 'frontrun.js' })

/** Modules whose functions frontrun knows, and which no test of the suite can reach: left empty, for speed. */
const OUT_OF_REACH = new Set(
  ['path', 'assert', 'url', 'querystring', 'os', 'timers', 'timers/promises', 'crypto'].map(name => `node:${name}`),
)
const node = createRequire(import.meta.url)

function requireOf(realm) {
  const require = name => {
    if (OUT_OF_REACH.has(name)) return {}
    if (name === 'node:module') return { createRequire: () => require, syncBuiltinESMExports() {}, builtinModules: [] }
    return name === 'node:events'
      ? { EventEmitter: realm.script('(class {})', 'events.js').runInContext(realm.context) }
      : node(name)
  }
  return require
}

/** Runs frontrun in a realm. */
export function loadRuntime(realm) {
  const exports = {}
  script.runInContext(realm.context)(exports, requireOf(realm), fileURLToPath(new URL('runtime/index.js', dist)))
  return exports
}
