import type { Node } from './parse.js'

const VALUES_OF_TYPESCRIPT = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'TSNonNullExpression',
  'TSInstantiationExpression',
  'TSEnumDeclaration',
  'TSEnumBody',
  'TSEnumMember',
  'TSModuleDeclaration',
  'TSModuleBlock',
  'TSExportAssignment',
  'TSParameterProperty',
])

const TYPED_WRAPPERS = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'TSNonNullExpression',
  'TSInstantiationExpression',
])

/** TypeScript syntax without a value: annotations, interfaces, overloads, abstract members… */
export function isType(node: Node): boolean {
  return node.type.startsWith('TS') && !VALUES_OF_TYPESCRIPT.has(node.type)
}

/** `e as T`, `e!`, `e satisfies T`, `<T>e`, `e<T>`: the same value as `e`. */
export function isTypedWrapper(node: Node): boolean {
  return TYPED_WRAPPERS.has(node.type)
}

/** The node without parentheses and type assertions around it. */
export function unwrap(node: Node): Node {
  while (node.type === 'ParenthesizedExpression' || TYPED_WRAPPERS.has(node.type)) node = node.expression
  return node
}

export function isFunction(node: Node): boolean {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  )
}

/** Gets its name from what it is assigned to (IsAnonymousFunctionDefinition, which sees through parentheses). */
export function isAnonymousFunction(node: Node): boolean {
  const inner = unwrap(node)
  if (inner.type === 'ArrowFunctionExpression') return true
  return (inner.type === 'FunctionExpression' || inner.type === 'ClassExpression') && !inner.id
}

/** `declare …`: no code. */
export function isDeclaredOnly(node: Node): boolean {
  return node.declare === true || (isType(node) && !node.type.endsWith('ParameterProperty'))
}

export function isLoop(node: Node): boolean {
  return /^(While|DoWhile|For|ForIn|ForOf)Statement$/.test(node.type)
}

/** A default value without effects and identity: may stay in the parameter list. */
export function isPureLiteral(node: Node): boolean {
  const inner = unwrap(node)
  if (inner.type === 'Literal') return !inner.regex
  if (inner.type === 'UnaryExpression') return /^[-+!]$/.test(inner.operator) && inner.argument.type === 'Literal'
  return inner.type === 'TemplateLiteral' && inner.expressions.length === 0
}

/** The pattern of a parameter, without `private`, `= default` or `...`. */
export function parameterTarget(node: Node): Node {
  if (node.type === 'TSParameterProperty') return parameterTarget(node.parameter)
  if (node.type === 'AssignmentPattern') return node.left
  if (node.type === 'RestElement') return node.argument
  return node
}

/** `this: T` as first parameter. */
export function isThisParameter(node: Node): boolean {
  return node.type === 'Identifier' && node.name === 'this'
}

/** The names a pattern binds, in order. */
export function boundNames(node: Node | null, names: string[] = []): string[] {
  if (!node) return names
  switch (node.type) {
    case 'Identifier':
      names.push(node.name)
      break
    case 'ObjectPattern':
      for (const property of node.properties) boundNames(property.argument ?? property.value, names)
      break
    case 'ArrayPattern':
      for (const element of node.elements) boundNames(element, names)
      break
    case 'AssignmentPattern':
      boundNames(node.left, names)
      break
    case 'RestElement':
      boundNames(node.argument, names)
      break
    case 'TSParameterProperty':
      boundNames(node.parameter, names)
      break
  }
  return names
}

/** The name of a member or property, if it is written down. */
export function keyName(node: Node): string {
  if (node.computed || !node.key) return ''
  if (node.key.type === 'PrivateIdentifier') return `#${node.key.name}`
  return String(node.key.name ?? node.key.value ?? '')
}

/** `object.name` of a target, for the name of the function assigned to it. */
export function memberName(node: Node): string {
  const inner = unwrap(node)
  if (inner.type !== 'MemberExpression' || inner.computed) return ''
  const object =
    inner.object.type === 'Identifier' ? inner.object.name : inner.object.type === 'ThisExpression' ? 'this' : ''
  return object ? `${object}.${inner.property.name}` : ''
}

/** Statements at the start of a function's body; an arrow's body may be an expression. */
export const directivesOf = (body: Node): Node[] => (body.type === 'BlockStatement' ? body.body : [])
