/**
 * Constructors that can be suspended. What makes the object stays native: the fields of a base class, and in a derived
 * class the call of `super` too, which must be the first statement; what comes after it is a coroutine.
 */
import { unwrap } from './nodes.js'
import { children, type Node } from './parse.js'
import type { FunctionInfo, Scopes } from './scopes.js'

/** What the last static block of a class says: its constructor hands over a coroutine. */
export const CLASS_MARK = 'static{"$fr"}'

/** What an argument of `super` may not contain: the coroutine gets the parameters as they were at the call. */
const UNSAFE = new Set([
  'AssignmentExpression',
  'UpdateExpression',
  'ArrowFunctionExpression',
  'FunctionExpression',
  'ClassExpression',
  'AwaitExpression',
  'YieldExpression',
])

function contains(node: Node, matches: (node: Node) => boolean, into: (node: Node) => boolean): boolean {
  return matches(node) || (into(node) && children(node).some(child => contains(child, matches, into)))
}

const isSuperCall = (node: Node): boolean => node.type === 'CallExpression' && unwrap(node.callee).type === 'Super'

/** The statement that calls `super`, of a derived class whose constructor can be suspended after it. */
export function superStatement(node: Node, info: FunctionInfo): Node | undefined {
  if (!info.derived || info.parameters !== 'simple') return undefined
  if (node.body.type !== 'BlockStatement') return undefined
  const [first, ...rest] = node.body.body as Node[]
  if (first?.type !== 'ExpressionStatement' || !isSuperCall(unwrap(first.expression))) return undefined
  const call = unwrap(first.expression)
  if (
    call.arguments.some((each: Node) =>
      contains(
        each,
        ({ type }) => UNSAFE.has(type),
        () => true,
      ),
    )
  )
    return undefined
  const isFunction = ({ type }: Node): boolean => /Function|Class/.test(type)
  const returns = (each: Node): boolean => each.type === 'ReturnStatement' && each.argument !== null
  for (const statement of rest) {
    if (contains(statement, isSuperCall, () => true)) return undefined
    // Anything but an object is an error there, which only the native constructor makes.
    if (contains(statement, returns, each => !isFunction(each))) return undefined
  }
  return first
}

/** Whether `super` occurs other than as what is called: there, or in an arrow function, a computed key or a heritage. */
export function usesSuperProperty(node: Node): boolean {
  const isProperty = (each: Node): boolean => each.type === 'MemberExpression' && each.object.type === 'Super'
  return contains(node.body, isProperty, ({ type }) => type !== 'FunctionExpression' && type !== 'FunctionDeclaration')
}

/** Whether the constructor gets a coroutine. */
export function isSuspendable(node: Node, info: FunctionInfo | undefined): boolean {
  if (!info || !node.body || info.native || info.parameters === 'place') return false
  if (node.params.some((each: Node) => each.type === 'TSParameterProperty')) return false
  return !info.derived || superStatement(node, info) !== undefined
}

/** The mark for a class whose constructor gets a coroutine. */
export function classMark(node: Node, scopes: Scopes): string {
  const member = node.body.body.find(
    (each: Node) => each.type === 'MethodDefinition' && each.kind === 'constructor' && each.value.body,
  )
  return member && isSuspendable(member.value, scopes.functions.get(member.value)) ? CLASS_MARK : ''
}
