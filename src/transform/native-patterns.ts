import { renderBase, renderKey, touchVariable, trackedReference } from './access.js'
import { type Code, join } from './code.js'
import type { Context } from './context.js'
import { isTypedWrapper, unwrap } from './nodes.js'
import type { Node } from './parse.js'

/** Records the writes of tracked variables a native pattern will do. */
export function writesIn(pattern: Node, context: Context): Code[] {
  const found: Code[] = []
  const visit = (node: Node | null): void => {
    if (!node) return
    const inner = unwrap(node)
    const tracked = trackedReference(inner, context)
    if (tracked) found.push(touchVariable('writeVar', tracked, context, 'void 0'))
    else if (inner.type === 'ArrayPattern') inner.elements.forEach(visit)
    else if (inner.type === 'ObjectPattern') for (const each of inner.properties) visit(each.argument ?? each.value)
    else if (inner.type === 'AssignmentPattern') visit(inner.left)
    else if (inner.type === 'RestElement') visit(inner.argument)
  }
  visit(pattern)
  return found
}

/** A target or pattern that stays one, with the expressions inside it rendered. */
export function renderNativeTarget(node: Node, context: Context, declares = false): Code {
  const { file } = context
  const target = (child: Node) => renderNativeTarget(child, context, declares)
  switch (node.type) {
    case 'Identifier':
      return file.identifier(node)
    case 'AssignmentPattern':
      return [target(node.left), '=', context.render(node.right)]
    case 'ArrayPattern':
      return [
        '[',
        join(
          node.elements.map((each: Node | null) => (each ? target(each) : '')),
          ',',
        ),
        node.elements.length && !node.elements.at(-1) ? ',]' : ']',
      ]
    case 'RestElement':
      return ['...', target(node.argument)]
    case 'ObjectPattern':
      return [
        '{',
        join(
          node.properties.map((each: Node) => renderNativeProperty(each, context, declares)),
          ',',
        ),
        '}',
      ]
    case 'MemberExpression': {
      if (node.object.type === 'Super') return file.copy(node, context)
      const base = renderBase(node.object, context, true)
      const key = renderKey(node, context, base.again)
      const before: Code = [base.first, ',', key.before ? [key.before, ','] : '']
      const touch = context.touch('write', base.again, key.key, 'void 0', context.site(node.property.start))
      return ['(', before, touch, ',', base.again, ')', key.code]
    }
    default:
      if (isTypedWrapper(node)) return target(node.expression)
      if (node.type === 'ParenthesizedExpression') return ['(', target(node.expression), ')']
      return context.render(node)
  }
}

function renderNativeProperty(node: Node, context: Context, declares: boolean): Code {
  if (node.type === 'RestElement') return ['...', renderNativeTarget(node.argument, context, declares)]
  const value = renderNativeTarget(node.value, context, declares)
  if (node.shorthand) return value
  const key: Code = node.computed ? ['[', context.render(node.key), ']'] : context.file.identifier(node.key)
  return [key, ':', value]
}
