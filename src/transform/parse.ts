import { type Comment, type ParserOptions, parseSync, visitorKeys } from 'oxc-parser'

/** An ESTree / TS-ESTree node. Offsets are UTF-16. The shape beyond these three fields depends on `type`. */
export interface Node {
  type: string
  start: number
  end: number
  // biome-ignore lint/suspicious/noExplicitAny: the visitors are written against ESTree, one node type each
  [key: string]: any
}

export interface Parsed {
  program: Node
  comments: readonly Comment[]
  module: boolean
  /** First message of the parser when the text can't be trusted to mean what the tree says. */
  error?: string
}

export type Language = 'js' | 'jsx' | 'ts' | 'tsx'

/** The language a file name stands for. `.js` may contain JSX. */
export function languageOf(id: string): Language {
  const extension = /\.([cm]?[jt]sx?)(?:[?#].*)?$/.exec(id)?.[1] ?? 'js'
  if (extension === 'tsx') return 'tsx'
  if (extension.includes('t')) return 'ts'
  return 'jsx'
}

/** The only place that knows the parser. */
export function parse(source: string, id: string, lang: Language, format?: 'module' | 'commonjs'): Parsed {
  const run = (sourceType: ParserOptions['sourceType']) =>
    parseSync(`file.${lang}`, source, { lang, sourceType, preserveParens: true, astType: 'ts' })
  let result = run(format ?? formatOf(id) ?? 'unambiguous')
  if (!format && !formatOf(id) && !result.module.hasModuleSyntax) {
    const commonjs = run('commonjs')
    if (!commonjs.errors.length || result.errors.length) result = commonjs
  }
  const program = result.program as unknown as Node
  const typed = lang === 'ts' || lang === 'tsx'
  // TypeScript's own rules are reported as errors though the tree is whole; a fatal error leaves an empty tree.
  const fatal = result.errors.length > 0 && (!typed || program.body.length === 0)
  return {
    program,
    comments: result.comments,
    module: program.sourceType === 'module',
    error: fatal ? result.errors[0].message : undefined,
  }
}

function formatOf(id: string): 'module' | 'commonjs' | undefined {
  if (/\.m[jt]s(?:[?#].*)?$/.test(id)) return 'module'
  if (/\.c[jt]s(?:[?#].*)?$/.test(id)) return 'commonjs'
  return undefined
}

/** Child nodes in source order, types included. */
export function children(node: Node): Node[] {
  const found: Node[] = []
  for (const key of visitorKeys[node.type] ?? []) {
    const value = node[key]
    if (!value) continue
    if (Array.isArray(value)) {
      for (const item of value) if (item) found.push(item)
    } else found.push(value)
  }
  for (let i = 1; i < found.length; i++)
    if (found[i].start < found[i - 1].start) return found.sort((a, b) => a.start - b.start)
  return found
}
