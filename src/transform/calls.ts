import { assignTemp, type Base, evaluateBase, readMember, renderBase, superGet } from './access.js'
import { type Code, join, piece } from './code.js'
import type { Context } from './context.js'
import { unaryConversion } from './conversions.js'
import { typeofGlobal } from './expressions.js'
import type { Visitor } from './file.js'
import { unwrap } from './nodes.js'
import type { Node } from './parse.js'

/** `a?.b` so far: what must be tested before the rest is evaluated. */
type Guards = Code[]

const MAX_TEXT = 60

/** Calls that stay native: they mean something only in this form. */
function isNativeCall(node: Node): boolean {
  const callee = unwrap(node.callee)
  if (callee.type === 'Super' || callee.type === 'ImportExpression') return true
  if (callee.type !== 'Identifier') return false
  if (callee.name === 'eval') return true
  return callee.name === 'require' && node.arguments.length === 1 && node.arguments[0].type === 'Literal'
}

function callSite(node: Node, context: Context): string {
  const callee = unwrap(node.callee)
  const offset = callee.type === 'MemberExpression' ? callee.property.start : node.start
  let text = context.file.text(node.callee).replace(/\s+/g, ' ')
  if (text.length > MAX_TEXT) text = `${text.slice(0, MAX_TEXT - 1)}…`
  return context.file.site(offset, context.info, text)
}

function renderArguments(list: readonly Node[], context: Context): Code {
  return [
    '[',
    join(
      list.map(each => context.render(each)),
      ',',
    ),
    ']',
  ]
}

/** What is called and with which `this`. Evaluates callee and receiver, in that order. */
function renderCallee(node: Node, context: Context, guards: Guards): { callee: Code; self: Code } {
  const callee = unwrap(node.callee)
  if (callee.type === 'ChainExpression') {
    const inner: Guards = []
    const { callee: read, self } = methodOf(callee.expression, context, inner)
    return { callee: ['(', inner, read, ')'], self }
  }
  if (callee.type === 'MemberExpression') return methodOf(callee, context, guards)
  return { callee: renderLink(node.callee, context, guards), self: 'void 0' }
}

function methodOf(node: Node, context: Context, guards: Guards): { callee: Code; self: Code } {
  const member = unwrap(node)
  if (member.type !== 'MemberExpression') return { callee: renderLink(node, context, guards), self: 'void 0' }
  if (member.object.type === 'Super') return { callee: superGet(member, context), self: 'this' }
  const base = linkBase(member, context, guards, true)
  return { callee: readMember(base, member, context, 'readMethod'), self: base.again }
}

/** The object of a link of a chain; an optional link adds its guard. */
function linkBase(node: Node, context: Context, guards: Guards, again: boolean): Base {
  const { object } = node
  const chained = isLink(object)
  if (!chained && !node.optional) {
    if (context.coroutine || again) return renderBase(object, context, node.computed)
    const code = context.render(object)
    return { first: code, again: code }
  }
  const value = chained ? renderLink(object, context, guards) : ''
  if (!node.optional) {
    if (!context.coroutine && !again) return { first: value, again: value }
    const temp = context.temp()
    return { first: [temp, '=', value], again: temp }
  }
  const temp = context.temp()
  guards.push(['(', chained ? [temp, '=', value] : assignTemp(temp, object, context), ')==null?', context.short, ':'])
  return { first: temp, again: temp }
}

/** Part of the chain being rendered, not a chain or parenthesis of its own. */
function isLink(node: Node): boolean {
  if (node.type === 'TSNonNullExpression') return isLink(node.expression)
  if (node.type === 'CallExpression') return true
  return node.type === 'MemberExpression' && node.object.type !== 'Super'
}

function renderLink(node: Node, context: Context, guards: Guards): Code {
  if (node.type === 'TSNonNullExpression') return renderLink(node.expression, context, guards)
  if (node.type === 'MemberExpression') {
    if (node.object.type === 'Super') return superGet(node, context)
    return readMember(linkBase(node, context, guards, false), node, context)
  }
  if (node.type === 'CallExpression') return renderCall(node, context, guards)
  return context.render(node)
}

function renderCall(node: Node, context: Context, guards: Guards): Code {
  if (isNativeCall(node)) return context.file.copy(node, context)
  const { callee, self } = calleeWithGuard(node, context, guards)
  const list = renderArguments(node.arguments, context)
  const mark = { mark: node.start }
  const site = callSite(node, context)
  if (context.coroutine) return [mark, context.result('call', callee, self, list, site)]
  return [mark, `${context.runtime}.nc(`, callee, ',', self, ',', list, `,${site})`]
}

function calleeWithGuard(node: Node, context: Context, guards: Guards): { callee: Code; self: Code } {
  const { callee, self } = renderCallee(node, context, guards)
  if (!node.optional) return { callee, self }
  const temp = context.temp()
  guards.push(['(', temp, '=', callee, ')==null?', context.short, ':'])
  return { callee: temp, self }
}

