import {
  assignTemp,
  type Base,
  evaluateBase,
  type Key,
  keyText,
  renderBase,
  renderKey,
  superGet,
  type TrackedReference,
  touchVariable,
  trackedReference,
} from './access.js'
import { type Code, join } from './code.js'
import type { Context } from './context.js'
import { convertOperands, isPrimitive } from './conversions.js'
import { lowerAssignment } from './declarations.js'
import type { Visitor } from './file.js'
import { isAnonymousFunction, unwrap } from './nodes.js'
import type { Node } from './parse.js'
import { nameFunction } from './patterns.js'

/** A place that is read and written. */
interface Place {
  /** Evaluated once, first. */
  start: Code
  /** Recorded read, giving nothing. */
  beforeRead: Code
  /** The native place. */
  value: Code
  /** Evaluated between the new value and its store. */
  beforeWrite: (temp: string) => Code
  store: (temp: string) => Code
  /** A variable: functions assigned to it get its name. */
  name?: string
}

function memberPlace(node: Node, context: Context, readsFirst: boolean): Place {
  if (node.object.type === 'Super') return superPlace(node, context)
  const base: Base = renderBase(node.object, context, true)
  const key: Key = renderKey(node, context, base.again)
  const site = context.site(node.property.start)
  const convert: Code = key.convert ? [key.convert, ','] : ''
  return {
    start: [evaluateBase(base), key.before ? [key.before, ','] : '', readsFirst ? convert : ''],
    beforeRead: [context.touch('read', base.again, key.key, site), ','],
    value: [base.again, key.code],
    beforeWrite: temp => [readsFirst ? '' : convert, context.touch('write', base.again, key.key, temp, site), ','],
    store: temp => [base.again, key.code, '=', temp],
  }
}

function superPlace(node: Node, context: Context): Place {
  const alias = context.file.names.super
  const site = context.site(node.property.start)
  if (!node.computed) {
    const key = keyText(node.property.name)
    return {
      start: '',
      beforeRead: '',
      value: superGet(node, context),
      beforeWrite: temp => [context.touch('write', 'this', key, temp, site), ','],
      store: temp => `${alias}.set(${key},${temp})`,
    }
  }
  const key = context.temp()
  return {
    start: [assignTemp(key, node.property, context), ','],
    beforeRead: '',
    value: `${alias}.get(${key})`,
    beforeWrite: temp => [context.touch('write', 'this', `${context.runtime}.key(${key})`, temp, site), ','],
    store: temp => `${alias}.set(${key},${temp})`,
  }
}

function variablePlace(reference: TrackedReference, context: Context): Place {
  const name = context.file.identifier(reference.node)
  return {
    start: '',
    beforeRead: [touchVariable('readVar', reference, context), ','],
    value: name,
    beforeWrite: temp => [touchVariable('writeVar', reference, context, temp), ','],
    store: temp => [name, '=', temp],
    name: reference.name,
  }
}

function renderAssignment(node: Node, place: Place, context: Context): Code {
  const { operator, right } = node
  const temp = context.temp()
  const { name } = place
  const named = node.left.type === 'Identifier' && node.left.start === node.start
  const take = (into: string): Code =>
    name !== undefined && named && isAnonymousFunction(right)
      ? [into, '=', nameFunction(name, right, context)]
      : assignTemp(into, right, context)
  if (operator === '=') return ['(', place.start, take(temp), ',', place.beforeWrite(temp), place.store(temp), ')']
  if (operator === '??=' || operator === '||=' || operator === '&&=') {
    const value = context.temp()
    const write: Code = ['(', take(value), ',', place.beforeWrite(value), place.store(value), ')']
    return ['(', place.start, place.beforeRead, '(', temp, '=', place.value, ')', operator.slice(0, 2), write, ')']
  }
  const compute = renderCompound(temp, node, context)
  return [
    '(',
    place.start,
    place.beforeRead,
    temp,
    '=',
    place.value,
    ',',
    compute,
    ',',
    place.beforeWrite(temp),
    place.store(temp),
    ')',
  ]
}

