import { Blanked } from './blanked.js'
import { isDeclaredOnly, unwrap } from './nodes.js'
import { children, type Node, type Parsed } from './parse.js'
import type { LineTable } from './source-map.js'

/** The trace markers (`// frontrun: name`) of a file. */
export interface Markers {
  /** Names by the statement, or the body of an arrow function, that they gate. */
  readonly before: ReadonlyMap<Node, readonly string[]>
  /** Names by the block, or the empty case of a switch, at whose end they stand. */
  readonly atEnd: ReadonlyMap<Node, readonly string[]>
  /** Lines of the comments, from 1, by name. */
  readonly lines: Record<string, number[]>
}

interface Place {
  node: Node
  atEnd: boolean
}

const MARKER = /^[\s*]*frontrun:\s*([\p{ID_Continue}$-]+(?:[.:/][\p{ID_Continue}$-]+)*)/u
const LISTS = new Set(['Program', 'BlockStatement', 'StaticBlock', 'TSModuleBlock'])
const LOOPS = /^(?:While|DoWhile|For|ForIn|ForOf)Statement$/
const NEVER_GATED = /^(?:FunctionDeclaration|EmptyStatement|Import.*|Export.*)$/
const FUNCTION = /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/
/** A comment after their last brace has nothing to do with how they begin. */
const ENDS_IN_BLOCK =
  /^(?:If|For|ForIn|ForOf|While|With|Try|Switch|Block|Labeled)Statement$|^ClassDeclaration$|^BlockStatement$/

const before = (node: Node | null | undefined): Place | undefined => (node ? { node, atEnd: false } : undefined)

/** Names and lines of the markers in a text. */
export function markerLines(parsed: Parsed, lines: LineTable): Record<string, number[]> {
  const found: Record<string, number[]> = {}
  for (const { value, start } of parsed.comments) {
    const name = MARKER.exec(value)?.[1]
    if (name === undefined) continue
    found[name] ??= []
    found[name].push(lines.at(start).line + 1)
  }
  return found
}

/** The markers by the code they gate; docs/markers.md says which that is. */
export function findMarkers(parsed: Parsed, source: string, lines: LineTable): Markers {
  const found = { before: new Map<Node, string[]>(), atEnd: new Map<Node, string[]>(), lines: {} }
  if (!source.includes('frontrun:')) return found
  const gates = new Gates(parsed, source, lines)
  for (const comment of parsed.comments) {
    const name = MARKER.exec(comment.value)?.[1]
    const place = name === undefined ? undefined : gates.gatedBy(comment)
    if (name === undefined || place === undefined) continue
    const names = place.atEnd ? found.atEnd : found.before
    names.set(place.node, [...(names.get(place.node) ?? []), name])
  }
  return { ...found, lines: markerLines(parsed, lines) }
}

class Gates {
  /** What a marker can stand in front of, in the order of the text. */
  private readonly gates = new Set<Node>()
  /** `{/* … *\/}` */
  private readonly jsxComments: Node[] = []
  private readonly text: Blanked

  constructor(
    private readonly parsed: Parsed,
    source: string,
    private readonly lines: LineTable,
  ) {
    this.collect(parsed.program)
    this.text = new Blanked(
      source,
      parsed.comments.map(comment => this.hull(comment)),
    )
  }

  private collect(node: Node): void {
    for (const child of children(node)) {
      if (isGate(child, node)) this.gates.add(child)
      if (child.type === 'JSXEmptyExpression') this.jsxComments.push(node)
      this.collect(child)
    }
  }

  /** A comment in JSX with its braces, any other as it is. */
  private hull(comment: { start: number; end: number }): { start: number; end: number } {
    return this.jsxComments.find(node => node.start < comment.start && node.end > comment.end) ?? comment
  }

  gatedBy(comment: { start: number; end: number }): Place | undefined {
    const { start, end } = this.hull(comment)
    const path = this.pathTo(start, end)
    const next = this.text.next(end)
    const codeBefore = this.text.lineBefore(start) !== ''
    const codeAfter = this.text.lineAfter(end) !== '' && this.beginsCode(path, next)
    return codeBefore && !codeAfter ? this.onLine(path, start, next) : this.following(path, next)
  }

  /** Nodes around an offset, outermost first. */
  private pathTo(start: number, end: number): Node[] {
    const path: Node[] = []
    let at: Node | undefined = this.parsed.program
    while (at) {
      path.push(at)
      at = children(at).find(child => child.start <= start && child.end >= end)
    }
    return path
  }

  private enclosing(path: readonly Node[]): Node | undefined {
    return path.findLast(node => this.gates.has(node))
  }

  private lineOf(offset: number): number {
    return this.lines.at(offset).line
  }

  /** The outermost node that begins at an offset. */
  private beginning(path: readonly Node[], offset: number): Node | undefined {
    let at = path.findLast(node => node.end > offset)
    while (at && at.start !== offset) at = children(at).find(child => child.start <= offset && child.end > offset)
    return at
  }