/** A member or call expression, or a whole optional chain. */
export function renderChain(node: Node, context: Context): Code {
  const guards: Guards = []
  const code = renderLink(node, context, guards)
  return guards.length ? ['(', guards, code, ')'] : code
}

/** `await f(a)`, or undefined if the awaited expression isn't a call that can be joined with its await. */
function renderAwaitedCall(node: Node, context: Context, hook = 'callAwait'): Code | undefined {
  const call = unwrap(node)
  if (!context.coroutine || call.type !== 'CallExpression' || isNativeCall(call) || call.optional) return undefined
  const guards: Guards = []
  const { callee, self } = renderCallee(call, context, guards)
  if (guards.length) return undefined
  const list = renderArguments(call.arguments, context)
  return [
    '(',
    { mark: call.start },
    `${context.runtime}.${hook}(`,
    callee,
    ',',
    self,
    ',',
    list,
    `,${callSite(call, context)}),(yield))`,
  ]
}

/** `return e;` In an async function the promise of a call is awaited at once where nothing can tell the difference. */
export function renderReturn(argument: Node, context: Context): Code {
  const joined =
    context.info.node.async && !context.inTry ? renderAwaitedCall(argument, context, 'callReturn') : undefined
  return ['return ', joined ?? context.render(argument)]
}

function renderDelete(node: Node, context: Context): Code | undefined {
  const operand = unwrap(node.argument)
  const member = operand.type === 'ChainExpression' ? operand.expression : operand
  if (member.type === 'Identifier') return ['delete ', context.file.identifier(member)]
  if (member.type === 'MetaProperty') return ['delete(0,', context.render(member), ')']
  if (member.type !== 'MemberExpression') return undefined
  const guards: Guards = []
  const inner = context.with({})
  inner.short = 'true'
  const base = linkBase(member, inner, guards, true)
  const start = evaluateBase(base)
  const { runtime } = context
  let code: Code
  if (member.computed) {
    const temp = context.temp()
    const key = assignTemp(temp, member.property, context)
    const convert = [`${temp}=${runtime}.key(${temp},`, base.again, ')']
    code = [
      '(',
      start,
      key,
      ',',
      convert,
      ',',
      context.touch('remove', base.again, temp, context.site(member.property.start)),
      ',delete ',
      base.again,
      `[${temp}])`,
    ]
  } else {
    // An early error, which must stay one.
    if (member.property.type === 'PrivateIdentifier') return ['delete ', piece(member.start, member.end)]
    const name = member.property.name
    code = [
      '(',
      start,
      context.touch('remove', base.again, JSON.stringify(name), context.site(member.property.start)),
      ',delete ',
      base.again,
      `.${name})`,
    ]
  }
  return guards.length ? ['(', guards, code, ')'] : code
}

/** A proxy that is made where nothing is recorded: what is behind it can't be found out later. */
function writtenProxy(node: Node, context: Context): Code | undefined {
  const { callee, arguments: list } = node
  if (callee.type !== 'Identifier' || callee.name !== 'Proxy' || list.length !== 2) return undefined
  if (context.file.scopes.references.get(callee)?.binding || list.some((each: Node) => each.type === 'SpreadElement'))
    return undefined
  // Before this module's first line has run, in a circular import, there is no runtime.
  const made = `(${context.runtime}.proxied??((a,b)=>new Proxy(a,b)))`
  return [
    { mark: node.start },
    made,
    '(',
    join(
      list.map((each: Node) => context.render(each)),
      ',',
    ),
    ')',
  ]
}

export const callVisitors: Readonly<Record<string, Visitor>> = {
  MemberExpression: (node, context) => (context.mode === 'written' ? undefined : renderChain(node, context)),
  CallExpression: (node, context) => (context.mode === 'written' ? undefined : renderChain(node, context)),
  ChainExpression: (node, context) => (context.mode === 'written' ? undefined : renderChain(node.expression, context)),
  NewExpression(node, context) {
    if (context.mode === 'written') return writtenProxy(node, context)
    const list = renderArguments(node.arguments, context)
    const callee = context.render(node.callee)
    const mark = { mark: node.start }
    const site = callSite(node, context)
    if (context.coroutine) return [mark, context.result('construct', callee, list, site)]
    return [mark, `${context.runtime}.nn(`, callee, ',', list, `,${site})`]
  },
  AwaitExpression(node, context) {
    if (context.mode === 'written') return undefined
    const { argument } = node
    if (!context.coroutine)
      return ['await ', `${context.runtime}.gate(`, context.render(argument), `,${context.site(node.start)})`]
    return (
      renderAwaitedCall(argument, context) ?? [
        '(',
        { mark: node.start },
        `${context.runtime}.wait(`,
        context.render(argument),
        `,${context.site(node.start)}),(yield))`,
      ]
    )
  },
  UnaryExpression(node, context) {
    if (context.mode === 'written') return undefined
    return node.operator === 'delete'
      ? renderDelete(node, context)
      : (typeofGlobal(node, context) ?? unaryConversion(node, context))
  },
}
