import { renderReturn } from './calls.js'
import { type Code, piece } from './code.js'
import { isSuspendable, superStatement, usesSuperProperty } from './constructors.js'
import { type Aliases, type Context, Frame, NO_ALIASES } from './context.js'
import { disposes } from './disposal.js'
import type { File } from './file.js'
import { MARK } from './names.js'
import { isType } from './nodes.js'
import { renderParameters } from './parameters.js'
import type { Node } from './parse.js'
import type { FunctionInfo } from './scopes.js'
import { gatesBefore, renderBody, renderList, renderStatements } from './statements.js'

/** What the function is in the source: only plain functions can be called by `new`. */
export type Role = 'plain' | 'method' | 'constructor' | 'arrow'

/** A function in all the forms it needs at this place. */
export function renderFunction(node: Node, context: Context, role: Role): Code {
  const { file } = context
  const info = file.scopes.functions.get(node)
  if (!node.body || !info) return context.tidy ? '' : piece(node.start, node.end)
  if (info.native) {
    file.leaveNative(node, info.native)
    return renderNative(node)
  }
  if (role === 'arrow' && info.usesThis && isBeforeSuper(node, info)) {
    file.leaveNative(node, 'may run before super()')
    return renderNative(node)
  }
  if (node.generator) return inPlace(node, info, context, node.async ? 'async generator' : 'generator')
  if (role === 'constructor' && !isSuspendable(node, info)) return inPlace(node, info, context, 'constructor')
  if (info.parameters === 'place')
    return inPlace(node, info, context, 'a variable of the body has the name of a parameter')
  if (isEvaluatedOnce(node, info, context)) return writtenOnly(node, info, context)
  return withHead(node, info, !context.only && file.isTooDeep(info) ? context.with({ only: true }) : context, role)
}

/** Its head would need a `this` that may not be there yet. */
function isBeforeSuper(node: Node, info: FunctionInfo): boolean {
  let owner = info
  while (owner.arrow && owner.parent) owner = owner.parent
  return owner.derived && node.start < owner.superEnd
}

/** `(function () { … })()` while the module is evaluated: called once, from written code. */
function isEvaluatedOnce(node: Node, info: FunctionInfo, context: Context): boolean {
  const { file } = context
  return (
    context.mode === 'written' &&
    !node.id &&
    info.parent !== null &&
    file.evaluatedOnce.has(info.parent) &&
    file.scopes.calledAtOnce.has(node)
  )
}

function writtenOnly(node: Node, info: FunctionInfo, context: Context): Code {
  const { file } = context
  file.evaluatedOnce.add(info)
  const inner = context.with({ info, frame: new Frame(file.names.prefix) })
  const header = renderHeader(node, inner)
  if (node.body.type !== 'BlockStatement') return [header, inner.render(node.body)]
  const last: Node | undefined = node.body.body.at(-1)
  // Nobody may take it for an instrumented function.
  const end = last?.expression?.value === '$fr' ? ';0}' : '}'
  return [header, '{', directives(node), scopesOf(node, file), renderBody(node, inner), end]
}

/** Nobody may take it for an instrumented function, even if it ends in the mark. */
function renderNative(node: Node): Code {
  const last = blockBody(node).at(-1)
  if (last?.expression?.value !== '$fr' || last.expression.type !== 'Literal') return piece(node.start, node.end)
  return [
    piece(node.start, last.start),
    '(',
    piece(last.expression.start, last.expression.end),
    ');',
    piece(last.end, node.end),
  ]
}

function inPlace(node: Node, info: FunctionInfo, context: Context, reason: string): Code {
  const { file } = context
  file.leaveNative(node, reason)
  const inner = context.with({
    mode: 'place',
    info,
    aliases: NO_ALIASES,
    frame: new Frame(file.names.prefix),
    inTry: false,
  })
  const header = renderHeader(node, context.written())
  const body = renderStatements(node.body, inner)
  return [
    header,
    '{',
    directives(node),
    file.isHoisted(node) ? file.lateInit : '',
    scopesOf(node, file),
    inner.frame.declaration(),
    body,
    '}',
  ]
}

