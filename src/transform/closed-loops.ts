/** Which loops come back to the same variables: a turn that changes nothing else can be repeated. */
import { children, type Node } from './parse.js'
import type { Binding, Scopes } from './scopes.js'

/**
 * Whether no turn assigns a variable that the next one sees, other than those whose writes are recorded. Variables that a
 * turn declares itself are new in each.
 */
export function isClosed(loop: Node, scopes: Scopes): boolean {
  const isOwn = ({ scope, kind }: Binding): boolean =>
    kind !== 'var' && scope.node !== loop && scope.node.start >= loop.start && scope.node.end <= loop.end
  const visit = (node: Node): boolean => {
    if (node.type === 'VariableDeclaration' && node.kind === 'var') return false
    const reference = scopes.references.get(node)
    if (reference?.write) {
      const { binding } = reference
      if (binding === null || !(binding.tracked || isOwn(binding))) return false
    }
    return children(node).every(visit)
  }
  return visit(loop)
}
