import { boundNames, isLoop } from './nodes.js'
import type { Node } from './parse.js'
import { classNode } from './scope-bodies.js'
import { declarePattern, patternExpressions, target } from './scope-patterns.js'
import type { ScopeWalk } from './scope-walk.js'
import { type Binding, type BindingKind, declare, type Scope, varScope } from './scopes.js'

export function statement(walk: ScopeWalk, node: Node, scope: Scope, name: string): void {
  switch (node.type) {
    case 'VariableDeclaration':
      return variables(walk, node, scope)
    case 'ClassDeclaration':
      if (node.id) {
        declare(scope, node.id.name, 'class')
        if (scope.kind === 'function') scope.owner.bodyNames.add(node.id.name)
      }
      return classNode(walk, node, scope, name)
    case 'ClassExpression':
      return classNode(walk, node, scope, name)
    case 'BlockStatement':
      return walk.statements(node.body, walk.open(node, 'block', scope))
    case 'SwitchStatement': {
      walk.visit(node.discriminant, scope)
      const inner = walk.open(node, 'switch', scope)
      return walk.statements(node.cases, inner)
    }
    case 'CatchClause': {
      const inner = walk.open(node, 'catch', scope)
      declarePattern(walk, node.param, 'catch', inner)
      patternExpressions(walk, node.param, inner)
      return walk.visit(node.body, inner)
    }
    case 'WithStatement':
      walk.keepNative(scope, 'with statement')
      walk.visit(node.object, scope)
      walk.withDepth++
      walk.visit(node.body, scope)
      walk.withDepth--
      return
    case 'ImportDeclaration':
      if (node.importKind !== 'type')
        for (const specifier of node.specifiers) declare(scope, specifier.local.name, 'import')
      return
    case 'TSImportEqualsDeclaration':
      declare(scope, node.id.name, 'import')
      return
    case 'ExportNamedDeclaration':
      if (node.declaration) walk.visit(node.declaration, scope)
      else if (!node.source)
        for (const specifier of node.specifiers)
          if (specifier.local.type === 'Identifier') walk.reference(specifier.local, scope, false)
      return
    case 'ExportDefaultDeclaration':
      return walk.named(node.declaration, 'default', scope)
    case 'TSEnumDeclaration':
      declare(scope, node.id.name, 'const')
      return
    case 'TSModuleDeclaration':
      return namespace(walk, node, scope)
    default:
      if (isLoop(node)) return loop(walk, node, scope)
      return walk.each(node, scope)
  }
}

export function variables(walk: ScopeWalk, node: Node, scope: Scope): void {
  const kind: BindingKind = node.kind === 'var' ? 'var' : node.kind === 'let' ? 'let' : 'const'
  const where = kind === 'var' ? varScope(scope) : scope
  for (const declarator of node.declarations) {
    declarePattern(walk, declarator.id, kind, where)
    if (kind === 'var') {
      if (declarator.init && declarator.id.type === 'Identifier') walk.note(declarator.id, scope, false)
      for (const name of boundNames(declarator.id)) {
        const binding = declared(where, name)
        where.owner.bodyNames.add(name)
        if (declarator.init && (walk.loops > 0 || binding.declarations > 1 || binding.kind !== 'var'))
          binding.assigned = binding.outsideHead = true
      }
    } else if (scope.kind === 'function') for (const name of boundNames(declarator.id)) where.owner.bodyNames.add(name)
    walk.stack.push(declarator)
    patternExpressions(walk, declarator.id, scope)
    walk.named(declarator.init, declarator.id.type === 'Identifier' ? declarator.id.name : '', scope)
    walk.stack.pop()
  }
}

export function loop(walk: ScopeWalk, node: Node, scope: Scope): void {
  const headed = node.type.startsWith('For')
  const inner = headed ? walk.open(node, node.type === 'ForStatement' ? 'for' : 'forIn', scope) : scope
  const outerHead = walk.head
  if (node.type === 'ForStatement') walk.head = node
  if (node.type === 'ForStatement' && node.init?.kind?.endsWith('using'))
    walk.keepNative(scope, 'using in the head of a for')
  if (node.type === 'ForStatement') {
    walk.visit(node.init, inner)
    walk.loops++
    walk.visit(node.test, inner)
    walk.visit(node.update, inner)
  } else if (headed) {
    walk.loops++
    if (node.left.type === 'VariableDeclaration') {
      walk.visit(node.left, inner)
      if (node.left.kind === 'var')
        for (const name of boundNames(node.left.declarations[0].id)) {
          const binding = declared(varScope(scope), name)
          binding.assigned = binding.outsideHead = true
        }
    } else target(walk, node.left, inner)
    walk.visit(node.right, inner)
  } else {
    walk.loops++
    walk.visit(node.test, inner)
  }
  walk.head = outerHead
  walk.visit(node.body, inner)
  walk.loops--
}

export function namespace(walk: ScopeWalk, node: Node, scope: Scope): void {
  if (node.id.type === 'Identifier') declare(scope, node.id.name, 'const')
  if (!node.body) return
  walk.markDirty()
  if (node.body.type !== 'TSModuleBlock') return walk.visit(node.body, scope)
  const owner = walk.info(node.body, scope.owner, scope.strict)
  owner.initialiser = true
  owner.name = node.id.name ?? '<namespace>'
  walk.result.functions.set(node.body, owner)
  const inner = walk.open(node.body, 'function', scope, owner)
  walk.stack.push(node.body)
  walk.statements(node.body.body, inner)
  walk.stack.pop()
}

function declared(scope: Scope, name: string): Binding {
  const binding = scope.names.get(name)
  if (!binding) throw new Error(`frontrun: ${name} should have been declared`)
  return binding
}
