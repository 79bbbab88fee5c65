import { type Code, piece } from './code.js'
import type { Context } from './context.js'
import { isAnonymousFunction, unwrap } from './nodes.js'
import type { Node } from './parse.js'
import { type Binding, isStable, type Reference } from './scopes.js'

/** A reference to a variable that is a location. */
export type TrackedReference = Reference & { binding: Binding }

/** An object expression that may be used several times: `first` at its first use, `again` afterwards. */
export interface Base {
  first: Code
  again: Code
  /** Evaluating it may fail, so it must happen in its place even though no temp is needed. */
  mayFail?: boolean
}

/** The base evaluated for its own sake, before other things are. */
export function evaluateBase(base: Base): Code {
  return base.first === base.again && !base.mayFail ? '' : [base.first, ',']
}

/** A property key: `code` is how the access is written (`.p`, `[$1]`), `key` what the recorder is told. */
export interface Key {
  code: Code
  key: Code
  /** Must be evaluated before, as part of a comma expression. */
  before: Code
  /** Turns the key into a property key; must be evaluated right before the access. */
  convert: Code
}

/** Puts the value into a temp. A function must not get the temp's name. */
export function assignTemp(temp: string, node: Node, context: Context): Code {
  const value = context.render(node)
  return isAnonymousFunction(node) ? [temp, '=(0,', value, ')'] : [temp, '=', value]
}

/** `this` or a variable that nothing can change until it is used. */
export function stableName(node: Node, context: Context, overEvaluation: boolean): Code | undefined {
  const inner = unwrap(node)
  const { file } = context
  if (inner.type === 'ThisExpression') return 'this'
  if (inner.type !== 'Identifier' || inner.name === 'arguments' || file.hasEval) return undefined
  const reference = file.scopes.references.get(inner)
  if (reference?.binding?.tracked || !isStable(reference, overEvaluation)) return undefined
  return piece(inner.start, inner.start + inner.name.length, inner.name)
}

function mayFail(node: Node, context: Context): boolean {
  // `this` before super().
  if (unwrap(node).type === 'ThisExpression') return !context.coroutine
  const kind = context.file.scopes.references.get(unwrap(node))?.binding?.kind
  return kind === 'let' || kind === 'const' || kind === 'class'
}

/** The object of an access, kept in a temp unless it can be named again. */
export function renderBase(node: Node, context: Context, overEvaluation: boolean): Base {
  const name = stableName(node, context, overEvaluation)
  if (name) return { first: name, again: name, mayFail: mayFail(node, context) }
  const temp = context.temp()
  return { first: assignTemp(temp, node, context), again: temp }
}

export function keyText(name: string): string {
  return JSON.stringify(name)
}

/** The key of a member expression. */
export function renderKey(node: Node, context: Context, base: Code): Key {
  const { property } = node
  if (!node.computed) {
    const code = piece(property.start, property.end)
    // No property that the program can have at run time is called so by accident: hex colours begin with a plain '#'.
    const name = property.type === 'PrivateIdentifier' ? `.#${property.name}` : property.name
    return { code: ['.', code], key: keyText(name), before: '', convert: '' }
  }
  const inner = unwrap(property)
  if (inner.type === 'Literal' && (typeof inner.value === 'string' || typeof inner.value === 'number')) {
    const code = context.render(inner)
    return { code: ['[', code, ']'], key: code, before: '', convert: '' }
  }
  const temp = context.temp()
  return {
    code: `[${temp}]`,
    key: temp,
    before: assignTemp(temp, property, context),
    convert: [`${temp}=${context.runtime}.key(${temp},`, base, ')'],
  }
}

/** Recorded read of `base[key]`. */
export function readMember(base: Base, node: Node, context: Context, call = 'read'): Code {
  const site = context.site(node.property.start)
  const { runtime } = context
  if (!context.coroutine) {
    if (!node.computed || isLiteralKey(node)) {
      const key = renderKey(node, context, base.again)
      return [{ mark: node.start }, `${runtime}.g(`, base.first, ',', key.key, `,${site})`, key.code]
    }
    return [{ mark: node.start }, `${runtime}.ge(`, base.first, ',', context.render(node.property), `,${site})`]
  }
  const key = renderKey(node, context, base.again)
  if (!key.before)
    return ['(', { mark: node.start }, context.touch(call, base.first, key.key, site), ',', base.again, ')', key.code]
  return [
    '(',
    evaluateBase(base),
    key.before,
    ',',
    key.convert,
    ',',
    { mark: node.start },
    context.touch(call, base.again, key.key, site),
    ',',
    base.again,
    ')',
    key.code,
  ]
}

function isLiteralKey(node: Node): boolean {
  const inner = unwrap(node.property)
  return inner.type === 'Literal' && (typeof inner.value === 'string' || typeof inner.value === 'number')
}

/** Before a read of a tracked variable. */
export function touchVariable(
  call: 'readVar' | 'writeVar',
  reference: TrackedReference,
  context: Context,
  ...value: Code[]
): Code {
  const { binding } = reference
  const site = context.site(reference.node.start)
  return context.touch(call, context.file.scopeName(binding.scope), keyText(binding.name), ...value, site)
}

/** The reference, if it is a variable whose accesses are recorded here. */
export function trackedReference(node: Node, context: Context): TrackedReference | undefined {
  if (context.mode === 'written' || node.type !== 'Identifier') return undefined
  const reference = context.file.scopes.references.get(node)
  return reference?.binding?.tracked ? (reference as TrackedReference) : undefined
}

/** `super[key]` here: an alias where the coroutine has lost its method. */
export function superGet(node: Node, context: Context): Code {
  if (context.mode === 'written') return superRead(node, node.computed ? context.render(node.property) : '', context)
  const site = context.site(node.property.start)
  if (!node.computed) {
    const touch = context.touch('readSuper', 'this', keyText(node.property.name), site)
    return ['(', touch, ',', superRead(node, '', context), ')']
  }
  const key = context.temp()
  return [
    // Before the key: in a constructor, `this` may not be there yet.
    context.coroutine ? '(' : '(this,',
    assignTemp(key, node.property, context),
    `,${key}=${context.runtime}.key(${key},this),`,
    context.touch('readSuper', 'this', key, site),
    ',',
    superRead(node, key, context),
    ')',
  ]
}

function superRead(node: Node, key: Code, context: Context): Code {
  if (context.aliases.super)
    return [`${context.file.names.super}.get(`, node.computed ? key : keyText(node.property.name), ')']
  return ['super', node.computed ? ['[', key, ']'] : ['.', piece(node.property.start, node.property.end)]]
}
