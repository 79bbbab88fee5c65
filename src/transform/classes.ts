import { type Code, piece } from './code.js'
import { classMark } from './constructors.js'
import { type Context, Frame, NO_ALIASES } from './context.js'
import type { Visitor } from './file.js'
import { renderFunction } from './functions.js'
import { isAnonymousFunction, isType } from './nodes.js'
import type { Node } from './parse.js'
import { renderList } from './statements.js'

/** The context of code that runs when an instance or the class is initialised: recorded in place, with temps of its own. */
function initialiser(node: Node, context: Context): Context | undefined {
  const info = context.file.scopes.functions.get(node)
  if (!info || info.native) return undefined
  return context.with({
    mode: 'place',
    info,
    aliases: NO_ALIASES,
    frame: new Frame(context.file.names.prefix),
    inTry: false,
  })
}

function fieldValue(node: Node, context: Context): Code {
  const inner = initialiser(node, context)
  const { value } = node
  if (!inner) return piece(value.start, value.end)
  // Temps would need a wrapper, and the class would lose its name.
  if (isAnonymousFunction(value) && /Class/.test(value.type)) return context.written().render(value)
  const code = inner.render(value)
  const temps = inner.frame.names()
  return temps.length ? [`((${temps.join(',')})=>(`, code, '))()'] : code
}

function key(node: Node, context: Context): Code {
  if (node.computed) return ['[', context.render(node.key), ']']
  return piece(node.key.start, node.key.end)
}

function decorators(node: Node, context: Context): Code {
  return (node.decorators ?? []).map((each: Node) => [context.render(each), ' '])
}

function tidyMember(node: Node, context: Context): Code {
  if (isType(node) || node.declare || (node.type === 'MethodDefinition' && !node.value.body)) return ''
  if (node.type === 'StaticBlock') return context.render(node)
  const { value } = node
  const start: Code = [decorators(node, context), node.static ? 'static ' : '']
  if (node.type === 'MethodDefinition') {
    const kind = node.kind === 'get' || node.kind === 'set' ? `${node.kind} ` : ''
    const words = `${kind}${value.async ? 'async ' : ''}${value.generator ? '*' : ''}`
    return [start, words, key(node, context), method(node, context)]
  }
  const word = node.type === 'AccessorProperty' ? 'accessor ' : ''
  return [start, word, key(node, context), value ? ['=', fieldValue(node, context)] : '', ';']
}

function method(node: Node, context: Context): Code {
  return renderFunction(node.value, context, node.kind === 'constructor' ? 'constructor' : 'method')
}

function tidyClass(node: Node, context: Context): Code {
  return [
    decorators(node, context),
    node.abstract ? 'abstract ' : '',
    'class',
    node.id ? [' ', context.file.identifier(node.id)] : '',
    node.superClass ? [' extends (', context.render(node.superClass), ')'] : '',
    '{',
    node.body.body.map((member: Node) => tidyMember(member, context)),
    classMark(node, context.file.scopes),
    '}',
  ]
}

function field(node: Node, context: Context): Code {
  const code = context.file.copy(node, context, child => {
    if (child === node.value) return fieldValue(node, context)
    if (child === node.key && !node.computed) return piece(child.start, child.end)
    return context.render(child)
  })
  return context.file.source[node.end - 1] === ';' ? code : [code, ';']
}

function wholeClass(node: Node, context: Context): Code {
  if (context.tidy) return tidyClass(node, context)
  const { file } = context
  return file.copy(node, context, child => {
    const mark = child === node.body ? classMark(node, file.scopes) : ''
    if (!mark) return context.render(child)
    const code = file.copy(child, context)
    const text = file.source[child.end - 1]
    // The brace that closes the class comes last.
    return text === '}' ? [withoutLast(code), mark, '}'] : code
  })
}

/** A class body without its closing brace, which is part of the last piece of source. */
function withoutLast(code: Code): Code {
  const parts = [...(code as Code[])]
  const last = parts.pop() as { start: number; end: number }
  return [...parts, piece(last.start, last.end - 1)]
}

export const classVisitors: Readonly<Record<string, Visitor>> = {
  ClassDeclaration: wholeClass,
  ClassExpression: wholeClass,
  MethodDefinition: (node, context) =>
    context.file.copy(node, context, child => {
      if (child === node.value) return method(node, context)
      if (child === node.key && !node.computed) return piece(child.start, child.end)
      return context.render(child)
    }),
  PropertyDefinition: field,
  AccessorProperty: field,
  StaticBlock(node, context) {
    const inner = initialiser(node, context)
    if (!inner) return piece(node.start, node.end)
    const open = context.file.source.indexOf('{', node.start)
    const body = renderList(node.body, open + 1, node.end - 1, inner)
    return ['static{', inner.frame.declaration(), context.file.scopeDeclaration(node), body, '}']
  },
}
