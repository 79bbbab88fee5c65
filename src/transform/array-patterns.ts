import { type Code, join } from './code.js'
import type { Context } from './context.js'
import { boundNames } from './nodes.js'
import type { Node } from './parse.js'
import { Lowering } from './patterns.js'

/** An array pattern as steps of an iterator, each of which can suspend. */
export function lowerArray(lowering: Lowering, pattern: Node, value: Code): void {
  const { context } = lowering
  if (!context.coroutine) return lowering.native(pattern, value)
  if (isSimple(pattern, lowering)) return lowerSimple(lowering, pattern, value)
  if (!canClose(pattern, lowering)) return lowering.native(pattern, value)
  if (lowering.mode === 'declare') lowering.declareNames(boundNames(pattern))
  lowering.effect(renderClosing(pattern, value, context, lowering.mode === 'assign' ? 'assign' : 'init'))
}

/** Nothing in the pattern can throw between two steps of the iterator, so that no handler is needed to close it. */
function isSimple(pattern: Node, lowering: Lowering): boolean {
  return pattern.elements.every((element: Node | null) => {
    if (!element) return true
    if (element.type !== 'Identifier') return false
    if (lowering.mode !== 'assign') return true
    const kind = lowering.context.file.scopes.references.get(element)?.binding?.kind
    return kind === 'var' || kind === 'param' || kind === 'catch'
  })
}

function lowerSimple(lowering: Lowering, pattern: Node, value: Code): void {
  const { context } = lowering
  const site = context.site(pattern.start)
  const iterator = context.temp()
  const done = context.temp()
  const turn = context.temp()
  lowering.effect([iterator, '=', context.result('iterate', value, site)])
  lowering.effect(`${done}=false`)
  for (const element of pattern.elements as (Node | null)[]) {
    const next: Code = [turn, '=', context.result('next', iterator, site), ',', done, '=', turn, '.done']
    if (element) lowering.bind(element, [`(${done}||(`, next, `)?void 0:${turn}.value)`])
    else lowering.effect([`${done}||(`, next, ')'])
  }
  lowering.effect([done, `||(${context.runtime}.close(${iterator},${site})?(yield):0)`])
}

/** The names are declared before they get their values: nothing may notice that they have no dead zone. */
function canClose(pattern: Node, lowering: Lowering): boolean {
  const text = lowering.context.file.text(pattern)
  if (/\barguments\b/.test(text)) return false
  if (lowering.mode === 'assign') return true
  const { context } = lowering
  if (boundNames(pattern).some(name => context.file.assignedConstants.has(name))) return false
  return !mentionsItself(pattern, context)
}

/** A bound name occurs a second time in the pattern: in a default or computed key. */
function mentionsItself(pattern: Node, context: Context): boolean {
  const text = context.file.text(pattern)
  const words = text.match(/[\p{ID_Continue}$]+/gu) ?? []
  return text.includes('\\') || boundNames(pattern).some(name => words.filter(word => word === name).length > 1)
}

/** Steps of the iterator inside a handler that closes it. A nested generator, since expressions have no `try`. */
function renderClosing(pattern: Node, value: Code, context: Context, mode: 'assign' | 'init'): Code {
  const site = context.site(pattern.start)
  const { runtime } = context
  const iterator = context.unique()
  const done = context.unique()
  const turn = context.unique()
  const error = context.unique()
  const body: Code[] = []
  // While the iterator itself runs it counts as done: its own errors don't close it.
  const advance: Code = [`${done}=true,${turn}=`, context.result('next', iterator, site), `,${done}=${turn}.done`]
  const take = `(${done}=true,${turn}=${turn}.value,${done}=false,${turn})`
  for (const element of pattern.elements as (Node | null)[]) {
    if (!element) {
      body.push(`if(!${done}){`, advance, '}')
      continue
    }
    const part = new Lowering(context, mode)
    const rest = element.type === 'RestElement'
    const target: Node = rest ? element.argument : element.type === 'AssignmentPattern' ? element.left : element
    const put = part.prepare(target)
    body.push(statements(part.takeEffects()))
    let step: Code = [`(${done}||(`, advance, `)?void 0:${take})`]
    if (rest) {
      const all = context.unique()
      body.push(`let ${all}=[];while(!${done}){`, advance, `;if(!${done})${all}[${all}.length]=${take};}`)
      step = `${runtime}.made(${all})`
    } else if (element.type === 'AssignmentPattern') step = part.withDefault(target, step, element.right)
    put(step)
    body.push(statements(part.takeEffects()))
  }
  const close = context.result('close', iterator, site)
  return [
    `(yield*(function*(){let ${iterator}=`,
    context.result('iterate', value, site),
    `,${done}=false,${turn};try{`,
    body,
    `}catch(${error}){if(!${done})try{`,
    close,
    `}catch{}throw ${error}}if(!${done})`,
    close,
    '}).call(this))',
  ]
}

function statements(effects: readonly Code[]): Code {
  return effects.length ? [join(effects, ';'), ';'] : ''
}

/** `let` where a `const` would have to be declared before it gets its value. */
export function declarationKind(kind: string, patterns: readonly Node[], context: Context): string {
  if (kind !== 'const' || !context.coroutine) return kind
  return patterns.some(pattern => needsLet(pattern, context)) ? 'let' : kind
}

function needsLet(pattern: Node, context: Context): boolean {
  const probe = new Lowering(context, 'declare')
  switch (pattern.type) {
    case 'ArrayPattern':
      return !isSimple(pattern, probe) && canClose(pattern, probe)
    case 'ObjectPattern':
      return pattern.properties.some((each: Node) => needsLet(each.argument ?? each.value, context))
    case 'AssignmentPattern':
      return needsLet(pattern.left, context)
    default:
      return false
  }
}
