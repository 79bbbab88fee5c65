/**
 * The built frontrun for a realm: its runtime knows the builtins of the realm it was loaded in, so each realm gets one.
 * As one script, compiled once: loading its modules one by one takes longer than most tests.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { rolldown } from 'rolldown'

const dist = new URL('../../dist/', import.meta.url).href
const PARTS = ['runtime/index', 'runtime/session', 'runtime/scheduler', 'runtime/execution', 'runtime/task']
const ENTRY = 'frontrun-for-a-realm'
/** Environment variable: a file that holds the script already. */
export const BUNDLE = 'FRONTRUN_TEST262_BUNDLE'

/** The source text of a function of `exports`, `require` and a file name. */
export async function bundleRuntime() {
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

const code = process.env[BUNDLE] === undefined ? await bundleRuntime() : readFileSync(process.env[BUNDLE], 'utf8')
const script = new Script(code, { filename: 'frontrun.js' })

/** Whether frontrun makes use of a global of Node. */
export const isNeeded = name => new RegExp(`(?<!["'\\w.])${name}\\b`).test(code)

const require = createRequire(import.meta.url)

/** Runs frontrun in a realm. */
export function loadRuntime(realm) {
  const exports = {}
  script.runInContext(realm.context)(exports, require, fileURLToPath(new URL('runtime/index.js', dist)))
  return exports
}
