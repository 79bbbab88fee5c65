import { assignTemp, touchVariable, trackedReference } from './access.js'
import { type Code, piece } from './code.js'
import type { Context } from './context.js'
import { binaryConversion, templateConversion } from './conversions.js'
import type { File, Visitor } from './file.js'
import { renderFunction } from './functions.js'
import { unwrap } from './nodes.js'
import type { Node } from './parse.js'

/** `(touch(value), value)`: the value, after its use in some way was recorded. */
export function touchValue(call: string, node: Node, context: Context): Code {
  const temp = context.temp()
  const value = assignTemp(temp, node, context)
  const site = context.site(node.start)
  if (context.coroutine) return ['(', context.touch(call, value, site), ',', temp, ')']
  return ['(', value, ',', context.touch(call, temp, site), ',', temp, ')']
}

function identifier(node: Node, context: Context): Code {
  const { file } = context
  const name = file.identifier(node)
  if (context.mode === 'written') return name
  if (!file.scopes.references.has(node)) return context.tidy ? name : piece(node.start, node.end)
  if (node.name === 'arguments' && context.aliases.arguments) return file.names.arguments
  const tracked = trackedReference(node, context)
  if (tracked) return ['(', touchVariable('readVar', tracked, context), ',', name, ')']
  const imported =
    file.scopes.references.get(node)?.binding?.kind === 'import' ? file.imports.byName.get(node.name) : undefined
  if (!imported) return name
  const { runtime } = context
  const touch = context.touch('readImport', imported.namespace, JSON.stringify(imported.name), context.site(node.start))
  return [`(${runtime}.live&&`, touch, ',', name, ')']
}

function property(node: Node, context: Context): Code | undefined {
  if (node.method || node.kind !== 'init') {
    const { file } = context
    return file.copy(node, context, child =>
      child === node.value ? renderFunction(child, context, 'method') : renderKeyNode(node, child, context),
    )
  }
  if (node.shorthand) {
    const value = context.render(node.value)
    const plain = typeof value === 'object' && 'start' in value
    return plain ? value : [node.key.name, ':', value]
  }
  return context.file.copy(node, context, child =>
    child === node.key ? renderKeyNode(node, child, context) : context.render(child),
  )
}

/** A key is an expression only between brackets. */
function renderKeyNode(owner: Node, key: Node, context: Context): Code {
  return owner.computed ? context.render(key) : piece(key.start, key.end)
}

/** Line ends in a template are part of its value: on one line they are written as escapes. */
function templateElement(node: Node, file: File): Code {
  const text = file.source.slice(node.start, node.end)
  if (!/[\r\n]/.test(text)) return piece(node.start, node.end)
  const oneLine = text.replace(/\\[\s\S]|\r\n?|\n/g, found =>
    found[0] !== '\\' ? '\\n' : found === '\\\n' || found === '\\\r' ? '' : found,
  )
  return piece(node.start, node.end, oneLine.includes('\n') ? text : oneLine)
}

function taggedTemplate(node: Node, context: Context): Code | undefined {
  if (context.mode === 'written') return undefined
  const { file } = context
  const tag = unwrap(node.tag)
  // The tag stays a member access: it gets its `this` from there.
  const renderTag = (): Code => {
    if (tag.type !== 'MemberExpression' || tag.object.type === 'Super') return context.render(node.tag)
    const object = context.render(tag.object)
    return tag.computed
      ? ['(', object, ')[', context.render(tag.property), ']']
      : ['(', object, ').', piece(tag.property.start, tag.property.end)]
  }
  const quasi = file.copy(node.quasi, context, child =>
    child.type === 'TemplateElement' ? piece(child.start, child.end) : context.render(child),
  )
  if (tag.type === 'MemberExpression' && tag.object.type === 'Super' && context.aliases.super)
    return [context.render(node.tag), '.bind(this)', quasi]
  return [renderTag(), quasi]
}

