import { isAnonymousFunction, isPureLiteral, parameterTarget, unwrap } from './nodes.js'
import type { Node } from './parse.js'
import { declare, type FunctionInfo, type Scope, varScope } from './scopes.js'

/** A function declaration: in a block of sloppy code it makes a `var` around the block as well (Annex B). */
export function declareHoisted(node: Node, scope: Scope): void {
  const name: string = node.id.name
  declare(scope, name, 'function')
  const outer = varScope(scope)
  if (scope === outer) outer.owner.bodyNames.add(name)
  else if (!scope.strict && !node.async && !node.generator && !outer.names.has(name)) {
    declare(outer, name, 'annexB')
    outer.owner.bodyNames.add(name)
  }
}

/** Decides whether defaults and patterns can move into the body. They can't where the body's own names would be seen by them. */
export function analyseParameters(info: FunctionInfo): void {
  const parameters: Node[] = info.node.params
  if (!parameters.some(isComplex)) return
  const clashes = (names: Set<string>) => [...info.bodyNames].some(name => names.has(name))
  if (info.node.generator || clashes(info.parameterNames)) info.parameters = 'place'
  else if (clashes(info.parameterReferences) || parameters.some(keepsParameters)) info.parameters = 'closed'
  else info.parameters = 'move'
}

/** A parameter that does something when the function is called. */
export function isComplex(parameter: Node): boolean {
  if (parameter.decorators?.length) return true
  const target = parameterTarget(parameter)
  if (target.type !== 'Identifier') return true
  return parameter.type === 'AssignmentPattern' && !isPureLiteral(parameter.right)
}

function keepsParameters(parameter: Node): boolean {
  if (parameter.decorators?.length || parameterTarget(parameter).decorators?.length) return true
  if (parameter.type !== 'AssignmentPattern') return false
  // A class is evaluated with its own name in its dead zone: no plain statement does that.
  return isAnonymousFunction(parameter.right) && unwrap(parameter.right).type === 'ClassExpression'
}