  private beginsCode(path: readonly Node[], offset: number): boolean {
    return this.beginning(path, offset) !== undefined || this.text.branchWord(offset) !== undefined
  }

  /** A comment before code: the code that begins at `offset`. */
  private following(path: readonly Node[], offset: number): Place | undefined {
    const node = this.beginning(path, offset)
    if (node !== undefined) {
      const target = functionOf(node)
      if (target) return this.entry(target)
      if (node.type === 'SwitchCase') return this.firstOf(node, node.consequent)
      if (this.gates.has(node)) return before(node)
    }
    const around = this.enclosing(path)
    const block = path.at(-1)
    if (block && node === undefined && block.end - 1 === offset) {
      if (LISTS.has(block.type) && block.type !== 'Program') return { node: block, atEnd: true }
      if (block.type === 'SwitchStatement') return this.lastCase(block)
    }
    return this.branch(path.at(-1), offset) ?? before(around)
  }

  /** `else`, `catch`, `finally`. */
  private branch(node: Node | undefined, offset: number): Place | undefined {
    const word = this.text.branchWord(offset)
    if (!node || !word) return undefined
    const branch = word === 'else' ? node.alternate : word === 'catch' ? node.handler?.body : node.finalizer
    if (!branch) return undefined
    return branch.type === 'BlockStatement' ? this.firstOf(branch, branch.body) : before(branch)
  }

  private lastCase(node: Node): Place | undefined {
    const last: Node | undefined = node.cases.at(-1)
    return last && { node: last, atEnd: true }
  }

  private entry(target: Node): Place | undefined {
    const { body } = target
    if (!body) return undefined
    return body.type === 'BlockStatement' ? this.firstOf(body, body.body) : before(body)
  }

  private firstOf(node: Node, list: readonly Node[]): Place {
    return before(list.find(each => this.gates.has(each))) ?? { node, atEnd: true }
  }

  /** The function whose body begins right before a comment. */
  private openedFunction(path: readonly Node[], start: number): Node | undefined {
    const [owner, body] = path.slice(-2)
    if (!owner || !body || !FUNCTION.test(owner.type) || body !== owner.body) return undefined
    return this.text.isBlank(body.start + 1, start) ? owner : undefined
  }

  /** A loop on one line: the marker is one at each turn. */
  private turn(loop: Node): Place | undefined {
    const { body } = loop
    if (LOOPS.test(body.type)) return this.turn(body)
    return body.type === 'BlockStatement' ? this.firstOf(body, body.body) : before(body)
  }

  /** A comment after code: the statement on its line. */
  private onLine(path: readonly Node[], start: number, next: number): Place | undefined {
    const opened = this.openedFunction(path, start)
    if (opened) return this.entry(opened)
    const line = this.lineOf(start)
    const gates = [...this.gates].filter(gate => gate.start < start)
    const first = gates.find(gate => this.lineOf(gate.start) === line)
    if (first) {
      if (LOOPS.test(first.type) && first.end <= start && this.lineOf(first.end) === line) return this.turn(first)
      const target = functionOf(first)
      return target ? this.entry(target) : before(first)
    }
    const ending = gates.find(gate => gate.end <= start && this.lineOf(gate.end - 1) === line)
    if (ending && !ENDS_IN_BLOCK.test(ending.type)) return before(ending)
    if (path.at(-1)?.type === 'ClassBody') return undefined
    const around = this.enclosing(path)
    const block = path.findLast(node => LISTS.has(node.type))
    if (around && !ENDS_IN_BLOCK.test(around.type) && (!block || block.start < around.start)) return before(around)
    return this.following(path, next)
  }
}

function isGate(node: Node, parent: Node): boolean {
  if (parent.type === 'ArrowFunctionExpression') return node === parent.body && node.type !== 'BlockStatement'
  if (NEVER_GATED.test(node.type) || node.directive || isDeclaredOnly(node)) return false
  if (LISTS.has(parent.type)) return true
  if (parent.type === 'SwitchCase') return node !== parent.test
  if (node.type === 'BlockStatement') return false
  if (parent.type === 'IfStatement') return node !== parent.test
  return (LOOPS.test(parent.type) || parent.type === 'WithStatement') && node === parent.body
}

/** The function that a statement, member or expression is there to define: a marker at it is one at the function's start. */
function functionOf(node: Node): Node | undefined {
  if (FUNCTION.test(node.type)) return node
  const inner = definedBy(node) ?? undefined
  return inner === undefined ? undefined : functionOf(unwrap(inner))
}

function definedBy(node: Node): Node | null | undefined {
  switch (node.type) {
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'Property':
      return node.value
    case 'VariableDeclaration':
      return node.declarations.length === 1 ? node.declarations[0].init : undefined
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return node.declaration
    case 'ExpressionStatement':
      return node.expression.type === 'AssignmentExpression' ? node.expression.right : undefined
  }
  return undefined
}
