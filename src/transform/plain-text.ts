/**
 * What `toString` of an instrumented function has to give: its text without instrumentation and without types. Programs
 * read parameter names off it (fixtures, dependency injection) and evaluate it elsewhere (workers, pages, sandboxes).
 */
import type { File } from './file.js'
import { isType, isTypedWrapper } from './nodes.js'
import { children, type Node } from './parse.js'

export interface PlainText {
  /** The file with its types blanked: every offset is the source's. */
  text: string
  /** Site, start, end of each instrumented function. */
  spans: number[]
}

const UNTRANSLATABLE = new Set([
  'TSEnumDeclaration',
  'TSModuleDeclaration',
  'TSParameterProperty',
  'TSExportAssignment',
])

export function plainText(file: File): PlainText {
  const { source, parsed } = file
  const blanks: [start: number, end: number][] = []
  const untranslatable: number[] = []
  const members: [site: number, start: number, end: number][] = []
  const blank = (start: number, end: number): void => {
    if (start < end) blanks.push([start, end])
  }

  const visit = (node: Node, parent: Node): void => {
    if (isType(node) || node.declare) return blank(node.start, node.end)
    if (UNTRANSLATABLE.has(node.type)) untranslatable.push(node.start)
    const site = file.heads.get(node)
    if (site !== undefined) {
      const [start, end] = isMember(parent, node) ? [memberStart(parent), parent.end] : [node.start, node.end]
      members.push([site, start, end])
    }
    if (isTypedWrapper(node)) {
      blank(node.start, node.expression.start)
      blank(node.expression.end, node.end)
    } else if (node.type === 'Identifier') {
      if (node.typeAnnotation || node.optional) blank(nameEnd(node), node.end)
      return
    } else if (node.type === 'ObjectPattern' || node.type === 'ArrayPattern') {
      if (node.optional) blank(source.lastIndexOf('?', node.typeAnnotation?.start ?? node.end), node.end)
    } else if (/^(Method|Property)Definition$|^AccessorProperty$/.test(node.type)) blankModifiers(node)
    else if (node.implements?.length) blank(headEnd(node), node.body.start)
    const [first, second]: Node[] = node.params ?? []
    if (first?.type === 'Identifier' && first.name === 'this') {
      blank(first.start, second?.start ?? source.indexOf(')', first.end))
    }
    for (const child of children(node)) visit(child, node)
  }

  const nameEnd = (node: Node): number => {
    const name = /(?:[\p{ID_Continue}$]|\\u(?:\{[0-9a-fA-F]+\}|[0-9a-fA-F]{4}))+/uy
    name.lastIndex = Math.max(node.start, ...(node.decorators ?? []).map((each: Node) => each.end))
    while (/\s/.test(source[name.lastIndex] ?? '')) name.lastIndex++
    const start = name.lastIndex
    return start + (name.exec(source)?.[0].length ?? node.name.length)
  }

  const decoratorsEnd = (node: Node): number =>
    Math.max(node.start, ...(node.decorators ?? []).map((each: Node) => each.end))

  const blankModifiers = (node: Node): void => {
    const start = decoratorsEnd(node)
    const head = source.slice(start, node.key.start)
    for (const word of head.matchAll(/\b(?:public|private|protected|readonly|override|abstract|declare)\b/g))
      blank(start + word.index, start + word.index + word[0].length)
    if (!node.optional && !node.definite) return
    const mark = source.slice(node.key.end).search(/[?!]/)
    if (mark >= 0) blank(node.key.end + mark, node.key.end + mark + 1)
  }

  const headEnd = (node: Node): number =>
    [node.superTypeArguments, node.superClass, node.typeParameters, node.id].find(Boolean)?.end ?? node.start + 5

  /** Where the text of a method begins: after decorators, modifiers and `static`. */
  const memberStart = (member: Node): number => {
    const start = decoratorsEnd(member)
    const modifiers = /(?:\s*\b(?:public|private|protected|override|static)\b)*\s*/y
    modifiers.lastIndex = start
    return member.type === 'Property'
      ? start
      : Math.min(member.key.start, start + (modifiers.exec(source)?.[0].length ?? 0))
  }

  for (const statement of parsed.program.body) visit(statement, parsed.program)
  const spans = members.filter(([, start, end]) => !untranslatable.some(at => start <= at && at < end))
  return { text: blanked(source, blanks), spans: spans.flat() }
}

const isMember = (parent: Node, node: Node): boolean =>
  parent.value === node &&
  (parent.type === 'MethodDefinition' ||
    (parent.type === 'Property' && (parent.method || parent.kind === 'get' || parent.kind === 'set')))

function blanked(source: string, blanks: [number, number][]): string {
  let text = ''
  let at = 0
  for (const [start, end] of blanks.sort(([one], [other]) => one - other)) {
    if (end <= at) continue
    const from = Math.max(start, at)
    text += source.slice(at, from) + source.slice(from, end).replace(/[^\r\n]/g, ' ')
    at = end
  }
  return text + source.slice(at)
}
