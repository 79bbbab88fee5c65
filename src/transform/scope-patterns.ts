import { boundNames, unwrap } from './nodes.js'
import type { Node } from './parse.js'
import type { ScopeWalk } from './scope-walk.js'
import { type BindingKind, declare, type Scope } from './scopes.js'

export function declarePattern(walk: ScopeWalk, pattern: Node | null, kind: BindingKind, scope: Scope): void {
  for (const name of boundNames(pattern)) {
    declare(scope, name, kind)
    if (name === 'yield') walk.yieldName(scope)
    if (name === 'arguments') walk.keepNative(scope, 'declares the name arguments')
  }
}

/** Visits the expressions inside a binding pattern. */
export function patternExpressions(walk: ScopeWalk, node: Node | null, scope: Scope): void {
  if (!node) return
  walk.stack.push(node)
  switch (node.type) {
    case 'ObjectPattern':
      for (const property of node.properties) {
        walk.stack.push(property)
        if (property.computed) walk.visit(property.key, scope)
        patternExpressions(walk, property.argument ?? property.value, scope)
        walk.stack.pop()
      }
      break
    case 'ArrayPattern':
      for (const element of node.elements) patternExpressions(walk, element, scope)
      break
    case 'AssignmentPattern':
      patternExpressions(walk, node.left, scope)
      walk.named(node.right, node.left.type === 'Identifier' ? node.left.name : '', scope)
      break
    case 'RestElement':
      patternExpressions(walk, node.argument, scope)
      break
    case 'TSParameterProperty':
      for (const decorator of node.decorators) walk.visit(decorator, scope)
      patternExpressions(walk, node.parameter, scope)
      break
  }
  for (const decorator of node.type === 'TSParameterProperty' ? [] : (node.decorators ?? []))
    walk.visit(decorator, scope)
  walk.stack.pop()
}

/** The target of an assignment: identifiers are written. */
export function target(walk: ScopeWalk, node: Node | null, scope: Scope): void {
  if (!node) return
  walk.stack.push(node)
  switch (node.type) {
    case 'Identifier':
      walk.reference(node, scope, true)
      break
    case 'ObjectPattern':
      for (const property of node.properties) {
        walk.stack.push(property)
        if (property.computed) walk.visit(property.key, scope)
        target(walk, property.argument ?? property.value, scope)
        walk.stack.pop()
      }
      break
    case 'ArrayPattern':
      for (const element of node.elements) target(walk, element, scope)
      break
    case 'AssignmentPattern':
      target(walk, node.left, scope)
      walk.visit(node.right, scope)
      break
    case 'RestElement':
      target(walk, node.argument, scope)
      break
    default:
      if (node.type === 'ParenthesizedExpression' || unwrap(node) !== node) target(walk, node.expression, scope)
      else walk.visit(node, scope)
  }
  walk.stack.pop()
}