/** Everything before the body, as in the source; parameters rendered as written code. */
function renderHeader(node: Node, context: Context): Code {
  const { file } = context
  const code: Code[] = []
  let at = node.start
  const parts: Node[] = [node.id, node.typeParameters, ...node.params, node.returnType].filter(Boolean)
  for (const part of parts) {
    code.push(file.glue(at, part.start, context))
    if (part === node.id) code.push(file.identifier(part))
    else if (!isType(part) || part.type === 'TSParameterProperty') code.push(parameter(part, context))
    else if (!context.tidy) code.push(piece(part.start, part.end))
    at = part.end
  }
  code.push(file.glue(at, node.body.start, context))
  return code
}

function parameter(node: Node, context: Context): Code {
  return context.tidy && node.type === 'Identifier' ? context.file.identifier(node) : context.render(node)
}

/** The scopes of the parameters and the body. */
function scopesOf(node: Node, file: File, shows = false): string {
  const body = node.body.type === 'BlockStatement' ? file.scopeDeclaration(node.body, shows) : ''
  return file.scopeDeclaration(node, shows) + body
}

function blockBody(node: Node): Node[] {
  return node.body.type === 'BlockStatement' ? node.body.body : []
}

function directives(node: Node): Code {
  const code: Code[] = []
  if (node.body.type !== 'BlockStatement') return code
  for (const each of node.body.body) {
    if (!each.directive) break
    code.push(piece(each.expression.start, each.expression.end), ';')
  }
  return code
}

function withHead(node: Node, info: FunctionInfo, context: Context, role: Role): Code {
  const { file } = context
  const arrow = role === 'arrow'
  const expression = arrow && node.body.type !== 'BlockStatement'
  const outer = context.written().with({ info, frame: new Frame(file.names.prefix), inTry: false })
  const moving = info.parameters === 'move'
  const shown = moving ? renderParameters(info, outer) : undefined
  const head = renderHead(node, info, context, role)
  const code: Code[] = []
  if (shown) {
    const first: Node = node.params[0]
    const last: Node = node.params.at(-1)
    code.push(headerBefore(node, first, context), shown.list)
    code.push(headerAfter(node, last, context))
  } else code.push(renderHeader(node, outer))
  code.push('{', directives(node))
  const first = role === 'constructor' ? superStatement(node, info) : undefined
  // Counted, so that the constructor that comes next is known to be one of a base class.
  if (first) {
    const runtime = names(file)
    code.push(`${runtime}.supers++;`, superCall(first, context), `;${runtime}.supers--;`)
  }
  if (context.only) {
    code.push(head, `${MARK}}`)
    return code
  }
  const body = expression
    ? ['return ', context.with({ mode: 'written', info }).render(node.body), ';']
    : disposes(node.body.body)
      ? // Brought down for older engines, a block becomes a `try` of its own, and the mark stays where it is.
        ['{', renderBody(node, outer, first), '}']
      : renderBody(node, outer, first)
  code.push(head, scopesOf(node, file), shown ? [outer.frame.declaration(), shown.moved] : '', body, `;${MARK}}`)
  // A circular import may call it before this module's first line has run.
  if (file.isHoisted(node) && file.print(code).includes(`${file.names.runtime}.scope(`))
    code.splice(code.indexOf(head), 0, file.lateInit)
  return code
}

const names = (file: File): string => file.names.runtime

/** The call of `super`, recorded where it stands. */
function superCall(statement: Node, context: Context): Code {
  const { file } = context
  const inner = context.with({ mode: 'place', aliases: NO_ALIASES, frame: new Frame(file.names.prefix), inTry: false })
  const code: Code = [gatesBefore(statement, inner), inner.render(statement.expression)]
  return [inner.frame.declaration(), code]
}

