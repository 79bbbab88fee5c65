import { boundNames, isAnonymousFunction, isDeclaredOnly, isFunction, isLoop, isType, unwrap } from './nodes.js'
import { children, type Node } from './parse.js'
import { analyseParameters, declareHoisted, isComplex } from './scope-functions.js'
import {
  type BindingKind,
  declare,
  type FunctionInfo,
  resolve,
  type Scope,
  type ScopeKind,
  type Scopes,
  varScope,
} from './scopes.js'

/** One walk over the tree that declares every name and notes every reference. */
export class ScopeWalk {
  readonly result: Scopes
  private readonly stack: Node[] = []
  private head: Node | null = null
  private loops = 0
  private withDepth = 0
  private readonly parameterLists: FunctionInfo[] = []
  private className = ''
  private derived = false

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

  private info(node: Node, parent: FunctionInfo | null, strict: boolean): FunctionInfo {
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

  private open(node: Node, kind: ScopeKind, parent: Scope, owner = parent.owner, strict = parent.strict): Scope {
    const scope: Scope = { kind, node, parent, owner, names: new Map(), strict, id: 0 }
    this.result.scopes.set(node, scope)
    return scope
  }

  private statements(list: readonly Node[], scope: Scope): void {
    for (const node of list) this.visit(node, scope)
  }

  private markDirty(): void {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const node = this.stack[i]!
      if (this.result.dirty.has(node)) return
      this.result.dirty.add(node)
    }
  }

  /** `use` is called on the function and, while it is an arrow, on the functions around it. */
  private eachLexical(scope: Scope, use: (info: FunctionInfo) => void): void {
    for (let info: FunctionInfo | null = scope.owner; info; info = info.parent) {
      use(info)
      if (!info.arrow) return
    }
  }

  private reference(node: Node, scope: Scope, write: boolean): void {
    const name: string = node.name
    this.note(node, scope, write)
    for (const list of this.parameterLists) list.parameterReferences.add(name)
    if (name === 'arguments')
      this.eachLexical(scope, info => {
        info.usesArguments = true
      })
    if (name === 'yield') this.yieldName(scope)
  }

  private note(node: Node, scope: Scope, write: boolean): void {
    this.result.references.set(node, { node, name: node.name, scope, write, head: this.head, binding: null })
  }

  private yieldName(scope: Scope): void {
    for (let info: FunctionInfo | null = scope.owner; info; info = info.parent)
      if (info.parent) info.native ??= 'uses the name yield'
  }

  declarePattern(pattern: Node | null, kind: BindingKind, scope: Scope): void {
    for (const name of boundNames(pattern)) {
      declare(scope, name, kind)
      if (name === 'yield') this.yieldName(scope)
      if (name === 'arguments') this.keepNative(scope, 'declares the name arguments')
    }
  }

  /** Visits the expressions inside a binding pattern. */
  patternExpressions(node: Node | null, scope: Scope): void {
    if (!node) return
    this.stack.push(node)
    switch (node.type) {
      case 'ObjectPattern':
        for (const property of node.properties) {
          this.stack.push(property)
          if (property.computed) this.visit(property.key, scope)
          this.patternExpressions(property.argument ?? property.value, scope)
          this.stack.pop()
        }
        break
      case 'ArrayPattern':
        for (const element of node.elements) this.patternExpressions(element, scope)
        break
      case 'AssignmentPattern':
        this.patternExpressions(node.left, scope)
        this.named(node.right, node.left.type === 'Identifier' ? node.left.name : '', scope)
        break
      case 'RestElement':
        this.patternExpressions(node.argument, scope)
        break
      case 'TSParameterProperty':
        for (const decorator of node.decorators) this.visit(decorator, scope)
        this.patternExpressions(node.parameter, scope)
        break
    }
    for (const decorator of node.type === 'TSParameterProperty' ? [] : (node.decorators ?? []))
      this.visit(decorator, scope)
    this.stack.pop()
  }

