/**
 * Variables that a module exports and assigns later: who imports them reads the variable. Importers name the module by
 * its namespace, which the runtime finds the exporter by.
 */
import type { File } from './file.js'
import { boundNames, isType } from './nodes.js'
import type { Node } from './parse.js'
import type { Scopes } from './scopes.js'

/** What a local name stands for in another module. */
export interface Imported {
  namespace: string
  name: string
}

const textOf = (name: Node): string => (name.type === 'Literal' ? name.value : name.name)

/** The imported variables that functions of the file use, by local name, and what to import besides. */
export class Imports {
  readonly byName = new Map<string, Imported>()
  /** The import of a whole namespace, by the declaration that it follows. */
  readonly besides = new Map<Node, string>()

  constructor(program: Node, source: string, scopes: Scopes, prefix: string) {
    const used = new Set<string>()
    for (const { binding, scope, name } of scopes.references.values())
      if (binding?.kind === 'import' && scope.owner !== scopes.module.owner) used.add(name)
    if (used.size === 0) return
    for (const node of program.body as Node[]) {
      if (node.type !== 'ImportDeclaration' || isType(node) || node.importKind === 'type' || node.phase) continue
      if (/^node:/.test(node.source.value)) continue
      const namespace = `${prefix}m${this.besides.size}`
      let wanted = false
      for (const each of node.specifiers as Node[]) {
        if (each.importKind === 'type' || each.type === 'ImportNamespaceSpecifier' || !used.has(each.local.name))
          continue
        const name = each.type === 'ImportDefaultSpecifier' ? 'default' : textOf(each.imported)
        this.byName.set(each.local.name, { namespace, name })
        wanted = true
      }
      // Whatever follows the specifiers, attributes too, names the same module.
      if (wanted) this.besides.set(node, `;import * as ${namespace} from ${source.slice(node.source.start, node.end)}`)
    }
  }
}

/** For the prelude: each exported variable that is a location, with its scope and its value. */
export function renderLive(file: File): string {
  const { module } = file.scopes
  const live: string[] = []
  const add = (exported: string, local: string): void => {
    if (!module.names.get(local)?.tracked) return
    live.push(`${JSON.stringify(exported)}:[()=>${file.scopeName(module)},${JSON.stringify(local)},()=>${local}]`)
  }
  for (const node of file.parsed.program.body as Node[]) {
    if (node.exportKind === 'type') continue
    if (node.type === 'ExportDefaultDeclaration' && node.declaration.id) add('default', node.declaration.id.name)
    if (node.type !== 'ExportNamedDeclaration' || node.source) continue
    const { declaration } = node
    if (declaration?.type === 'VariableDeclaration')
      for (const each of declaration.declarations) for (const name of boundNames(each.id)) add(name, name)
    else if (declaration?.id) add(declaration.id.name, declaration.id.name)
    for (const each of node.specifiers as Node[])
      if (each.exportKind !== 'type') add(textOf(each.exported), textOf(each.local))
  }
  return live.length === 0 ? '' : `live:{${live.join()}},`
}
