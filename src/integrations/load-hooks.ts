import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { instrumentFile, syntaxError } from './instrument-file.js'
import { languageOf, type ModuleFormat, moduleFormat } from './module-format.js'
import { type InstrumentationPolicy, isSourceFile, shouldInstrument } from './policy.js'
import { typescriptNeighbour } from './typescript-neighbour.js'
import { isViteEntry, viteEntrySource } from './vite-entry.js'

/** The parts of Node's module customization hooks that are used here, alike for both ways of registering them. */
export interface LoadContext {
  format?: string | null
  conditions?: readonly string[]
}
export interface Loaded {
  format?: string | null
  source?: string | ArrayBuffer | NodeJS.TypedArray | null
  shortCircuit?: boolean
}
export interface ResolveContext {
  parentURL?: string
}
export interface Resolved {
  url: string
}
type Outcome<T> = { value: T; error?: undefined } | { value?: undefined; error: unknown }

export interface LoadHooks {
  /** What to answer without asking Node at all. */
  before(url: string): Loaded | undefined
  /** What to answer given Node's answer or error. May throw that error. */
  after(url: string, context: LoadContext, outcome: Outcome<Loaded>): Loaded
  resolved(specifier: string, context: ResolveContext, outcome: Outcome<Resolved>): { url: string } | { again: string }
}

/** Node's answers to TypeScript and JSX that it can't read, and oxc can. */
const unreadable = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
])

/**
 * What both kinds of hooks do. ES modules are instrumented here, CommonJS where it is compiled (`commonjs.ts`), since
 * `require` passes by the hooks on Node 20, and since a CommonJS source that a hook returns gets a lesser `require`.
 *
 * @param runtime a specifier that each instrumented module imports first, where the runtime may not be there otherwise
 * @param handedOver told of a module instrumented here that Node will pass to CommonJS's compiler as well
 */
export function createLoadHooks(
  policy: InstrumentationPolicy,
  runtime?: string,
  handedOver: (path: string, code: string) => void = () => {},
): LoadHooks {
  let entry: string | undefined

  function wanted(url: string): string | undefined {
    if (!url.startsWith('file:')) return undefined
    const path = fileURLToPath(url)
    return isSourceFile(path) && shouldInstrument(path, policy) ? path : undefined
  }

  return {
    before: url =>
      isViteEntry(url) ? { format: 'module', source: viteEntrySource(url), shortCircuit: true } : undefined,

    after(url, context, { value: loaded, error }) {
      const path = wanted(url)
      if (path === undefined) {
        if (error === undefined) return loaded as Loaded
        // With hooks, Node starts every program by its ES module loader, which knows fewer extensions than CommonJS.
        if (url === entry && codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION') return commonjsFromDisk()
        throw error
      }
      if (error !== undefined && (languageOf(path) === 'js' || !unreadable.has(codeOf(error) ?? ''))) throw error
      const source = textOf(loaded?.source) ?? readFileSync(path, 'utf8')
      const format = formatOf(loaded?.format, path, source)
      const required = context.conditions?.includes('require') === true && !context.conditions.includes('import')
      if (format === undefined) return loaded as Loaded
      if (format === 'commonjs') {
        if (languageOf(path) === 'js') return loaded as Loaded
        return required ? { format, source, shortCircuit: true } : commonjsFromDisk()
      }
      const code = instrumentFile(source, path, format, runtime)
      if (code === undefined) {
        if (loaded === undefined)
          throw codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION' ? syntaxError(source, path) : error
        return loaded
      }
      if (required) handedOver(path, code)
      return { format, source: code, shortCircuit: true }
    },

    resolved(specifier, context, { value, error }) {
      if (error !== undefined) {
        const again = typescriptNeighbour(specifier, context.parentURL, policy)
        if (again === undefined) throw error
        return { again }
      }
      if (context.parentURL === undefined) entry ??= value?.url
      return value as Resolved
    },
  }
}

/** Leaves reading and compiling to the CommonJS loader. */
function commonjsFromDisk(): Loaded {
  return { format: 'commonjs', source: null, shortCircuit: true }
}

/** Node's format with TypeScript taken as what it will be; undefined for JSON, WebAssembly and the like. */
function formatOf(format: string | null | undefined, path: string, source: string): ModuleFormat | undefined {
  if (format == null || format === 'typescript') return moduleFormat(path, source)
  const [kind] = format.split('-')
  return kind === 'module' || kind === 'commonjs' ? kind : undefined
}

function textOf(source: Loaded['source']): string | undefined {
  if (source == null || typeof source === 'string') return source ?? undefined
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(source)
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code
}
