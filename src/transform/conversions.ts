/**
 * Operators and templates that turn an object into a string or a number: its methods are called, or its inside is read.
 * Values that are no objects pass by a test of their type.
 */
import { assignTemp } from './access.js'
import type { Code } from './code.js'
import type { Context } from './context.js'
import type { Visitor } from './file.js'
import { unwrap } from './nodes.js'
import type { Node } from './parse.js'

/** The runtime is told their numbers. */
const HINTS = ['default', 'number', 'string'] as const
type Hint = (typeof HINTS)[number]

const ARITHMETIC = new Set(['-', '*', '/', '%', '**', '<<', '>>', '>>>', '&', '|', '^'])
const COMPARISONS = new Set(['<', '>', '<=', '>='])
const EQUALITIES = new Set(['==', '!='])

/** Whether the value can be told to be no object. */
export function isPrimitive(node: Node): boolean {
  const inner = unwrap(node)
  switch (inner.type) {
    case 'Literal':
      return !inner.regex
    case 'TemplateLiteral':
    case 'UnaryExpression':
    case 'UpdateExpression':
    case 'BinaryExpression':
      return true
    default:
      return inner.type === 'Identifier' && inner.name === 'undefined'
  }
}

function hintOf(operator: string): Hint | undefined {
  if (operator === '+' || EQUALITIES.has(operator)) return 'default'
  return ARITHMETIC.has(operator) || COMPARISONS.has(operator) ? 'number' : undefined
}

/** Puts the primitive value of what is in `temp` there. */
function convert(temp: string, hint: Hint, node: Node, context: Context): Code {
  const { runtime } = context
  const site = context.site(node.start)
  if (!context.coroutine) return `${runtime}.on&&${runtime}.converts(${temp},${site})`
  // On one line for every operator there is: short.
  return `typeof ${temp}=="object"&&($fr.to(${temp},${HINTS.indexOf(hint)},${site})?${temp}=yield:${temp}=$fr.value)`.replaceAll(
    '$fr',
    runtime,
  )
}

/** The conversions of both operands, which stand in `left` and `right`, before `operator` is applied; each followed by a comma. */
export function convertOperands(
  operator: string,
  left: { temp: string; node: Node } | undefined,
  right: { temp: string; node: Node } | undefined,
  context: Context,
): Code {
  const hint = hintOf(operator)
  if (hint === undefined) return ''
  const code: Code[] = []
  if (left) code.push(convert(left.temp, hint, left.node, context), ',')
  if (right) {
    const conversion = convert(right.temp, hint, right.node, context)
    // A symbol on the left fails before the right side is converted.
    if (left && context.coroutine && ARITHMETIC.has(operator))
      code.push(`typeof ${right.temp}=="object"&&typeof ${left.temp}=="symbol"&&+${left.temp},`)
    code.push(conversion, ',')
  }
  return code
}

/** `a + b` and the like. */
export const binaryConversion: Visitor = (node, context) => {
  const { operator, left, right } = node
  const hint = hintOf(operator)
  if (context.mode === 'written' || hint === undefined || left.type === 'PrivateIdentifier') return undefined
  if (isPrimitive(left) && isPrimitive(right)) return undefined
  const [first, second] = [context.temp(), context.temp()]
  const begin: Code = ['(', assignTemp(first, left, context), ',', assignTemp(second, right, context), ',']
  const end = `${first}${operator}${second})`
  const converts = convertOperands(
    operator,
    isPrimitive(left) ? undefined : { temp: first, node: left },
    isPrimitive(right) ? undefined : { temp: second, node: right },
    context,
  )
  if (!EQUALITIES.has(operator)) return [begin, converts, end]
  if (isNullish(left) || isNullish(right)) return undefined
  // Only an object and something that is none: two objects are equal if they are one.
  const kinds = [first, second].map(temp => `(typeof ${temp}=="object"||typeof ${temp}=="function")`)
  const converted = `${kinds[0]}!=${kinds[1]}&&${first}!=null&&${second}!=null`
  return [begin, `${converted}&&(`, converts, '0),', end]
}

const isNullish = (node: Node): boolean => {
  const inner = unwrap(node)
  return (
    (inner.type === 'Literal' && inner.raw === 'null') || (inner.type === 'Identifier' && inner.name === 'undefined')
  )
}

/** `-x`, `+x`, `~x`. */
export const unaryConversion: Visitor = (node, context) => {
  if (context.mode === 'written' || !/^[-+~]$/.test(node.operator) || isPrimitive(node.argument)) return undefined
  const temp = context.temp()
  return [
    '(',
    assignTemp(temp, node.argument, context),
    ',',
    convert(temp, 'number', node.argument, context),
    `,${node.operator}${temp})`,
  ]
}

export const templateConversion: Visitor = (node, context) => {
  if (context.mode === 'written') return undefined
  const expressions = new Set<Node>(node.expressions)
  return context.file.copy(node, context, child => {
    if (!expressions.has(child) || isPrimitive(child)) return context.render(child)
    const temp = context.temp()
    return ['(', assignTemp(temp, child, context), ',', convert(temp, 'string', child, context), `,${temp})`]
  })
}
