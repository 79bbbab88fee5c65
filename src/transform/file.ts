import { type Code, piece, print } from './code.js'
import type { Context } from './context.js'
import { Imports } from './live-bindings.js'
import { findMarkers, type Markers } from './markers.js'
import type { Names } from './names.js'
import { isType } from './nodes.js'
import { children, type Node, type Parsed } from './parse.js'
import type { FunctionInfo, Scope, Scopes } from './scopes.js'
import type { LineTable } from './source-map.js'

/** Renders one type of node; undefined: nothing special here, copy it and render its children. */
export type Visitor = (node: Node, context: Context) => Code | undefined

/** What is shared while one file is rendered: its text, its analysis, and the tables its prelude will contain. */
export class File {
  readonly native: { line: number; reason: string }[] = []
  readonly sites: number[] = []
  readonly texts = new Map<number, string>()
  /** Site of each function that got a head. */
  readonly heads = new Map<Node, number>()
  readonly functions: string[] = ['<module>']
  private readonly siteNumbers = new Map<number, Map<FunctionInfo, number>>()
  private readonly functionNumbers = new Map<FunctionInfo, number>()
  private readonly natives = new Set<Node>()
  private uniques = 0
  /** Some code can't be seen: no variable is safe from being assigned. */
  readonly hasEval: boolean
  readonly markers: Markers
  readonly imports: Imports
  /** Functions that only run while the module is evaluated, as the module does: always as written. */
  readonly evaluatedOnce: Set<FunctionInfo>
  /** Names of constants that some code assigns to, which is an error when it runs. */
  readonly assignedConstants = new Set<string>()
  /** Statements with a label of their own. */
  readonly labelled = new Set<Node>()
  /** Function declarations at the top of an ES module. */
  readonly hoisted = new Set<Node>()

  constructor(
    readonly source: string,
    readonly parsed: Parsed,
    readonly scopes: Scopes,
    readonly names: Names,
    readonly lines: LineTable,
    private readonly visitors: Readonly<Record<string, Visitor>>,
    /** How many functions may lie around one that still gets a written form beside its coroutine. */
    private readonly writtenDepth = Number.POSITIVE_INFINITY,
  ) {
    this.evaluatedOnce = new Set([scopes.module.owner])
    this.functionNumbers.set(scopes.module.owner, 0)
    this.markers = findMarkers(parsed, source, lines)
    this.imports = new Imports(parsed.program, source, scopes, names.prefix)
    this.hasEval = [...scopes.functions.values()].some(each => each.native === 'direct eval')
    for (const scope of scopes.scopes.values())
      for (const binding of scope.names.values())
        if (binding.kind === 'const' && binding.assigned) this.assignedConstants.add(binding.name)
    if (!parsed.module) return
    for (const statement of parsed.program.body) {
      const node = statement.declaration ?? statement
      if (node.type === 'FunctionDeclaration') this.hoisted.add(node)
    }
  }

  render(node: Node, context: Context): Code {
    if (context.mode === 'written' && !context.tidy && !this.scopes.dirty.has(node)) return piece(node.start, node.end)
    if (isType(node) && !context.tidy) return piece(node.start, node.end)
    return this.visitors[node.type]?.(node, context) ?? this.copy(node, context)
  }

  /** The node as in the source, its children rendered. */
  copy(node: Node, context: Context, render: (child: Node) => Code = child => context.render(child)): Code {
    const nodes = children(node)
    const end = node.end
    if (nodes.length === 0) return this.leaf(node, context)
    const code: Code[] = []
    let at = node.start
    for (const child of nodes) {
      if (child.start < at) continue
      if (child.start > at) code.push(this.glue(at, child.start, context))
      if (!(context.tidy && isType(child) && child.type !== 'TSImportEqualsDeclaration')) code.push(render(child))
      at = Math.max(at, child.end)
    }
    if (at < end) code.push(this.glue(at, end, context))
    return code
  }

  /** A statement whose decorators stand before its `export`. */
  decorated(statement: Node, start: number, context: Context): Code {
    const code: Code[] = []
    let at = start
    for (const decorator of statement.declaration.decorators as Node[]) {
      code.push(piece(at, decorator.start), context.render(decorator))
      at = decorator.end
    }
    const rest = this.copy(statement, context, child =>
      child === statement.declaration
        ? this.copy(child, context, inner => (inner.end <= statement.start ? '' : context.render(inner)))
        : context.render(child),
    )
    return [code, piece(at, statement.start), rest]
  }

  private leaf(node: Node, context: Context): Code {
    if (!context.tidy) return piece(node.start, node.end)
    if (node.type === 'Literal' && typeof node.value === 'string') {
      const text = this.source.slice(node.start, node.end)
      return text.includes('\n')
        ? piece(node.start, node.end, text.replace(/\\\r?\n/g, ''))
        : piece(node.start, node.end)
    }
    if (
      node.type === 'Literal' ||
      node.type === 'Identifier' ||
      node.type.startsWith('JSX') ||
      node.type === 'TemplateElement'
    )
      return piece(node.start, node.end)
    return this.glue(node.start, node.end, context)
  }

