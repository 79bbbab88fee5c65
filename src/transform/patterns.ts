import { assignTemp, keyText, renderBase, renderKey, touchVariable, trackedReference } from './access.js'
import { type Code, join } from './code.js'
import type { Context } from './context.js'
import { isAnonymousFunction, isTypedWrapper, unwrap } from './nodes.js'
import type { Node } from './parse.js'

/** A function that gets `name` though it is not assigned to a variable of that name. */
export function nameFunction(name: string, node: Node, context: Context): Code {
  const code = context.render(node)
  return name === '__proto__' ? ['({["__proto__"]:', code, '})["__proto__"]'] : [`({${name}:`, code, `}).${name}`]
}

type Put = (value: Code) => void

/** Brings a pattern down to single reads, in the order the language prescribes. */
class Lowering {
  /** Declarators of a declaration, or parts of a comma expression. */
  readonly parts: Code[] = []
  private effects: Code[] = []

  constructor(
    private readonly context: Context,
    private readonly declares: boolean,
  ) {}

  /** Evaluates the target, then returns what stores a value in it. */
  private prepare(target: Node): Put {
    const inner = this.declares ? target : unwrap(target)
    if (inner.type !== 'MemberExpression') return value => this.bind(inner, value)
    const { context } = this
    if (inner.object.type === 'Super') return value => this.effect([renderNativeTarget(inner, context), '=', value])
    const base = renderBase(inner.object, context, true)
    if (base.first !== base.again || base.mayFail) this.effect(base.first)
    const key = renderKey(inner, context, base.again)
    if (key.before) this.effect(key.before)
    const temp = context.temp()
    return value => {
      this.effect([temp, '=', value])
      if (key.convert) this.effect(key.convert)
      this.effect(context.touch('write', base.again, key.key, temp, context.site(inner.property.start)))
      this.effect([base.again, key.code, '=', temp])
    }
  }

  bind(target: Node, value: Code): void {
    switch (target.type) {
      case 'ObjectPattern':
        return this.object(target, value)
      case 'ArrayPattern':
        return this.array(target, value)
      case 'Identifier':
        return this.identifier(target, value)
      default:
        this.prepare(target)(value)
    }
  }

  private identifier(target: Node, value: Code): void {
    const { context } = this
    const name = context.file.identifier(target)
    if (this.declares) {
      const whole: Code = this.effects.length ? ['(', join(this.effects, ','), ',', value, ')'] : value
      this.effects = []
      this.parts.push([name, '=', whole])
      return
    }
    const tracked = trackedReference(target, context)
    if (!tracked) return this.effect([name, '=', value])
    const temp = context.temp()
    this.effect([temp, '=', value])
    this.effect(touchVariable('writeVar', tracked, context, temp))
    this.effect([name, '=', temp])
  }

  private effect(code: Code): void {
    this.effects.push(code)
  }

  private withDefault(target: Node, value: Code, fallback: Node): Code {
    const temp = this.context.temp()
    const inner = unwrap(target)
    const code =
      target.type === 'Identifier' && inner.type === 'Identifier' && isAnonymousFunction(fallback)
        ? nameFunction(inner.name, fallback, this.context)
        : assignTemp(temp, fallback, this.context)
    return ['((', temp, '=', value, ')===void 0?', code, ':', temp, ')']
  }

  private object(pattern: Node, value: Code): void {
    const { context } = this
    const rest = pattern.properties.at(-1)?.type === 'RestElement'
    if (rest && !context.coroutine) return this.native(pattern, value)
    const source = context.temp()
    this.effect([source, '=', value])
    this.effect(`${context.runtime}.object(${source})`)
    const keys: Code[] = []
    for (const property of pattern.properties as Node[]) {
      if (property.type === 'RestElement') {
        const put = this.prepare(property.argument)
        put(context.result('rest', source, ['[', join(keys, ','), ']'], context.site(property.start)))
      } else keys.push(this.property(property, source))
    }
  }