/** The new value in `temp`, which holds the old one. */
function renderCompound(temp: string, { operator, left, right }: Node, context: Context): Code {
  const symbol = operator.slice(0, -1)
  const value = context.temp()
  const operand = isPrimitive(right) ? undefined : { temp: value, node: right }
  const converts = convertOperands(symbol, { temp, node: left }, operand, context)
  return [assignTemp(value, right, context), ',', converts, `${temp}=${temp}${symbol}${value}`]
}

function renderUpdate(node: Node, place: Place, context: Context): Code {
  const temp = context.temp()
  const read: Code = ['(', place.start, place.beforeRead, temp, '=', place.value, ',']
  if (node.prefix) return [read, `${node.operator}${temp},`, place.beforeWrite(temp), place.store(temp), ')']
  const old = context.temp()
  return [read, `${old}=${temp}${node.operator},`, place.beforeWrite(temp), place.store(temp), `,${old})`]
}

/** In place: the object is recorded and passed through, the native operator does the rest. */
function renderInPlace(member: Node, context: Context, reads: boolean): Code {
  const { runtime } = context
  if (member.object.type === 'Super') return context.file.copy(member, context)
  const site = context.site(member.property.start)
  if (!member.computed) {
    const key = renderKey(member, context, '')
    return [`${runtime}.${reads ? 'u' : 's'}(`, context.render(member.object), ',', key.key, `,${site})`, key.code]
  }
  const base = renderBase(member.object, context, true)
  const inner = unwrap(member.property)
  if (inner.type === 'Literal') {
    const key = context.render(inner)
    return [`${runtime}.${reads ? 'u' : 's'}(`, base.first, ',', key, `,${site})[`, key, ']']
  }
  const temp = context.temp()
  return [`${runtime}.sk(`, base.first, ',', assignTemp(temp, member.property, context), `,${site})[${temp}]`]
}

export const assignmentVisitors: Readonly<Record<string, Visitor>> = {
  AssignmentExpression(node, context) {
    if (context.mode === 'written') return undefined
    const left = unwrap(node.left)
    const { file } = context
    if (left.type === 'ObjectPattern' || left.type === 'ArrayPattern') {
      const temp = context.temp()
      return [
        '(',
        assignTemp(temp, node.right, context),
        ',',
        join(lowerAssignment(left, temp, context), ','),
        ',',
        temp,
        ')',
      ]
    }
    if (left.type === 'Identifier') {
      const tracked = trackedReference(left, context)
      if (tracked) return renderAssignment(node, variablePlace(tracked, context), context)
      const name = file.identifier(left)
      // In parentheses a variable doesn't give its name to a function.
      const target: Code = node.left.start > node.start || left !== node.left ? ['(', name, ')'] : name
      if (context.coroutine && !/^(?:=|\?\?=|\|\|=|&&=)$/.test(node.operator)) {
        const temp = context.temp()
        return ['(', temp, '=', name, ',', renderCompound(temp, node, context), ',', name, '=', temp, ')']
      }
      return [target, node.operator, context.render(node.right)]
    }
    if (left.type !== 'MemberExpression') return undefined
    if (!context.coroutine)
      return [renderInPlace(left, context, node.operator !== '='), node.operator, context.render(node.right)]
    return renderAssignment(node, memberPlace(left, context, node.operator !== '='), context)
  },
  UpdateExpression(node, context) {
    if (context.mode === 'written') return undefined
    const argument = unwrap(node.argument)
    const tracked = trackedReference(argument, context)
    if (tracked) return renderUpdate(node, variablePlace(tracked, context), context)
    if (argument.type === 'Identifier') {
      const name = context.file.identifier(argument)
      return node.prefix ? [node.operator, name] : [name, node.operator]
    }
    if (argument.type !== 'MemberExpression') return undefined
    if (context.coroutine) return renderUpdate(node, memberPlace(argument, context, true), context)
    const place = renderInPlace(argument, context, true)
    return node.prefix ? [node.operator, place] : [place, node.operator]
  },
}
