import { isAnonymousFunction, isDeclaredOnly, isFunction, isType, keyName, memberName, unwrap } from './nodes.js'
import { children, type Node } from './parse.js'
import { functionNode } from './scope-bodies.js'
import { declareHoisted } from './scope-functions.js'
import { target } from './scope-patterns.js'
import { statement } from './scope-statements.js'
import { type FunctionInfo, resolve, type Scope, type ScopeKind, type Scopes } from './scopes.js'

/** One walk over the tree that declares every name and notes every reference. */
export class ScopeWalk {
  readonly result: Scopes
  readonly stack: Node[] = []
  head: Node | null = null
  loops = 0
  withDepth = 0
  readonly parameterLists: FunctionInfo[] = []
  className = ''
  derived = false

  constructor(program: Node, strict: boolean) {
    const owner = this.info(program, null, strict)
    owner.name = '<module>'
    const module: Scope = { kind: 'function', node: program, parent: null, owner, names: new Map(), strict, id: 0 }
    const global: Scope = { ...module, names: new Map() }
    this.result = {
      scopes: new Map([[program, module]]),
      functions: new Map([[program, owner]]),
      references: new Map(),
      dirty: new Set(),
      calledAtOnce: new Set(),
      module,
      global,
    }
    this.statements(program.body, module)
    resolve(this.result)
  }

  info(node: Node, parent: FunctionInfo | null, strict: boolean): FunctionInfo {
    return {
      node,
      parent,
      arrow: node.type === 'ArrowFunctionExpression',
      initialiser: false,
      strict,
      name: '<anonymous>',
      usesThis: false,
      usesArguments: false,
      usesNewTarget: false,
      usesSuper: false,
      derived: false,
      superEnd: Number.POSITIVE_INFINITY,
      parameters: 'simple',
      parameterNames: new Set(),
      parameterReferences: new Set(),
      bodyNames: new Set(),
    }
  }

  open(node: Node, kind: ScopeKind, parent: Scope, owner = parent.owner, strict = parent.strict): Scope {
    const scope: Scope = { kind, node, parent, owner, names: new Map(), strict, id: 0 }
    this.result.scopes.set(node, scope)
    return scope
  }

  statements(list: readonly Node[], scope: Scope): void {
    for (const node of list) this.visit(node, scope)
  }