  /** Reads and stores one property; returns its key. */
  private property(property: Node, source: string): Code {
    const { context } = this
    const { key: keyNode, value: valueNode } = property
    let key: Code
    let read: Code
    if (property.computed) {
      const temp = context.temp()
      this.effect(assignTemp(temp, keyNode, context))
      this.effect(`${temp}=${context.runtime}.key(${temp},${source})`)
      key = temp
      read = `${source}[${temp}]`
    } else if (keyNode.type === 'Identifier') {
      key = keyText(keyNode.name)
      read = [source, '.', context.file.identifier(keyNode)]
    } else {
      key = context.file.text(keyNode)
      read = [source, '[', key, ']']
    }
    const target: Node = valueNode.type === 'AssignmentPattern' ? valueNode.left : valueNode
    const put = this.prepare(target)
    this.effect(context.touch('read', source, key, context.site(property.start)))
    put(valueNode.type === 'AssignmentPattern' ? this.withDefault(target, read, valueNode.right) : read)
    return key
  }

  private array(pattern: Node, value: Code): void {
    if (!this.context.coroutine || !this.canLower(pattern)) return this.native(pattern, value)
    const { context } = this
    const site = context.site(pattern.start)
    const iterator = context.temp()
    const done = context.temp()
    const turn = context.temp()
    this.effect([iterator, '=', context.result('iterate', value, site)])
    this.effect(`${done}=false`)
    for (const element of pattern.elements as (Node | null)[]) {
      const next: Code = [turn, '=', context.result('next', iterator, site), ',', done, '=', turn, '.done']
      if (element) this.bind(element, [`(${done}||(`, next, `)?void 0:${turn}.value)`])
      else this.effect([`${done}||(`, next, ')'])
    }
    this.effect([done, `||(${context.runtime}.close(${iterator},${site})?(yield):0)`])
  }

  /** Nothing in the pattern can throw between two steps of the iterator, so that no handler is needed to close it. */
  private canLower(pattern: Node): boolean {
    return pattern.elements.every((element: Node | null) => {
      if (!element) return true
      if (element.type !== 'Identifier') return false
      if (this.declares) return true
      const kind = this.context.file.scopes.references.get(element)?.binding?.kind
      return kind === 'var' || kind === 'param' || kind === 'let' || kind === 'catch'
    })
  }

  /** The pattern as it is; only that its source is iterated is recorded. */
  private native(pattern: Node, value: Code): void {
    const { context } = this
    const temp = context.temp()
    const call = pattern.type === 'ArrayPattern' ? 'spread' : 'spreadObject'
    this.effect([temp, '=', value])
    this.effect(context.touch(call, temp, context.site(pattern.start)))
    if (!this.declares) {
      for (const code of writesIn(pattern, context)) this.effect(code)
      this.effect([
        pattern.type === 'ObjectPattern' ? '(' : '',
        renderNativeTarget(pattern, context),
        '=',
        temp,
        pattern.type === 'ObjectPattern' ? ')' : '',
      ])
      return
    }
    const whole: Code = ['(', join(this.effects, ','), ',', temp, ')']
    this.effects = []
    this.parts.push([renderNativeTarget(pattern, context, true), '=', whole])
  }

  /** Effects after the last declarator need one of their own. */
  finish(): Code[] {
    if (!this.effects.length) return this.parts
    if (this.declares) this.parts.push([this.context.unique(), '=(', join(this.effects, ','), ')'])
    else this.parts.push(...this.effects)
    this.effects = []
    return this.parts
  }
}

/** Records the writes of tracked variables a native pattern will do. */
function writesIn(pattern: Node, context: Context): Code[] {
  const found: Code[] = []
  const visit = (node: Node | null): void => {
    if (!node) return
    const inner = unwrap(node)
    const tracked = trackedReference(inner, context)
    if (tracked) found.push(touchVariable('writeVar', tracked, context, 'void 0'))
    else if (inner.type === 'ArrayPattern') inner.elements.forEach(visit)
    else if (inner.type === 'ObjectPattern') for (const each of inner.properties) visit(each.argument ?? each.value)
    else if (inner.type === 'AssignmentPattern') visit(inner.left)
    else if (inner.type === 'RestElement') visit(inner.argument)
  }
  visit(pattern)
  return found
}