function objectExpression(node: Node, context: Context): Code | undefined {
  if (context.mode === 'written') return undefined
  const code = context.file.copy(node, context, child =>
    child.type === 'SpreadElement'
      ? ['...', touchValue('spreadObject', child.argument, context)]
      : context.render(child),
  )
  return [`${context.runtime}.made(`, code, ')']
}

function typedWrapper(node: Node, context: Context): Code | undefined {
  return context.tidy ? context.render(node.expression) : undefined
}

function inExpression(node: Node, context: Context): Code | undefined {
  if (context.mode === 'written' || node.operator !== 'in' || node.left.type === 'PrivateIdentifier') return undefined
  const key = context.temp()
  const object = context.temp()
  return [
    '(',
    assignTemp(key, node.left, context),
    ',',
    assignTemp(object, node.right, context),
    `,${key}=${context.runtime}.key(${key},${object}),`,
    context.touch('has', object, key, context.site(node.start)),
    `,${key} in ${object})`,
  ]
}

export const expressionVisitors: Readonly<Record<string, Visitor>> = {
  Identifier: identifier,
  Property: property,
  TemplateElement: (node, context) => (context.tidy ? templateElement(node, context.file) : undefined),
  TaggedTemplateExpression: taggedTemplate,
  ObjectExpression: objectExpression,
  ArrayExpression: (node, context) =>
    context.mode === 'written' ? undefined : [`${context.runtime}.made(`, context.file.copy(node, context), ')'],
  SpreadElement: (node, context) =>
    context.mode === 'written' ? undefined : ['...', touchValue('spread', node.argument, context)],
  BinaryExpression: (node, context) => inExpression(node, context) ?? binaryConversion(node, context),
  TemplateLiteral: templateConversion,
  TSAsExpression: typedWrapper,
  TSSatisfiesExpression: typedWrapper,
  TSTypeAssertion: typedWrapper,
  TSNonNullExpression: typedWrapper,
  TSInstantiationExpression: typedWrapper,
  FunctionExpression: (node, context) => renderFunction(node, context, 'plain'),
  FunctionDeclaration: (node, context) => renderFunction(node, context, 'plain'),
  ArrowFunctionExpression: (node, context) => renderFunction(node, context, 'arrow'),
  // Nothing that the program does settles its promise.
  ImportExpression: (node, context) =>
    context.mode === 'written' ? undefined : [`${context.runtime}.imported(`, context.file.copy(node, context), ')'],
  MetaProperty(node, context) {
    return context.aliases.newTarget && node.meta.name === 'new' && context.mode === 'coroutine'
      ? context.file.names.newTarget
      : piece(node.start, node.end)
  },
  JSXAttribute: (node, context) =>
    context.file.copy(node, context, child =>
      child.type === 'Literal' ? piece(child.start, child.end) : context.render(child),
    ),
  JSXText: node => piece(node.start, node.end),
  JSXIdentifier: node => piece(node.start, node.end),
  JSXMemberExpression: node => piece(node.start, node.end),
  // In parentheses, since what it becomes a part of may be an argument list.
  SequenceExpression: (node, context) =>
    context.mode === 'written' && !context.tidy ? undefined : ['(', context.file.copy(node, context), ')'],
  Decorator(node, context) {
    const inner = context.written()
    return ['@', piece(node.start + 1, node.expression.start), inner.render(node.expression), context.tidy ? ' ' : '']
  },
}

/** `typeof x` must not fail where `x` is a global that doesn't exist yet. */
export function typeofGlobal(node: Node, context: Context): Code | undefined {
  if (node.operator !== 'typeof' || context.mode === 'written') return undefined
  const operand = unwrap(node.argument)
  const tracked = trackedReference(operand, context)
  if (tracked?.binding?.kind !== 'global') return undefined
  return ['(', touchVariable('readVar', tracked, context), ',typeof ', context.file.identifier(operand), ')']
}