  /** The target of an assignment: identifiers are written. */
  private target(node: Node | null, scope: Scope): void {
    if (!node) return
    this.stack.push(node)
    switch (node.type) {
      case 'Identifier':
        this.reference(node, scope, true)
        break
      case 'ObjectPattern':
        for (const property of node.properties) {
          this.stack.push(property)
          if (property.computed) this.visit(property.key, scope)
          this.target(property.argument ?? property.value, scope)
          this.stack.pop()
        }
        break
      case 'ArrayPattern':
        for (const element of node.elements) this.target(element, scope)
        break
      case 'AssignmentPattern':
        this.target(node.left, scope)
        this.visit(node.right, scope)
        break
      case 'RestElement':
        this.target(node.argument, scope)
        break
      default:
        if (node.type === 'ParenthesizedExpression' || unwrap(node) !== node) this.target(node.expression, scope)
        else this.visit(node, scope)
    }
    this.stack.pop()
  }

  /** Visits an expression that gets `name` if it is a function or class. */
  private named(node: Node | null, name: string, scope: Scope): void {
    if (!node) return
    if (name && isAnonymousFunction(node)) this.pendingName = name
    this.visit(node, scope)
    this.pendingName = ''
  }

  private pendingName = ''

  visit(node: Node | null, scope: Scope): void {
    if (!node || (isDeclaredOnly(node) && !unwrapTypes(node))) return
    this.stack.push(node)
    this.dispatch(node, scope)
    this.stack.pop()
  }

  private each(node: Node, scope: Scope): void {
    for (const child of children(node)) this.visit(child, scope)
  }

  private dispatch(node: Node, scope: Scope): void {
    const name = this.pendingName
    if (node.type !== 'ParenthesizedExpression') this.pendingName = ''
    if (isFunction(node)) {
      this.markDirty()
      if (node.type === 'FunctionDeclaration' && node.id) declareHoisted(node, scope)
      this.functionNode(node, scope, name)
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
      case 'UnaryExpression':
        if (node.operator === 'delete' && unwrap(node.argument).object?.type === 'Super')
          this.keepNative(scope, 'delete super.property')
        if (node.operator === 'delete' && unwrap(node.argument).type === 'Identifier') {
          this.visit(node.argument, scope)
          return
        }
        return this.each(node, scope)
      case 'AssignmentExpression':
        this.target(node.left, scope)
        this.named(
          node.right,
          unwrap(node.left).type === 'Identifier' ? unwrap(node.left).name : memberName(node.left),
          scope,
        )
        if (node.operator !== '=' && unwrap(node.left).type === 'Identifier') return
        return
      case 'UpdateExpression':
        return this.target(node.argument, scope)
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
        return this.statement(node, scope, name)
    }
  }