/** A target or pattern that stays one, with the expressions inside it rendered. */
export function renderNativeTarget(node: Node, context: Context, declares = false): Code {
  const { file } = context
  const target = (child: Node) => renderNativeTarget(child, context, declares)
  switch (node.type) {
    case 'Identifier':
      return file.identifier(node)
    case 'AssignmentPattern':
      return [target(node.left), '=', context.render(node.right)]
    case 'ArrayPattern':
      return [
        '[',
        join(
          node.elements.map((each: Node | null) => (each ? target(each) : '')),
          ',',
        ),
        node.elements.length && !node.elements.at(-1) ? ',]' : ']',
      ]
    case 'RestElement':
      return ['...', target(node.argument)]
    case 'ObjectPattern':
      return [
        '{',
        join(
          node.properties.map((each: Node) => renderNativeProperty(each, context, declares)),
          ',',
        ),
        '}',
      ]
    case 'MemberExpression': {
      if (node.object.type === 'Super') return file.copy(node, context)
      const base = renderBase(node.object, context, true)
      const key = renderKey(node, context, base.again)
      const before: Code = [base.first, ',', key.before ? [key.before, ',', key.convert!, ','] : '']
      return [
        '(',
        before,
        context.touch('write', base.again, key.key, 'void 0', context.site(node.property.start)),
        ',',
        base.again,
        ')',
        key.code,
      ]
    }
    default:
      if (isTypedWrapper(node)) return target(node.expression)
      if (node.type === 'ParenthesizedExpression') return ['(', target(node.expression), ')']
      return context.render(node)
  }
}

function renderNativeProperty(node: Node, context: Context, declares: boolean): Code {
  if (node.type === 'RestElement') return ['...', renderNativeTarget(node.argument, context, declares)]
  const value = renderNativeTarget(node.value, context, declares)
  if (node.shorthand) return value
  const key: Code = node.computed ? ['[', context.render(node.key), ']'] : context.file.identifier(node.key)
  return [key, ':', value]
}

/** Adds the declarators that one declarator comes down to. `value` stands for the initialiser if given. */
export function lowerDeclarator(kind: string, node: Node, context: Context, parts: Code[], value?: Code): void {
  const { file } = context
  const { id, init } = node
  if (id.type === 'Identifier') {
    if (!init && value === undefined) parts.push(file.identifier(id))
    else if (kind === 'var' && init && trackedReference(id, context)) {
      const temp = context.temp()
      const kept: Code = isAnonymousFunction(init)
        ? [temp, '=', nameFunction(id.name, init, context)]
        : [temp, '=', context.render(init)]
      parts.push([
        file.identifier(id),
        '=(',
        kept,
        ',',
        touchVariable('writeVar', trackedReference(id, context)!, context, temp),
        ',',
        temp,
        ')',
      ])
    } else parts.push([file.identifier(id), '=', value ?? context.render(init)])
    return
  }
  const lowering = new Lowering(context, true)
  lowering.bind(id, value ?? context.render(init))
  parts.push(...lowering.finish())
}

/** `kind pattern = value;` as a statement. */
export function lowerDeclaration(kind: string, pattern: Node, value: Code, context: Context): Code {
  if (context.mode === 'written')
    return [
      `${kind} `,
      context.tidy ? renderNativeTarget(pattern, context, true) : context.render(pattern),
      '=',
      value,
      ';',
    ]
  const mark = context.frame.mark()
  const parts: Code[] = []
  lowerDeclarator(
    kind,
    { type: 'VariableDeclarator', id: pattern, init: null, start: pattern.start, end: pattern.end },
    context,
    parts,
    value,
  )
  context.frame.release(mark)
  return [`${kind} `, join(parts, ','), ';']
}

/** The parts of a comma expression that assigns `value` to the target. */
export function lowerAssignment(target: Node, value: Code, context: Context): Code[] {
  const lowering = new Lowering(context, false)
  lowering.bind(unwrap(target), value)
  return lowering.finish()
}

export function renderExpressionStatement(node: Node, context: Context): Code {
  const code = context.render(node)
  return isTypedWrapper(node) && context.tidy ? ['(', code, ')'] : code
}
