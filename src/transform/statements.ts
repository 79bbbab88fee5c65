import { declarationKind } from './array-patterns.js'
import { renderReturn } from './calls.js'
import { type Code, piece } from './code.js'
import type { Context } from './context.js'
import { lowerDeclarator, renderExpressionStatement } from './declarations.js'
import { disposes, renderDisposing, renderResource } from './disposal.js'
import type { Visitor } from './file.js'
import { isDeclaredOnly } from './nodes.js'
import type { Node } from './parse.js'

const ENDS_WITH_SEMICOLON = new Set([
  'ExpressionStatement',
  'VariableDeclaration',
  'ReturnStatement',
  'ThrowStatement',
  'BreakStatement',
  'ContinueStatement',
  'DebuggerStatement',
  'DoWhileStatement',
])

/** The statements of a block, without its braces. Directives are left to the caller. */
export function renderStatements(block: Node, context: Context): Code {
  const list: Node[] = block.body.filter((each: Node) => !each.directive)
  const start = block.body.findLast((each: Node) => each.directive)?.end ?? block.start + 1
  return renderList(list, start, block.end - 1, context, block)
}

/** A statement list between two offsets, that of `block`. Each statement ends in a semicolon of its own if it needs one. */
export function renderList(list: readonly Node[], start: number, end: number, context: Context, block?: Node): Code {
  if (!context.coroutine || !disposes(list)) return renderEach(list, start, end, context, block)
  return renderDisposing(list, context, start, inner => renderEach(list, start, end, inner, block))
}

function renderEach(list: readonly Node[], start: number, end: number, context: Context, block?: Node): Code {
  const code: Code[] = []
  let at = start
  for (const node of list) {
    if (!context.tidy) code.push(piece(at, node.start))
    code.push(renderStatement(node, context))
    at = node.end
  }
  if (!context.tidy) code.push(piece(at, end))
  if (block) code.push(gatesAtEnd(block, context))
  return code
}

export function renderStatement(node: Node, context: Context): Code {
  if (context.tidy && isDeclaredOnly(node)) return ''
  const mark = context.frame.mark()
  const code = context.render(node)
  context.frame.release(mark)
  if (context.mode === 'written') return code
  return [gatesBefore(node, context), code, ENDS_WITH_SEMICOLON.has(node.type) ? ';' : '']
}

/** The markers in front of a statement, or of the body of an arrow function. */
export function gatesBefore(node: Node, context: Context): Code {
  return gates(context.file.markers.before.get(node), node.start, context)
}

/** The markers at the end of a block: what follows it is gated. */
function gatesAtEnd(block: Node, context: Context): Code {
  return gates(context.file.markers.atEnd.get(block), block.end - 1, context)
}

function gates(names: readonly string[] | undefined, offset: number, context: Context): Code {
  if (!names || context.mode === 'written') return ''
  const { runtime } = context
  const site = context.site(offset)
  return names.map(name =>
    context.coroutine
      ? `if(${runtime}.marker?.(${JSON.stringify(name)},${site}))yield;`
      : `if(${runtime}.on)${runtime}.markerInPlace?.(${JSON.stringify(name)},${site});`,
  )
}

const STATEMENT = /(?:Statement|Declaration)$/

/** A statement where only one may stand. */
export function renderBranch(node: Node, context: Context): Code {
  const code = renderStatement(node, context)
  return context.mode !== 'written' && context.file.markers.before.has(node) ? ['{', code, '}'] : code
}

/** The node as it is, with statements inside it rendered as statements. */
function copyStatements(node: Node, context: Context): Code {
  return context.file.copy(node, context, child =>
    STATEMENT.test(child.type)
      ? // The declarations of a case belong to the whole switch.
        (node.type === 'SwitchCase' ? renderStatement : renderBranch)(child, context)
      : child.type === 'SwitchCase'
        ? [copyStatements(child, context), gatesAtEnd(child, context)]
        : context.render(child),
  )
}

/** The written body of a function, after its directives; only what lies inside changes. */
/** `done`: a statement that has been rendered before. */
export function renderBody(node: Node, context: Context, done?: Node): Code {
  const body: Node = node.body
  const inner = context.with({ mode: 'written' })
  const first = body.body.findLast((each: Node) => each.directive)?.end ?? body.start + 1
  const code: Code[] = []
  let at = first
  for (const statement of body.body) {
    if (statement.directive) continue
    code.push(piece(at, statement.start), statement === done ? '' : inner.render(statement))
    at = statement.end
  }
  code.push(piece(at, body.end - 1))
  return code
}

