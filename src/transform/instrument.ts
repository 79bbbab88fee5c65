import { assignmentVisitors } from './assignment.js'
import { callVisitors } from './calls.js'
import { classVisitors } from './classes.js'
import { type Code, piece, sizeOf } from './code.js'
import { Context, Frame, NO_ALIASES } from './context.js'
import { expressionVisitors } from './expressions.js'
import { File, type Visitor } from './file.js'
import { loopVisitors } from './loops.js'
import { chooseNames } from './names.js'
import { type Language, languageOf, parse } from './parse.js'
import { isInstrumented, preludeOffset, renderPrelude } from './prelude.js'
import { ScopeWalk } from './scope-walk.js'
import { composeMaps, LineTable, printWithMap, type RawSourceMap } from './source-map.js'
import { statementVisitors } from './statements.js'
import { stripTypes } from './strip-types.js'

export interface InstrumentOptions {
  /** Module system of the text. Default: by the extension of the file name, else by whether it has import or export. */
  format?: 'module' | 'commonjs'
  /** Default: by the extension of the file name. */
  lang?: Language
  /** Specifier of the module that installs the runtime, imported or required by the prelude. Default: none, the runtime is there already. */
  runtime?: string
  /** Map from `source` to what it was made from; the returned map then leads to that. */
  inputMap?: RawSourceMap | string
  /** Default true: types stay, a later stage strips them. False: they are stripped here. */
  keepTypes?: boolean
}

export interface Instrumented {
  code: string
  map: RawSourceMap
  /** Functions left native or recorded in place, and why. */
  native: { line: number; reason: string }[]
}

/** Output over input above which inner functions lose their written form. */
const MAX_GROWTH = 20
/** Files so small that their growth doesn't matter. */
const SMALL = 10_000

const visitors: Readonly<Record<string, Visitor>> = {
  ...statementVisitors,
  ...loopVisitors,
  ...expressionVisitors,
  ...callVisitors,
  ...assignmentVisitors,
  ...classVisitors,
}

/**
 * Compiles a source text so that its functions can be explored. Pure: no state, no I/O.
 * A text that doesn't parse is returned as it is, for its error to be reported by whoever runs it; so is one that
 * is instrumented already.
 *
 * @example
 * const { code, map } = instrument('export const f = async () => 1', '/app/f.js', { format: 'module' })
 */
export function instrument(source: string, id: string, options: InstrumentOptions = {}): Instrumented {
  const lines = new LineTable(source)
  const lang = options.lang ?? languageOf(id)
  if (isInstrumented(source)) return unchanged(source, id, lines, options, [])
  const parsed = parse(source, id, lang, options.format)
  if (parsed.error !== undefined) return unchanged(source, id, lines, options, [{ line: 1, reason: parsed.error }])
  const strict =
    parsed.module || parsed.program.body.some((each: { directive?: string }) => each.directive === 'use strict')
  const { result: scopes } = new ScopeWalk(parsed.program, strict)
  const names = chooseNames(source)
  let file = new File(source, parsed, scopes, names, lines, visitors)
  let rendered = renderFile(file, id, options.runtime)
  // Deeply nested bundles: each level of functions adds a copy of what is inside.
  for (let depth = 4; depth > 0 && sizeOf(rendered) > MAX_GROWTH * (source.length + SMALL); depth--) {
    file = new File(source, parsed, scopes, names, lines, visitors, depth)
    rendered = renderFile(file, id, options.runtime)
  }
  let { code, map } = printWithMap(rendered, source, id, lines)
  if (options.keepTypes === false && (lang === 'ts' || lang === 'tsx'))
    ({ code, map } = stripTypes(code, map, id, lang))
  if (options.inputMap) map = composeMaps(map, options.inputMap)
  return { code, map, native: file.native }
}

function renderFile(file: File, id: string, runtime: string | undefined): Code {
  const { program } = file.parsed
  const context = new Context(file, {
    mode: 'written',
    tidy: false,
    only: false,
    aliases: NO_ALIASES,
    frame: new Frame(file.names.prefix),
    info: file.scopes.module.owner,
    inTry: false,
  })
  const offset = preludeOffset(file)
  const body: Code[] = []
  let at = offset
  for (const statement of program.body) {
    if (statement.directive) continue
    const start = Math.min(statement.start, statement.declaration?.decorators?.[0]?.start ?? statement.start)
    body.push(
      piece(at, start),
      start < statement.start ? file.decorated(statement, start, context) : context.render(statement),
      file.imports.besides.get(statement) ?? '',
    )
    at = statement.end
  }
  body.push(piece(at, file.source.length))
  const directive = program.body[0]?.directive !== undefined ? ';' : ''
  return [piece(0, offset), directive, renderPrelude(file, id, runtime), body]
}

function unchanged(
  source: string,
  id: string,
  lines: LineTable,
  options: InstrumentOptions,
  native: Instrumented['native'],
): Instrumented {
  const { code, map } = printWithMap(piece(0, source.length), source, id, lines)
  return { code, map: options.inputMap ? composeMaps(map, options.inputMap) : map, native }
}