  /** The name of an identifier, without its annotation, `?` and decorators. */
  identifier(node: Node): Code {
    if (!node.typeAnnotation && !node.optional && !node.decorators?.length) return piece(node.start, node.end)
    const name = /(?:[\p{ID_Continue}$]|\\u(?:\{[0-9a-fA-F]+\}|[0-9a-fA-F]{4}))+/uy
    let start = node.start
    for (const decorator of node.decorators ?? []) start = Math.max(start, decorator.end)
    while (/\s/.test(this.source[start] ?? '')) start++
    name.lastIndex = start
    return piece(start, start + (name.exec(this.source)?.[0].length ?? node.name.length))
  }

  /** Text between nodes: punctuation, keywords, comments. */
  glue(start: number, end: number, context: Context): Code {
    if (!context.tidy) return piece(start, end)
    let text = ''
    let at = start
    for (const comment of this.commentsIn(start, end)) {
      text += `${this.source.slice(at, comment.start)} `
      at = comment.end
    }
    text += this.source.slice(at, end)
    const tidied = text.replace(/\s+/g, ' ')
    return tidied === this.source.slice(start, end) ? piece(start, end) : piece(start, end, tidied)
  }

  commentsIn(start: number, end: number): { start: number; end: number; value: string }[] {
    const { comments } = this.parsed
    let low = 0
    let high = comments.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (comments[middle].start < start) low = middle + 1
      else high = middle
    }
    const found = []
    for (let i = low; i < comments.length && comments[i].end <= end; i++) found.push(comments[i])
    return found
  }

  text(node: Node): string {
    return this.source.slice(node.start, node.end)
  }

  print(code: Code): string {
    return print(code, this.source)
  }

  unique(): string {
    return `${this.names.prefix}i${++this.uniques}`
  }

  scopeName(scope: Scope): string {
    return `${this.names.prefix}v${scope.id}`
  }

  /** `const $v=$fr.scope("name");` if the node opens a scope with tracked variables. */
  /** `shows`: stories can ask for the values of its variables. */
  scopeDeclaration(node: Node, shows = false): string {
    const scope = this.scopes.scopes.get(node)
    if (!scope?.id) return ''
    const values = shows && scope.kind !== 'for' ? `,${valuesOf(scope, this.names.prefix)}` : ''
    return `const ${this.scopeName(scope)}=${this.names.runtime}.scope(${JSON.stringify(scope.owner.name)}${values});`
  }

  /** In the head of a `for`, to be followed by its variables; and what makes another one for the next turn. */
  loopScope(node: Node): { declared: string; next: string } | undefined {
    const scope = this.scopes.scopes.get(node)
    if (!scope?.id) return undefined
    const made = `${this.scopeName(scope)}=${this.names.runtime}.scope(${JSON.stringify(scope.owner.name)})`
    return { declared: `${made},`, next: made }
  }

  site(offset: number, info: FunctionInfo, text?: string): string {
    let owner = info
    while (owner.initialiser && owner.name === '' && owner.parent) owner = owner.parent
    let byFunction = this.siteNumbers.get(offset)
    if (!byFunction) {
      byFunction = new Map()
      this.siteNumbers.set(offset, byFunction)
    }
    let number = byFunction.get(owner)
    if (number === undefined) {
      number = this.sites.length / 3
      byFunction.set(owner, number)
      const { line, column } = this.lines.at(offset)
      this.sites.push(line + 1, column + 1, this.functionNumber(owner))
    }
    if (text !== undefined && !this.texts.has(number)) this.texts.set(number, text)
    return number ? `${this.names.at}+${number}` : this.names.at
  }

  headSite(node: Node, info: FunctionInfo): string {
    const site = this.site(node.start, info)
    this.heads.set(node, this.siteNumbers.get(node.start)?.get(info) ?? 0)
    return site
  }

  private functionNumber(info: FunctionInfo): number {
    let number = this.functionNumbers.get(info)
    if (number === undefined) {
      number = this.functions.length
      this.functions.push(info.name)
      this.functionNumbers.set(info, number)
    }
    return number
  }

  /** Too deep for two forms: the coroutine alone does too, though slower while no exploration runs. */
  isTooDeep(info: FunctionInfo): boolean {
    if (this.writtenDepth === Number.POSITIVE_INFINITY) return false
    let depth = 0
    for (let at = info.parent; at; at = at.parent) if (!at.initialiser && !this.evaluatedOnce.has(at)) depth++
    return depth >= this.writtenDepth
  }

  /** Whether `arguments` means something for this arrow function. */
  hasArguments(info: FunctionInfo): boolean {
    let at: FunctionInfo = info
    while (at.arrow && at.parent) at = at.parent
    return at.parent ? !at.initialiser : !this.parsed.module
  }

  /** A function declaration that another module can call before this one is evaluated. */
  isHoisted(node: Node): boolean {
    return this.hoisted.has(node)
  }

  /** Makes up for a prelude that has not run yet. */
  get lateInit(): string {
    return `${this.names.runtime}.file||${this.names.init}();`
  }

  leaveNative(node: Node, reason: string): void {
    if (this.natives.has(node)) return
    this.natives.add(node)
    this.native.push({ line: this.lines.at(node.start).line + 1, reason })
  }
}

/** A function from the name of a tracked variable of the scope to its value. */
export function valuesOf(scope: Scope, prefix: string): string {
  const names = [...scope.names.values()].filter(each => each.tracked).map(each => each.name)
  const last = names.pop()
  const parameter = `${prefix}n`
  return `${parameter}=>${names.map(name => `${parameter}===${JSON.stringify(name)}?${name}:`).join('')}${last}`
}
