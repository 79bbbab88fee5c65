import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { languageOf, type ModuleFormat, readIfPresent } from './module-format.js'
import { toolchain } from './toolchain.js'

interface SourceMapLike {
  sources: (string | null)[]
  sourceRoot?: string
}

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
  try {
    const inputMap = existingSourceMap(source, path)
    const { code, map } = toolchain().instrument(source, path, { format, lang, runtime, inputMap, keepTypes: false })
    return withInlineMap(code, map, path)
  } catch {
    if (lang === 'js') return undefined
    const { code, map, errors } = toolchain().transformSync(path, source, { lang, sourcemap: true })
    return errors.length > 0 || map === undefined ? undefined : withInlineMap(code, map, path)
  }
}

/** What is wrong with TypeScript or JSX that this Node can't report itself, since it can't read the language. */
export function syntaxError(source: string, path: string): SyntaxError | undefined {
  const [first] = toolchain().transformSync(path, source, { lang: languageOf(path) }).errors
  return first && new SyntaxError(`${first.message}\n${pathToFileURL(path)}\n${first.codeframe ?? ''}`)
}

function withInlineMap(code: string, map: SourceMapLike, path: string): string {
  const sources = map.sources.map(source => sourceUrl(`${map.sourceRoot ?? ''}${source ?? ''}`, path))
  const text = JSON.stringify({ ...map, sourceRoot: undefined, sources })
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(text).toString('base64')}\n`
}

function sourceUrl(source: string, path: string): string {
  if (/^[a-z][a-z+.-]+:/.test(source)) return source
  return new URL(source.split('/').map(encodeURIComponent).join('/'), pathToFileURL(`${dirname(path)}/`)).href
}

/** The map of code that is compiled already (a project's `dist`, or what tsx hands on): traces then show its source. */
function existingSourceMap(source: string, path: string): string | undefined {
  const at = source.lastIndexOf('//# sourceMappingURL=')
  if (at < 0) return undefined
  const [url] = source.slice(at + '//# sourceMappingURL='.length).split(/\s/, 1)
  const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(url)
  if (inline) return inline[1] ? Buffer.from(inline[2], 'base64').toString() : decodeURIComponent(inline[2])
  if (url.includes('://')) return undefined
  return readIfPresent(fileURLToPath(new URL(url, pathToFileURL(path))))
}
