import { assignTemp, keyText, renderBase, renderKey, touchVariable, trackedReference } from './access.js'
import { lowerArray } from './array-patterns.js'
import { type Code, join } from './code.js'
import type { Context } from './context.js'
import { renderNativeTarget, writesIn } from './native-patterns.js'
import { isAnonymousFunction, unwrap } from './nodes.js'
import type { Node } from './parse.js'

/** A function that gets `name` though it is not assigned to a variable of that name. */
export function nameFunction(name: string, node: Node, context: Context): Code {
  const code = context.render(node)
  return name === '__proto__' ? ['({["__proto__"]:', code, '})["__proto__"]'] : [`({${name}:`, code, `}).${name}`]
}

type Put = (value: Code) => void

/** Brings a pattern down to single reads, in the order the language prescribes. */
/** `init`: the variables are declared already and get their first value. */
export type LoweringMode = 'declare' | 'assign' | 'init'

export class Lowering {
  /** Declarators of a declaration, or parts of a comma expression. */
  readonly parts: Code[] = []
  private effects: Code[] = []

  constructor(
    readonly context: Context,
    readonly mode: LoweringMode,
  ) {}

  /** Evaluates the target, then returns what stores a value in it. */
  prepare(target: Node): Put {
    const inner = this.mode === 'assign' ? unwrap(target) : target
    if (inner.type !== 'MemberExpression') return value => this.bind(inner, value)
    const { context } = this
    if (inner.object.type === 'Super') return this.superTarget(inner)
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

  private superTarget(node: Node): Put {
    const { context } = this
    if (!context.aliases.super) return value => this.effect([context.file.copy(node, context), '=', value])
    if (!node.computed)
      return value => this.effect([`${context.file.names.super}.set(${keyText(node.property.name)},`, value, ')'])
    const key = context.temp()
    this.effect(assignTemp(key, node.property, context))
    return value => this.effect([`${context.file.names.super}.set(${key},`, value, ')'])
  }

  /** Declares names that get their values from an effect. */
  declareNames(names: readonly Code[]): void {
    this.parts.push(...names)
  }

  /** What happened so far, to be put elsewhere. */
  takeEffects(): Code[] {
    const { effects } = this
    this.effects = []
    return effects
  }

  bind(target: Node, value: Code): void {
    switch (target.type) {
      case 'ObjectPattern':
        return this.object(target, value)
      case 'ArrayPattern':
        return lowerArray(this, target, value)
      case 'Identifier':
        return this.identifier(target, value)
      default:
        this.prepare(target)(value)
    }
  }

  private identifier(target: Node, value: Code): void {
    const { context } = this
    const name = context.file.identifier(target)
    if (this.mode === 'declare') {
      const whole: Code = this.effects.length ? ['(', join(this.effects, ','), ',', value, ')'] : value
      this.effects = []
      this.parts.push([name, '=', whole])
      return
    }
    const tracked = this.mode === 'assign' ? trackedReference(target, context) : undefined
    if (!tracked) return this.effect([name, '=', value])
    const temp = context.temp()
    this.effect([temp, '=', value])
    this.effect(touchVariable('writeVar', tracked, context, temp))
    this.effect([name, '=', temp])
  }

  effect(code: Code): void {
    this.effects.push(code)
  }

  withDefault(target: Node, value: Code, fallback: Node): Code {
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

  /** The pattern as it is; only that its source is iterated is recorded. */
  native(pattern: Node, value: Code): void {
    const { context } = this
    const temp = context.temp()
    const call = pattern.type === 'ArrayPattern' ? 'spread' : 'spreadObject'
    this.effect([temp, '=', value])
    this.effect(context.touch(call, temp, context.site(pattern.start)))
    if (this.mode !== 'declare') {
      if (this.mode === 'assign') for (const code of writesIn(pattern, context)) this.effect(code)
      this.effect([
        pattern.type === 'ObjectPattern' ? '(' : '',
        renderNativeTarget(pattern, context, this.mode === 'init'),
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
    if (this.mode === 'declare') this.parts.push([this.context.unique(), '=(', join(this.effects, ','), ')'])
    else this.parts.push(...this.effects)
    this.effects = []
    return this.parts
  }
}