  /** `(function () {})()` and `(function () {}).call(this)`. */
  private calledAtOnce(callee: Node): void {
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
  private keepNative(scope: Scope, reason: string): void {
    this.eachLexical(scope, info => {
      if (info.parent) info.native ??= reason
    })
  }

  private statement(node: Node, scope: Scope, name: string): void {
    switch (node.type) {
      case 'VariableDeclaration':
        return this.variables(node, scope)
      case 'ClassDeclaration':
        if (node.id) {
          declare(scope, node.id.name, 'class')
          if (scope.kind === 'function') scope.owner.bodyNames.add(node.id.name)
        }
        return this.classNode(node, scope, name)
      case 'ClassExpression':
        return this.classNode(node, scope, name)
      case 'BlockStatement':
        return this.statements(node.body, this.open(node, 'block', scope))
      case 'SwitchStatement': {
        this.visit(node.discriminant, scope)
        const inner = this.open(node, 'switch', scope)
        return this.statements(node.cases, inner)
      }
      case 'CatchClause': {
        const inner = this.open(node, 'catch', scope)
        this.declarePattern(node.param, 'catch', inner)
        this.patternExpressions(node.param, inner)
        return this.visit(node.body, inner)
      }
      case 'WithStatement':
        this.keepNative(scope, 'with statement')
        this.visit(node.object, scope)
        this.withDepth++
        this.visit(node.body, scope)
        this.withDepth--
        return
      case 'ImportDeclaration':
        if (node.importKind !== 'type')
          for (const specifier of node.specifiers) declare(scope, specifier.local.name, 'import')
        return
      case 'TSImportEqualsDeclaration':
        declare(scope, node.id.name, 'import')
        return
      case 'ExportNamedDeclaration':
        if (node.declaration) this.visit(node.declaration, scope)
        else if (!node.source)
          for (const specifier of node.specifiers)
            if (specifier.local.type === 'Identifier') this.reference(specifier.local, scope, false)
        return
      case 'ExportDefaultDeclaration':
        return this.named(node.declaration, 'default', scope)
      case 'TSEnumDeclaration':
        declare(scope, node.id.name, 'const')
        return
      case 'TSModuleDeclaration':
        return this.namespace(node, scope)
      default:
        if (isLoop(node)) return this.loop(node, scope)
        return this.each(node, scope)
    }
  }

  private variables(node: Node, scope: Scope): void {
    const kind: BindingKind = node.kind === 'var' ? 'var' : node.kind === 'let' ? 'let' : 'const'
    if (node.kind === 'await using') this.keepNative(scope, 'await using')
    const where = kind === 'var' ? varScope(scope) : scope
    for (const declarator of node.declarations) {
      this.declarePattern(declarator.id, kind, where)
      if (kind === 'var') {
        if (declarator.init && declarator.id.type === 'Identifier') this.note(declarator.id, scope, false)
        for (const name of boundNames(declarator.id)) {
          const binding = where.names.get(name)!
          where.owner.bodyNames.add(name)
          if (declarator.init && (this.loops > 0 || binding.declarations > 1 || binding.kind !== 'var'))
            binding.assigned = binding.outsideHead = true
        }
      } else if (scope.kind === 'function')
        for (const name of boundNames(declarator.id)) where.owner.bodyNames.add(name)
      this.stack.push(declarator)
      this.patternExpressions(declarator.id, scope)
      this.named(declarator.init, declarator.id.type === 'Identifier' ? declarator.id.name : '', scope)
      this.stack.pop()
    }
  }

  private loop(node: Node, scope: Scope): void {
    const headed = node.type.startsWith('For')
    const inner = headed ? this.open(node, node.type === 'ForStatement' ? 'for' : 'forIn', scope) : scope
    const outerHead = this.head
    if (node.type === 'ForStatement') this.head = node
    if (node.type === 'ForStatement') {
      this.visit(node.init, inner)
      this.loops++
      this.visit(node.test, inner)
      this.visit(node.update, inner)
    } else if (headed) {
      this.loops++
      if (node.left.type === 'VariableDeclaration') {
        this.visit(node.left, inner)
        if (node.left.kind === 'var')
          for (const name of boundNames(node.left.declarations[0].id)) {
            const binding = varScope(scope).names.get(name)!
            binding.assigned = binding.outsideHead = true
          }
      } else this.target(node.left, inner)
      this.visit(node.right, inner)
    } else {
      this.loops++
      this.visit(node.test, inner)
    }
    this.head = outerHead
    this.visit(node.body, inner)
    this.loops--
  }

  private namespace(node: Node, scope: Scope): void {
    if (node.id.type === 'Identifier') declare(scope, node.id.name, 'const')
    if (!node.body) return
    this.markDirty()
    if (node.body.type !== 'TSModuleBlock') return this.visit(node.body, scope)
    const owner = this.info(node.body, scope.owner, scope.strict)
    owner.initialiser = true
    owner.name = node.id.name ?? '<namespace>'
    this.result.functions.set(node.body, owner)
    const inner = this.open(node.body, 'function', scope, owner)
    this.stack.push(node.body)
    this.statements(node.body.body, inner)
    this.stack.pop()
  }

  private classNode(node: Node, scope: Scope, name: string): void {
    this.markDirty()
    for (const decorator of node.decorators ?? []) this.visit(decorator, scope)
    const inner = this.open(node, 'class', scope, scope.owner, true)
    if (node.id) declare(inner, node.id.name, 'name')
    const outerName = this.className
    this.className = node.id?.name ?? (name || '<class>')
    this.visit(node.superClass, inner)
    this.stack.push(node.body)
    const outerDerived = this.derived
    for (const member of node.body.body) {
      this.derived = node.superClass !== null
      this.member(member, inner)
    }
    this.derived = outerDerived
    this.stack.pop()
    this.className = outerName
  }

  private member(node: Node, scope: Scope): void {
    if (node.type === 'TSIndexSignature') return
    this.stack.push(node)
    for (const decorator of node.decorators ?? []) this.visit(decorator, scope)
    if (node.computed) this.visit(node.key, scope)
    const name = `${this.className}.${keyName(node) || '<computed>'}`
    if (node.type === 'MethodDefinition') {
      const { derived } = this
      this.named(node.value, name, scope)
      const info = this.result.functions.get(node.value)
      if (info && node.kind === 'constructor') info.derived = derived
      if (info && node.kind === 'constructor' && info.parameters !== 'simple') info.parameters = 'place'
    }
    if (node.type === 'StaticBlock' || (node.value && node.type !== 'MethodDefinition')) {
      this.markDirty()
      const owner = this.info(node, scope.owner, true)
      owner.initialiser = true
      owner.name = node.type === 'StaticBlock' ? `${this.className}.<static>` : name
      this.result.functions.set(node, owner)
      const outerLoops = this.loops
      this.loops = 0
      const inner = this.open(node, 'function', scope, owner, true)
      if (node.type === 'StaticBlock') this.statements(node.body, inner)
      else this.named(node.value, name, inner)
      this.loops = outerLoops
    }
    this.stack.pop()
  }

  private functionNode(node: Node, scope: Scope, name: string): void {
    if (!node.body) return
    const strict = scope.strict || directivesOf(node.body).some((each: Node) => each.directive === 'use strict')
    const owner = this.info(node, scope.owner, strict)
    owner.name = node.id?.name ?? (name || '<anonymous>')
    if (this.withDepth) owner.native = 'inside a with statement'
    this.result.functions.set(node, owner)
    let outer = scope
    if (node.type === 'FunctionExpression' && node.id) {
      outer = this.open(node.id, 'name', scope)
      declare(outer, node.id.name, 'name')
      if (node.id.name === 'yield') owner.native = 'uses the name yield'
    }
    const inner = this.open(node, 'function', outer, owner, strict)
    const outerLoops = this.loops
    this.loops = 0
    for (const parameter of node.params) this.declarePattern(parameter, 'param', inner)
    owner.parameterNames = new Set(inner.names.keys())
    this.parameterLists.push(owner)
    for (const parameter of node.params) this.patternExpressions(parameter, inner)
    this.parameterLists.pop()
    if (node.body.type === 'BlockStatement') {
      // Expressions in the parameter list don't see the variables of the body.
      const body = node.params.some(isComplex) ? this.open(node.body, 'function', inner) : inner
      this.stack.push(node.body)
      this.statements(node.body.body, body)
      this.stack.pop()
    } else this.visit(node.body, inner)
    this.loops = outerLoops
    analyseParameters(owner)
  }
}

function unwrapTypes(node: Node): boolean {
  return unwrap(node) !== node
}

function keyName(node: Node): string {
  if (node.computed || !node.key) return ''
  if (node.key.type === 'PrivateIdentifier') return `#${node.key.name}`
  return String(node.key.name ?? node.key.value ?? '')
}

function memberName(node: Node): string {
  const inner = unwrap(node)
  if (inner.type !== 'MemberExpression' || inner.computed) return ''
  const object =
    inner.object.type === 'Identifier' ? inner.object.name : inner.object.type === 'ThisExpression' ? 'this' : ''
  return object ? `${object}.${inner.property.name}` : ''
}

/** Statements at the start of a function's body; an arrow's body may be an expression. */
const directivesOf = (body: Node): Node[] => (body.type === 'BlockStatement' ? body.body : [])
