import { GLOBALS } from './global-names.js'
import type { Node } from './parse.js'

export type BindingKind =
  | 'var'
  | 'let'
  | 'const'
  | 'function'
  | 'class'
  | 'param'
  | 'import'
  | 'catch'
  | 'name'
  | 'annexB'
  | 'global'

/** A variable. `tracked`: it is a location, its reads and writes are recorded. */
export interface Binding {
  name: string
  kind: BindingKind
  scope: Scope
  captured: boolean
  assigned: boolean
  /** Assigned, or captured, in another place than the head of the `for` that declares it. */
  outsideHead: boolean
  declarations: number
  tracked: boolean
}

export type ScopeKind = 'function' | 'block' | 'for' | 'forIn' | 'switch' | 'catch' | 'class' | 'name'

export interface Scope {
  kind: ScopeKind
  node: Node
  parent: Scope | null
  owner: FunctionInfo
  names: Map<string, Binding>
  strict: boolean
  /** Number of its `$v`, 0 when none of its variables is tracked. */
  id: number
}

/** What is known of a function, the module, a field initialiser or a static block. */
export interface FunctionInfo {
  node: Node
  parent: FunctionInfo | null
  arrow: boolean
  /** A field initialiser or static block: not a function in the source. */
  initialiser: boolean
  strict: boolean
  name: string
  usesThis: boolean
  usesArguments: boolean
  usesNewTarget: boolean
  usesSuper: boolean
  /** The constructor of a class that extends another: `this` exists only after super(). */
  derived: boolean
  /** Where its first super() call ends. */
  superEnd: number
  /** Why the function must stay exactly as written, if it must. */
  native?: string
  /** `move`: defaults and patterns go into the body; `closed`: they stay, the coroutine closes over them; `place`: no coroutine at all. */
  parameters: 'simple' | 'move' | 'closed' | 'place'
  parameterNames: Set<string>
  /** Every name that occurs in the parameter list's expressions. */
  parameterReferences: Set<string>
  bodyNames: Set<string>
}

export interface Reference {
  node: Node
  name: string
  scope: Scope
  write: boolean
  /** The `for` statement in whose head it stands. */
  head: Node | null
  binding: Binding | null
}

export interface Scopes {
  /** By the node that opens the scope. */
  scopes: Map<Node, Scope>
  functions: Map<Node, FunctionInfo>
  references: Map<Node, Reference>
  /** Nodes with a function, class or tracked scope inside: the others are copied as they are. */
  dirty: Set<Node>
  /** Function expressions that stand as the callee of a call. */
  calledAtOnce: Set<Node>
  /** The module's own bindings. */
  module: Scope
  /** Pretend scope of undeclared variables that the file assigns. */
  global: Scope
}

export function declare(scope: Scope, name: string, kind: BindingKind): Binding {
  const known = scope.names.get(name)
  if (known) {
    known.declarations++
    if (known.kind === 'annexB' || (known.kind === 'var' && kind === 'function')) known.kind = kind
    return known
  }
  const binding: Binding = {
    name,
    kind,
    scope,
    captured: false,
    assigned: false,
    outsideHead: false,
    declarations: 1,
    tracked: false,
  }
  scope.names.set(name, binding)
  return binding
}

export function varScope(scope: Scope): Scope {
  let at = scope
  while (at.kind !== 'function' && at.parent) at = at.parent
  return at
}

function lookup(scope: Scope, name: string): Binding | null {
  for (let at: Scope | null = scope; at; at = at.parent) {
    const binding = at.names.get(name)
    if (binding) return binding
  }
  return null
}

/** Finds each reference's binding, then decides which variables are locations. */
export function resolve(scopes: Scopes): void {
  const globals: Reference[] = []
  for (const reference of scopes.references.values()) {
    const binding = lookup(reference.scope, reference.name)
    reference.binding = binding
    if (!binding) {
      globals.push(reference)
      continue
    }
    const captured = reference.scope.owner !== binding.scope.owner
    if (captured) binding.captured = true
    if (reference.write) binding.assigned = true
    if (captured ? reference.head === binding.scope.node : reference.write && reference.head !== binding.scope.node)
      binding.outsideHead = true
    if (captured && reference.write) binding.outsideHead = true
  }
  resolveGlobals(scopes, globals)
  let id = 0
  for (const scope of [scopes.global, ...scopes.scopes.values()]) {
    for (const binding of scope.names.values()) {
      binding.tracked = isLocation(binding)
      if (binding.tracked && !scope.id) scope.id = ++id
    }
  }
}

/** A name that the file doesn't declare: a property of the global object, a location if a function of the file touches it. */
function resolveGlobals(scopes: Scopes, references: readonly Reference[]): void {
  const assigned = new Set<string>()
  for (const reference of references)
    if (reference.write && reference.name !== 'undefined') assigned.add(reference.name)
  for (const reference of references) {
    if (GLOBALS.has(reference.name) && !assigned.has(reference.name)) continue
    const binding = declare(scopes.global, reference.name, 'global')
    binding.assigned = true
    if (reference.scope.owner !== scopes.global.owner) binding.captured = true
    reference.binding = binding
  }
}

function isLocation(binding: Binding): boolean {
  if (!binding.captured || !binding.assigned) return false
  const { kind, scope } = binding
  if (kind === 'const' || kind === 'import' || kind === 'name' || kind === 'annexB') return false
  if (scope.kind === 'class' || scope.owner.native) return false
  if (scope.kind === 'for' && !binding.outsideHead) return false
  if (kind === 'param' && (scope.owner.parameters === 'closed' || scope.owner.parameters === 'place')) return false
  return binding.name !== 'arguments'
}

/** Whether reading the variable again a moment later must give the same value: it can be used in place of a temp. */
export function isStable(reference: Reference | undefined, overEvaluation: boolean): boolean {
  const binding = reference?.binding
  if (!binding || binding.kind === 'global' || binding.kind === 'import' || binding.kind === 'annexB') return false
  if (binding.kind === 'const') return true
  return !binding.assigned || (!overEvaluation && !binding.captured)
}
