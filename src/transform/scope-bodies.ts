import { directivesOf, keyName } from './nodes.js'
import type { Node } from './parse.js'
import { analyseParameters, isComplex } from './scope-functions.js'
import { declarePattern, patternExpressions } from './scope-patterns.js'
import type { ScopeWalk } from './scope-walk.js'
import { declare, type Scope } from './scopes.js'

export function classNode(walk: ScopeWalk, node: Node, scope: Scope, name: string): void {
  walk.markDirty()
  for (const decorator of node.decorators ?? []) walk.visit(decorator, scope)
  const inner = walk.open(node, 'class', scope, scope.owner, true)
  if (node.id) declare(inner, node.id.name, 'name')
  const outerName = walk.className
  walk.className = node.id?.name ?? (name || '<class>')
  walk.visit(node.superClass, inner)
  walk.stack.push(node.body)
  const outerDerived = walk.derived
  for (const member of node.body.body) {
    walk.derived = node.superClass !== null
    classMember(walk, member, inner)
  }
  walk.derived = outerDerived
  walk.stack.pop()
  walk.className = outerName
}

export function classMember(walk: ScopeWalk, node: Node, scope: Scope): void {
  if (node.type === 'TSIndexSignature') return
  walk.stack.push(node)
  for (const decorator of node.decorators ?? []) walk.visit(decorator, scope)
  if (node.computed) walk.visit(node.key, scope)
  const name = `${walk.className}.${keyName(node) || '<computed>'}`
  if (node.type === 'MethodDefinition') {
    const { derived } = walk
    walk.named(node.value, name, scope)
    const info = walk.result.functions.get(node.value)
    if (info && node.kind === 'constructor') info.derived = derived
    if (info && node.kind === 'constructor' && info.parameters !== 'simple') info.parameters = 'place'
  }
  if (node.type === 'StaticBlock' || (node.value && node.type !== 'MethodDefinition')) {
    walk.markDirty()
    const owner = walk.info(node, scope.owner, true)
    owner.initialiser = true
    owner.name = node.type === 'StaticBlock' ? `${walk.className}.<static>` : name
    walk.result.functions.set(node, owner)
    const outerLoops = walk.loops
    walk.loops = 0
    const inner = walk.open(node, 'function', scope, owner, true)
    if (node.type === 'StaticBlock') walk.statements(node.body, inner)
    else walk.named(node.value, name, inner)
    walk.loops = outerLoops
  }
  walk.stack.pop()
}

export function functionNode(walk: ScopeWalk, node: Node, scope: Scope, name: string): void {
  if (!node.body) return
  const ownStrict = directivesOf(node.body).some((each: Node) => each.directive === 'use strict')
  const strict = scope.strict || ownStrict
  const owner = walk.info(node, scope.owner, strict)
  owner.name = node.id?.name ?? (name || '<anonymous>')
  if (walk.withDepth) owner.native = 'inside a with statement'
  // An error that has to stay one, though defaults and patterns move into the body.
  if (ownStrict && node.params.some((each: Node) => each.type !== 'Identifier'))
    owner.native = 'a "use strict" that its parameters forbid'
  walk.result.functions.set(node, owner)
  let outer = scope
  if (node.type === 'FunctionExpression' && node.id) {
    outer = walk.open(node.id, 'name', scope)
    declare(outer, node.id.name, 'name')
    if (node.id.name === 'yield') owner.native = 'uses the name yield'
  }
  const inner = walk.open(node, 'function', outer, owner, strict)
  const outerLoops = walk.loops
  walk.loops = 0
  for (const parameter of node.params) declarePattern(walk, parameter, 'param', inner)
  owner.parameterNames = new Set(inner.names.keys())
  walk.parameterLists.push(owner)
  for (const parameter of node.params) patternExpressions(walk, parameter, inner)
  walk.parameterLists.pop()
  if (node.body.type === 'BlockStatement') {
    // Expressions in the parameter list don't see the variables of the body.
    const body = node.params.some(isComplex) ? walk.open(node.body, 'function', inner) : inner
    walk.stack.push(node.body)
    walk.statements(node.body.body, body)
    walk.stack.pop()
  } else walk.visit(node.body, inner)
  walk.loops = outerLoops
  analyseParameters(owner)
}