function headerBefore(node: Node, first: Node, context: Context): Code {
  const { file } = context
  if (!context.tidy || !node.typeParameters) return file.glue(node.start, first.start, context)
  return [
    file.glue(node.start, node.typeParameters.start, context),
    file.glue(node.typeParameters.end, first.start, context),
  ]
}

function headerAfter(node: Node, last: Node, context: Context): Code {
  const { file } = context
  const stop = context.tidy && node.returnType ? node.returnType : node.body
  let text = file.print(file.glue(last.end, stop.start, context.with({ tidy: true })))
  text = text.replace(/^\s*,/, '')
  const after = stop === node.body ? '' : file.glue(stop.end, node.body.start, context)
  return [text, after]
}

/** `return $fr.enter(…)`, under the question whether this call belongs to an exploration unless only the coroutine exists. */
function renderHead(node: Node, info: FunctionInfo, context: Context, role: Role): Code {
  const { file } = context
  const { names } = file
  const arrow = role === 'arrow'
  const aliases: Aliases = { ...NO_ALIASES }
  const made: string[] = []
  const need = (alias: keyof Aliases, used: boolean, text: string) => {
    if (!used) return
    aliases[alias] = true
    if (!(arrow && context.aliases[alias])) made.push(text)
  }
  if (arrow) need('arguments', info.usesArguments && file.hasArguments(info), `${names.arguments}=arguments`)
  need('newTarget', info.usesNewTarget, `${names.newTarget}=new.target`)
  need(
    'super',
    info.usesSuper && (role !== 'constructor' || usesSuperProperty(node)),
    `${names.super}={get:k=>super[k],set:(k,v)=>super[k]=v}`,
  )
  const { coroutine, passed } = renderCoroutine(node, info, context, aliases)
  const receiver = arrow && !info.usesThis ? 'void 0' : 'this'
  const target = (role === 'plain' && !node.async) || role === 'constructor' ? ',new.target' : ''
  const built = role === 'constructor' ? (info.derived ? 16 : 8) : 0
  // Unless the coroutine closes over something of this one call, it may serve all calls of the closure.
  const reuse = made.length > 0 || info.parameters === 'closed' ? 0 : arrow ? 4 : 2
  const enter: Code = [
    `return ${names.runtime}.enter(${(node.async ? 1 : 0) + reuse + built},${file.headSite(node, info)},`,
    coroutine,
    `,${receiver},`,
    arrow ? ['[', passed, ']'] : 'arguments',
    `${target});`,
  ]
  const prepared = made.length ? `const ${made.join(',')};` : ''
  if (context.only) return [prepared, enter]
  const asked = `if(${names.runtime}.on&&${names.runtime}.enters())`
  return prepared ? [asked, '{', prepared, enter, '}'] : [asked, enter]
}

function renderCoroutine(
  node: Node,
  info: FunctionInfo,
  context: Context,
  aliases: Aliases,
): { coroutine: Code; passed: Code } {
  const { file } = context
  const inner = context.with({
    mode: 'coroutine',
    tidy: true,
    only: true,
    aliases,
    frame: new Frame(file.names.prefix),
    info,
    inTry: false,
  })
  const mark = inner.frame.mark()
  const { list, passed, moved } = renderParameters(info, inner)
  inner.frame.release(mark)
  const first = superStatement(node, info)
  const body =
    node.body.type === 'BlockStatement'
      ? first
        ? renderList(node.body.body.slice(1), first.end, node.body.end - 1, inner, node.body)
        : renderStatements(node.body, inner)
      : [gatesBefore(node.body, inner), renderReturn(node.body, inner)]
  const coroutine = ['function*(', list, '){', inner.frame.declaration(), scopesOf(node, file, true), moved, body, '}']
  return { coroutine, passed }
}
