import Module from 'node:module'
import { pathToFileURL } from 'node:url'
import { instrumentFile } from './instrument-file.js'
import { languageOf, moduleFormat } from './module-format.js'
import { type InstrumentationPolicy, normalizePath, shouldInstrument } from './policy.js'
import { typescriptNeighbour } from './typescript-neighbour.js'

type Compile = (this: unknown, source: string, path: string, format?: string) => unknown
type ResolveFilename = (
  this: unknown,
  request: string,
  parent: { filename?: string } | undefined,
  ...rest: unknown[]
) => string

/** Node's own module class: `_compile` and `_resolveFilename` are what tools have always patched, and Node keeps them. */
const internals = Module as unknown as { prototype: { _compile: Compile }; _resolveFilename: ResolveFilename }

/**
 * Instruments CommonJS where Node compiles it, so on every version `require`, `import` of a CommonJS file and an entry
 * point alike, after any tool that compiles in `require.extensions`.
 *
 * @param ready the code of modules that the load hook instrumented already, by path; `require` of an ES module comes here
 */
export function instrumentCommonJs(policy: InstrumentationPolicy, ready: Map<string, string>): void {
  const compile = internals.prototype._compile
  internals.prototype._compile = function (source, path, format) {
    if (ready.get(path) === source) {
      ready.delete(path)
      return compile.call(this, source, path, format)
    }
    const code = compiled(source, path, format, policy)
    return code === undefined
      ? compile.call(this, source, path, format)
      : compile.call(this, code.source, path, code.format)
  }
}

function compiled(source: string, path: string, given: string | undefined, policy: InstrumentationPolicy) {
  if (!shouldInstrument(path, policy) || /\.(?:json|node|wasm)$/.test(normalizePath(path))) return undefined
  const known = given === 'module' || given === 'commonjs' ? given : undefined
  const format = known ?? (given?.startsWith('module') ? 'module' : moduleFormat(path, source))
  const code = instrumentFile(source, path, format)
  if (code === undefined) return undefined
  // A format that Node left open stays open for JavaScript; what was TypeScript must not be stripped again.
  return { source: code, format: languageOf(path) === 'js' && format === 'commonjs' ? given : format }
}

/** `require('./x.js')` of a file that is there as x.ts only, where `require` passes by the resolve hook. */
export function resolveTypeScriptInRequire(policy: InstrumentationPolicy): void {
  const resolve = internals._resolveFilename
  internals._resolveFilename = function (request, parent, ...rest) {
    try {
      return resolve.call(this, request, parent, ...rest)
    } catch (error) {
      const parentUrl = parent?.filename === undefined ? undefined : pathToFileURL(parent.filename).href
      const found = typescriptNeighbour(request, parentUrl, policy)
      if (found === undefined) throw error
      return resolve.call(this, found, parent, ...rest)
    }
  }
}
