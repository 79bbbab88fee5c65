/**
 * Which variable an imported name stands for. Nothing tells what module a namespace belongs to; but the values of its
 * names must be those of the exporter's variables. Where several modules fit, all their variables are taken to be read.
 */
import { types } from 'node:util'
import type { FileDescription } from './sites.js'

/** A variable of another module. */
export interface LiveVariable {
  readonly scope: unknown
  readonly name: string
}

const known = new WeakMap<object, Map<PropertyKey, readonly LiveVariable[]>>()

function equals(value: () => unknown, namespace: object, name: string): boolean {
  try {
    return name in namespace && Object.is(value(), (namespace as Record<string, unknown>)[name])
  } catch {
    return false
  }
}

/** Every exported variable of the file has the value that the namespace has by its name. */
const exportsAll = (live: NonNullable<FileDescription['live']>, namespace: object): boolean =>
  Object.entries(live).every(([name, [, , value]]) => equals(value, namespace, name))

function find(files: readonly FileDescription[], namespace: object, name: string): readonly LiveVariable[] {
  const exporters: LiveVariable[] = []
  const others: LiveVariable[] = []
  for (const { live } of files) {
    if (live === undefined) continue
    const direct = live[name]
    if (direct !== undefined && exportsAll(live, namespace)) exporters.push({ scope: direct[0](), name: direct[1] })
    // It may be exported again from elsewhere, by another name.
    for (const [scope, local, value] of Object.values(live))
      if (equals(() => value(), { [name]: (namespace as Record<string, unknown>)[name] }, name))
        others.push({ scope: scope(), name: local })
  }
  return exporters.length > 0 ? exporters : others
}

/** Found once, so that it is the same in every execution. */
export function liveVariables(
  files: readonly FileDescription[],
  namespace: object,
  name: PropertyKey,
): readonly LiveVariable[] {
  let names = known.get(namespace)
  if (names === undefined) {
    names = new Map()
    known.set(namespace, names)
  }
  let variables = names.get(name)
  if (variables === undefined) {
    variables = typeof name === 'string' ? find(files, namespace, name) : []
    names.set(name, variables)
  }
  return variables
}

/** A module's namespace; the Vite family makes them of plain objects. */
export const isNamespace = (target: object): boolean =>
  types.isModuleNamespaceObject(target) ||
  Object.getOwnPropertyDescriptor(target, Symbol.toStringTag)?.value === 'Module'