  markDirty(): void {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const node = this.stack[i]
      if (this.result.dirty.has(node)) return
      this.result.dirty.add(node)
    }
  }

  /** `use` is called on the function and, while it is an arrow, on the functions around it. */
  eachLexical(scope: Scope, use: (info: FunctionInfo) => void): void {
    for (let info: FunctionInfo | null = scope.owner; info; info = info.parent) {
      use(info)
      if (!info.arrow) return
    }
  }

  reference(node: Node, scope: Scope, write: boolean): void {
    const name: string = node.name
    this.note(node, scope, write)
    for (const list of this.parameterLists) list.parameterReferences.add(name)
    if (name === 'arguments')
      this.eachLexical(scope, info => {
        info.usesArguments = true
      })
    if (name === 'yield') this.yieldName(scope)
  }

  note(node: Node, scope: Scope, write: boolean): void {
    this.result.references.set(node, { node, name: node.name, scope, write, head: this.head, binding: null })
  }

  yieldName(scope: Scope): void {
    for (let info: FunctionInfo | null = scope.owner; info; info = info.parent)
      if (info.parent) info.native ??= 'uses the name yield'
  }

  /** Visits an expression that gets `name` if it is a function or class. */
  named(node: Node | null, name: string, scope: Scope): void {
    if (!node) return
    if (name && isAnonymousFunction(node)) this.pendingName = name
    this.visit(node, scope)
    this.pendingName = ''
  }

  pendingName = ''

  visit(node: Node | null, scope: Scope): void {
    if (!node || (isDeclaredOnly(node) && !unwrapTypes(node))) return
    this.stack.push(node)
    this.dispatch(node, scope)
    this.stack.pop()
  }

  each(node: Node, scope: Scope): void {
    for (const child of children(node)) this.visit(child, scope)
  }

  dispatch(node: Node, scope: Scope): void {
    const name = this.pendingName
    if (node.type !== 'ParenthesizedExpression') this.pendingName = ''
    if (isFunction(node)) {
      this.markDirty()
      if (node.type === 'FunctionDeclaration' && node.id) declareHoisted(node, scope)
      functionNode(this, node, scope, name)
      return
    }
    switch (node.type) {
      case 'Identifier':
        this.reference(node, scope, false)
        return
      case 'ThisExpression':
        return this.eachLexical(scope, info => {
          info.usesThis = true
        })
      case 'Super':
        return this.eachLexical(scope, info => {
          info.usesThis = true
          info.usesSuper = true
        })
      case 'MetaProperty':
        if (node.meta.name === 'new')
          this.eachLexical(scope, info => {
            info.usesNewTarget = true
          })
        return
      case 'YieldExpression':
      case 'AwaitExpression':
        if (this.parameterLists.at(-1) === scope.owner)
          scope.owner.native = 'its parameters contain what they may not: an error that has to stay one'
        return this.each(node, scope)
      case 'MemberExpression':
        if (!node.computed && node.property.name === 'callee' && node.object.name === 'arguments')
          this.keepNative(scope, 'arguments.callee')
        this.visit(node.object, scope)
        if (node.computed) this.visit(node.property, scope)
        return
      case 'CallExpression':
        if (node.callee.type === 'Identifier' && node.callee.name === 'eval') this.keepNative(scope, 'direct eval')
        if (node.callee.type === 'Super')
          this.eachLexical(scope, info => {
            info.superEnd = Math.min(info.superEnd, node.end)
          })
        if (node.callee.type === 'Super')
          for (let info: FunctionInfo | null = scope.owner; info?.arrow; info = info.parent)
            info.native ??= 'calls super() in an arrow function'
        this.calledAtOnce(node.callee)
        this.visit(node.callee, scope)
        for (const argument of node.arguments) this.visit(argument, scope)
        return
      case 'NewExpression':
        // Told to the runtime wherever it is made, see calls.ts.
        if (node.callee.type === 'Identifier' && node.callee.name === 'Proxy') this.markDirty()
        return this.each(node, scope)
      case 'UnaryExpression':
        if (node.operator === 'delete' && unwrap(node.argument).object?.type === 'Super')
          this.keepNative(scope, 'delete super.property')
        if (node.operator === 'delete' && unwrap(node.argument).type === 'Identifier') {
          this.visit(node.argument, scope)
          return
        }
        return this.each(node, scope)
      case 'AssignmentExpression':
        target(this, node.left, scope)
        this.named(
          node.right,
          unwrap(node.left).type === 'Identifier' ? unwrap(node.left).name : memberName(node.left),
          scope,
        )
        if (node.operator !== '=' && unwrap(node.left).type === 'Identifier') return
        return
      case 'UpdateExpression':
        return target(this, node.argument, scope)
      case 'Property':
        if (node.computed || node.value.type === 'AssignmentPattern') this.visit(node.computed ? node.key : null, scope)
        return this.named(node.value, keyName(node), scope)
      case 'LabeledStatement':
        if (node.label.name === 'yield') this.yieldName(scope)
        return this.visit(node.body, scope)
      case 'BreakStatement':
      case 'ContinueStatement':
      case 'ImportAttribute':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
        if (node.type === 'ImportExpression') this.each(node, scope)
        return
      case 'JSXIdentifier':
        if (/^[A-Z$_]/.test(node.name) || node.name.includes('.')) this.reference(node, scope, false)
        return
      default:
        if (isType(node)) return
        return statement(this, node, scope, name)
    }
  }

  /** `(function () {})()` and `(function () {}).call(this)`. */
  calledAtOnce(callee: Node): void {
    const inner = unwrap(callee)
    if (isFunction(inner)) this.result.calledAtOnce.add(inner)
    else if (
      inner.type === 'MemberExpression' &&
      !inner.computed &&
      inner.property.name === 'call' &&
      isFunction(unwrap(inner.object))
    )
      this.result.calledAtOnce.add(unwrap(inner.object))
  }

  /** The function and those it lives in up to one with its own `this` can't be rewritten. */
  keepNative(scope: Scope, reason: string): void {
    this.eachLexical(scope, info => {
      if (info.parent) info.native ??= reason
    })
  }
}

function unwrapTypes(node: Node): boolean {
  return unwrap(node) !== node
}
