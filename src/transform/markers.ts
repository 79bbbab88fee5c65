import { children, type Node, type Parsed } from './parse.js'
import type { LineTable } from './source-map.js'

const MARKER = /^\s*\*?\s*frontrun:\s*(\S.*?)\s*$/
const STATEMENT = /(?:Statement|Declaration)$/

/**
 * The markers (`// frontrun: name`) by the statement they gate: the one on the marker's line or, when the marker is alone
 * on its line, the next one.
 */
export function findMarkers(parsed: Parsed, source: string, lines: LineTable): Map<Node, string[]> {
  const found = new Map<Node, string[]>()
  if (!source.includes('frontrun:')) return found
  for (const comment of parsed.comments) {
    const name = MARKER.exec(comment.value)?.[1]
    if (name === undefined) continue
    const gate = gated(parsed.program, comment, source, lines)
    if (!gate) continue
    const names = found.get(gate)
    if (names) names.push(name)
    else found.set(gate, [name])
  }
  return found
}

function gated(
  program: Node,
  comment: { start: number; end: number },
  source: string,
  lines: LineTable,
): Node | undefined {
  const line = lines.at(comment.start).line
  const around: Node[] = []
  let inside: Node | undefined = program
  while (inside) {
    around.push(inside)
    inside = children(inside).find(child => child.start <= comment.start && child.end >= comment.end)
  }
  const innermost = around[around.length - 1]
  const statements = children(innermost).filter(child => STATEMENT.test(child.type) && child.type !== 'BlockStatement')
  const enclosing = around.filter(node => STATEMENT.test(node.type) && node.type !== 'BlockStatement')
  const alone = source.slice(source.lastIndexOf('\n', comment.start) + 1, comment.start).trim() === ''
  const next = statements.find(node => node.start >= comment.end)
  if (alone) return next ?? enclosing.at(-1)
  const onLine = (node: Node) => lines.at(node.start).line === line || lines.at(node.end - 1).line === line
  return (
    statements.find(node => node.start < comment.start && onLine(node)) ??
    enclosing.find(node => lines.at(node.start).line === line) ??
    (next && onLine(next) ? next : undefined) ??
    enclosing.at(-1)
  )
}
