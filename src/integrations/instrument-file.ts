import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import remapping from '@jridgewell/remapping'
import type { RawSourceMap } from '../transform/index.js'
import type { Generated } from './insert-text.js'
import { keepJsxPragmas } from './jsx-pragmas.js'
import { languageOf, type ModuleFormat, readIfPresent } from './module-format.js'
import { toolchain } from './toolchain.js'

type MapInput = Exclude<Parameters<typeof remapping>[0], unknown[]>

/**
 * The code that Node is to run instead of a file's source, its source map inline. TypeScript and JSX come back as
 * JavaScript. Undefined if the file can't be parsed: the caller then hands Node the source, for Node's own error.
 */
export function instrumentFile(
  source: string,
  path: string,
  format: ModuleFormat,
  runtime?: string,
): string | undefined {
  const lang = languageOf(path)
  const instrumented = attemptLoudly(path, () => toolchain().instrument(source, path, { format, lang, runtime }))
  const changed = instrumented !== undefined && instrumented.code !== source
  if (lang === 'js') return changed ? withInlineMap(instrumented, source, path) : undefined
  const compiled =
    (changed ? compile(keepJsxPragmas(instrumented, source), path, format) : undefined) ??
    compile({ code: source }, path, format)
  return compiled && withInlineMap(compiled, source, path)
}

/** TypeScript and JSX to JavaScript. */
function compile({ code, map: earlier }: Partial<Generated> & { code: string }, path: string, format: ModuleFormat) {
  const lang = languageOf(path)
  const options = { lang, sourceType: format, sourcemap: true, cwd: dirname(path) } as const
  const { code: text, map, errors } = toolchain().transformSync(path, code, options)
  if (errors.length > 0 || map === undefined) return undefined
  return {
    // A file whose imports were all of types stays a module for TypeScript; Node, which erases them, sees none.
    code: format === 'commonjs' ? text.replace(/\nexport \{\};\s*$/, '\n') : text,
    map: earlier ? compose(map as MapInput, earlier as MapInput) : (map as RawSourceMap),
  }
}

/** What is wrong with TypeScript or JSX that this Node can't report itself, since it can't read the language. */
export function syntaxError(source: string, path: string): SyntaxError | undefined {
  const [first] = toolchain().transformSync(path, source, { lang: languageOf(path) }).errors
  return first && new SyntaxError(`${first.message}\n${pathToFileURL(path)}\n${first.codeframe ?? ''}`)
}

function withInlineMap({ code, map }: Generated, source: string, path: string): string {
  const earlier = existingSourceMap(source, path)
  const whole = earlier === undefined ? map : compose(map as MapInput, earlier)
  const sources = whole.sources.map(name => sourceUrl(`${whole.sourceRoot ?? ''}${name ?? ''}`, path))
  const text = JSON.stringify({ ...whole, sourceRoot: undefined, sources })
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(text).toString('base64')}\n`
}

function compose(map: MapInput, earlier: MapInput): RawSourceMap {
  let depth = 0
  return JSON.parse(String(remapping(map, () => (depth++ === 0 ? earlier : null))))
}

function sourceUrl(source: string, path: string): string {
  if (/^[a-z][a-z+.-]+:/.test(source)) return source
  return new URL(source.split('/').map(encodeURIComponent).join('/'), pathToFileURL(`${dirname(path)}/`)).href
}

/** The map of code that is compiled already (a project's `dist`, or what tsx hands on): traces then show its source. */
function existingSourceMap(source: string, path: string): MapInput | undefined {
  const at = source.lastIndexOf('//# sourceMappingURL=')
  if (at < 0) return undefined
  const [url] = source.slice(at + '//# sourceMappingURL='.length).split(/\s/, 1)
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(url)
  return attempt(() => {
    if (inline)
      return JSON.parse(inline[1] ? Buffer.from(inline[2], 'base64').toString() : decodeURIComponent(inline[2]))
    const text = readIfPresent(fileURLToPath(new URL(url, pathToFileURL(path))))
    return text === undefined ? undefined : JSON.parse(text)
  })
}

/** A file that is left alone by a defect of ours must not go unnoticed: explorations could not see into it. */
function attemptLoudly<T>(path: string, call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    process.emitWarning(`${path} was not instrumented, by a defect of frontrun: ${String(error)}`, 'FrontrunWarning')
    return undefined
  }
}

/** A file must never be worse off for being instrumented. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch {
    return undefined
  }
}