/** A block with something put at its start. */
export function blockOf(node: Node, before: Code, context: Context): Code {
  if (node.type !== 'BlockStatement') return ['{', before, renderStatement(node, context), '}']
  return [
    '{',
    before,
    context.file.scopeDeclaration(node, context.coroutine),
    renderList(node.body, node.start + 1, node.end - 1, context, node),
    '}',
  ]
}

function variables(node: Node, context: Context): Code | undefined {
  if (context.mode === 'written') return undefined
  if (node.kind.endsWith('using')) return usingDeclaration(node, context)
  const parts: Code[] = []
  for (const declarator of node.declarations) lowerDeclarator(node.kind, declarator, context, parts)
  const kind = declarationKind(
    node.kind,
    node.declarations.map((each: Node) => each.id),
    context,
  )
  const code: Code[] = [`${kind} `]
  for (const [index, part] of parts.entries()) code.push(index ? ',' : '', part)
  return code
}

function usingDeclaration(node: Node, context: Context): Code | undefined {
  if (!context.coroutine) return undefined
  const code: Code[] = ['const ']
  for (const [index, { id, init }] of node.declarations.entries())
    code.push(
      index ? ',' : '',
      context.file.identifier(id),
      '=',
      renderResource(node.kind, context.render(init), context),
    )
  return code
}

function tryStatement(node: Node, context: Context): Code | undefined {
  if (context.mode === 'written') return undefined
  const inner = context.with({ inTry: true })
  return context.file.copy(node, context, child => {
    const guarded = child === node.block || (child === node.handler && node.finalizer)
    return (guarded ? inner : context).render(child)
  })
}

function catchClause(node: Node, context: Context): Code | undefined {
  const { file } = context
  const declared = file.scopeDeclaration(node, context.coroutine)
  const pattern = node.param && node.param.type !== 'Identifier'
  if (context.mode === 'written') {
    if (!declared) return undefined
    return [piece(node.start, node.body.start), blockOf(node.body, declared, context)]
  }
  if (!pattern)
    return ['catch', node.param ? ['(', file.identifier(node.param), ')'] : '', blockOf(node.body, declared, context)]
  const name = context.unique()
  const mark = context.frame.mark()
  const parts: Code[] = []
  lowerDeclarator('let', { id: node.param, init: null } as unknown as Node, context, parts, name)
  context.frame.release(mark)
  const lowered: Code[] = ['let ']
  for (const [index, part] of parts.entries()) lowered.push(index ? ',' : '', part)
  return ['catch(', name, '){', declared, lowered, ';', context.render(node.body), '}']
}

function switchStatement(node: Node, context: Context): Code | undefined {
  const declared = context.file.scopeDeclaration(node, context.coroutine)
  if (context.mode === 'written') return declared ? ['{', declared, context.file.copy(node, context), '}'] : undefined
  const code = copyStatements(node, context)
  return declared ? ['{', declared, code, '}'] : code
}

function returnStatement(node: Node, context: Context): Code | undefined {
  if (context.mode === 'written') return undefined
  return node.argument ? renderReturn(node.argument, context) : 'return'
}

function jump(keyword: string, node: Node, context: Context): Code | undefined {
  if (context.mode === 'written') return undefined
  return node.label ? [keyword, ' ', piece(node.label.start, node.label.end)] : keyword
}

export const statementVisitors: Readonly<Record<string, Visitor>> = {
  BlockStatement(node, context) {
    const declared = context.file.scopeDeclaration(node, context.coroutine)
    if (context.mode === 'written') {
      if (!declared && !context.tidy) return undefined
    }
    return blockOf(node, '', context)
  },
  VariableDeclaration: variables,
  TryStatement: tryStatement,
  CatchClause: catchClause,
  SwitchStatement: switchStatement,
  ReturnStatement: returnStatement,
  TSModuleBlock(node, context) {
    const body = renderList(node.body, node.start + 1, node.end - 1, context, node)
    return ['{', context.file.scopeDeclaration(node, context.coroutine), body, '}']
  },
  IfStatement: (node, context) => (context.mode === 'written' ? undefined : copyStatements(node, context)),
  ThrowStatement: (node, context) =>
    context.mode === 'written' ? undefined : ['throw ', context.render(node.argument)],
  DebuggerStatement: (_node, context) => (context.mode === 'written' ? undefined : 'debugger'),
  ExpressionStatement(node, context) {
    return context.mode === 'written' ? undefined : renderExpressionStatement(node.expression, context)
  },
  BreakStatement: (node, context) => jump('break', node, context),
  ContinueStatement: (node, context) => jump('continue', node, context),
  EmptyStatement: (_node, context) => (context.tidy ? ';' : undefined),
}
