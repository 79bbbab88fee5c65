/** The user's own text of a function: what `toString` gives of an instrumented one has the instrumentation in it. */
import { readFileSync } from 'node:fs'
import { runtime } from '../runtime/index.js'
import { children, languageOf, type Node, parse } from '../transform/parse.js'

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'MethodDefinition',
  'Property',
])

export function functionSource(target: Function): string {
  const site = runtime.sites.describe(runtime.siteOf(target))
  const text = Function.prototype.toString.call(target)
  if (site === undefined) return text
  try {
    const source = readFileSync(
      site.file.startsWith('file:') ? new URL(site.file) : site.file.replace(/[?#].*$/, ''),
      'utf8',
    )
    const offset = offsetOf(source, site.line, site.column)
    const found = functionAt(parse(source, site.file, languageOf(site.file)).program, offset)
    return found === undefined ? text : source.slice(found.start, found.end)
  } catch {
    // The file is gone, or was generated: the text we have is better than none.
    return text
  }
}

function offsetOf(source: string, line: number, column: number): number {
  let offset = 0
  for (let at = 1; at < line; at++) offset = source.indexOf('\n', offset) + 1
  return offset + column - 1
}

function functionAt(node: Node, offset: number): Node | undefined {
  if (node.start === offset && FUNCTIONS.has(node.type)) return node
  for (const child of children(node)) {
    if (child.start > offset || child.end <= offset) continue
    const found = functionAt(child, offset)
    if (found !== undefined) return found
  }
  return undefined
}
