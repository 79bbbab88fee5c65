import { isClosed } from './closed-loops.js'
import { type Code, piece } from './code.js'
import type { Context } from './context.js'
import { lowerAssignment, lowerDeclaration } from './declarations.js'
import { renderDisposing, renderResource } from './disposal.js'
import { touchValue } from './expressions.js'
import type { Visitor } from './file.js'
import { renderNativeTarget } from './native-patterns.js'
import { boundNames } from './nodes.js'
import { children, type Node } from './parse.js'
import { blockOf, renderBranch, renderStatement } from './statements.js'

/** `if($fr.turn(S))yield;`: the driver counts the turns of a loop. */
function turn(node: Node, context: Context): Code {
  return context.coroutine ? `if(${context.runtime}.turn(${context.site(node.start)}))yield;` : ''
}

/**
 * Loops that may wait for others are told of: where they begin, and before each look at their condition. Not those that
 * count, nor those over collections: they end by themselves.
 */
const mayWait = (node: Node, context: Context): boolean =>
  context.coroutine && (node.type !== 'ForStatement' || !node.test || !node.update)

const begin = (node: Node, context: Context): Code => `${context.runtime}.loop(${context.site(node.start)})`

/** `($fr.poll(S,1)&&(yield),test)`: the driver counts the turns of a loop, and sees which ones change nothing. */
function look(node: Node, context: Context, test: Code): Code {
  const closed = !context.file.hasEval && isClosed(node, context.file.scopes) ? 1 : 0
  return ['(', `${context.runtime}.poll(${context.site(node.start)},${closed})&&(yield),`, test || 'true', ')']
}

function loopBody(node: Node, context: Context, before: Code = ''): Code {
  return blockOf(node.body, [before, turn(node, context)], context)
}

/** Renders expressions of a loop's head; their temps are free in the body. */
function inHead<T>(context: Context, render: () => T): T {
  const mark = context.frame.mark()
  const rendered = render()
  context.frame.release(mark)
  return rendered
}

function forStatement(node: Node, context: Context): Code | undefined {
  const { file } = context
  const scope = file.loopScope(node)
  const init = (): Code => {
    if (!node.init) return ''
    const code = context.render(node.init)
    return scope ? afterKeyword(code, scope.declared) : code
  }
  if (context.mode === 'written') {
    if (!scope) return undefined
    const text = file.copy(node, context, child =>
      child === node.init
        ? afterKeyword(file.copy(child, context), scope.declared)
        : child === node.update && node.init?.kind === 'let'
          ? ['(', scope.next, ',', context.render(child), ')']
          : context.render(child),
    )
    return text
  }
  const waits = mayWait(node, context)
  const first = inHead(context, init)
  const test = (): Code => (node.test ? context.render(node.test) : '')
  return [
    'for(',
    waits ? beginBefore(first, node, context) : first,
    ';',
    inHead(context, () => (waits ? look(node, context, test()) : test())),
    ';',
    inHead(context, () => update(node, scope?.next, context)),
    ')',
    waits ? blockOf(node.body, '', context) : loopBody(node, context),
  ]
}

/** What a loop that may wait begins with. */
function beginBefore(first: Code, node: Node, context: Context): Code {
  const start = begin(node, context)
  if (node.init?.type === 'VariableDeclaration') return afterKeyword(first, `${context.unique()}=${start},`)
  return [start, first ? [',', first] : '']
}

/** Each turn has variables of its own; they begin with what those of the turn before end with. */
function update(node: Node, next: string | undefined, context: Context): Code {
  const code = node.update ? context.render(node.update) : ''
  if (!next || node.init?.kind !== 'let') return code
  const copied: Code[] = []
  for (const binding of context.file.scopes.scopes.get(node)?.names.values() ?? [])
    if (binding.tracked)
      copied.push(
        context.touch(
          'readVar',
          context.file.scopeName(binding.scope),
          JSON.stringify(binding.name),
          context.site(node.start),
        ),
        ',',
      )
  return ['(', copied, next, code ? [',', code] : '', ')']
}

/** `let a=1` → `let $v=…,a=1` */
function afterKeyword(code: Code, declared: string): Code {
  const [keyword, ...rest] = code as [Code, ...Code[]]
  return [keyword, declared, ...rest]
}

/** What a turn of for…in / for…of starts with: the value goes to its variable or place. */
function bindHead(left: Node, value: string, context: Context): Code {
  return inHead(context, () => {
    if (left.type === 'VariableDeclaration') return lowerDeclaration(left.kind, left.declarations[0].id, value, context)
    const parts = lowerAssignment(left, value, context)
    const code: Code[] = []
    for (const [index, part] of parts.entries()) code.push(index ? ',' : '(', part)
    return [...code, parts.length ? ');' : '']
  })
}

function bindTurn(left: Node, value: string, context: Context): Code {
  if (left.type !== 'VariableDeclaration' || !left.kind.endsWith('using')) return bindHead(left, value, context)
  const name = context.file.identifier(left.declarations[0].id)
  return ['const ', name, '=', renderResource(left.kind, value, context), ';']
}

const isAwaitUsing = (left: Node): boolean => left.type === 'VariableDeclaration' && left.kind === 'await using'

/** `x`, declared or plain, that can stay in the head. */
function isSimpleHead(left: Node, context: Context): boolean {
  if (left.type === 'VariableDeclaration')
    return left.declarations[0].id.type === 'Identifier' || left.kind.endsWith('using')
  return left.type === 'Identifier' && !context.file.scopes.references.get(left)?.binding?.tracked
}

function head(left: Node, context: Context): Code {
  if (left.type !== 'VariableDeclaration')
    return left.name === 'async' || left.name === 'let'
      ? ['(', context.file.identifier(left), ')']
      : context.file.identifier(left)
  const declarator: Node = left.declarations[0]
  return [
    `${left.kind} `,
    context.file.identifier(declarator.id),
    declarator.init ? ['=', context.render(declarator.init)] : '',
  ]
}

/** The native loop, its object recorded. */
function nativeEach(node: Node, context: Context, word: string, right: Code): Code {
  const declared = context.file.scopeDeclaration(node, context.coroutine)
  const inner = word === 'of' ? context.with({ inTry: true }) : context
  const start = node.await ? 'for await(' : 'for('
  if (isSimpleHead(node.left, context))
    return [start, head(node.left, context), ` ${word} `, right, ')', loopBody(node, inner, declared)]
  if (mentionsHead(node)) {
    const pattern = renderNativeTarget(node.left.declarations[0].id, context, true)
    return [start, `${node.left.kind} `, pattern, ` ${word} `, right, ')', loopBody(node, inner, declared)]
  }
  const value = context.unique()
  return [
    start,
    `const ${value} ${word} `,
    right,
    '){',
    declared,
    turn(node, context),
    bindHead(node.left, value, inner),
    renderStatement(node.body, inner),
    '}',
  ]
}

function writtenEach(node: Node, context: Context): Code | undefined {
  const declared = context.file.scopeDeclaration(node, context.coroutine)
  if (!declared) return undefined
  return context.file.copy(node, context, child =>
    child === node.body ? blockOf(child, declared, context) : context.render(child),
  )
}

/** The iterated expression mentions a variable of the head: it is in its dead zone, which only the native loop makes. */
function mentionsHead(node: Node): boolean {
  if (node.left.type !== 'VariableDeclaration' || node.left.kind === 'var') return false
  return refersTo(node.right, new Set(boundNames(node.left.declarations[0].id)))
}

function refersTo(node: Node, names: ReadonlySet<string>): boolean {
  if (node.type === 'Identifier' || node.type === 'JSXIdentifier') return names.has(node.name)
  const isName = (child: Node): boolean =>
    !node.computed &&
    !node.shorthand &&
    (node.type === 'MemberExpression' ? child === node.property : 'key' in node && child === node.key)
  return children(node).some(child => !isName(child) && refersTo(child, names))
}

/** for…of as steps of its iterator, so that each can suspend; `labels` belong to the loop inside. */
export function renderForOf(node: Node, context: Context, labels: Code): Code {
  const { file, runtime } = context
  const site = context.site(node.right.start)
  const using = node.left.type === 'VariableDeclaration' && node.left.kind.endsWith('using')
  if (!node.await && !isAwaitUsing(node.left) && mentionsHead(node))
    return [
      labels,
      nativeEach(
        node,
        context,
        'of',
        inHead(context, () => touchValue('spread', node.right, context)),
      ),
    ]
  const iterator = context.unique()
  const open = context.unique()
  const result = context.unique()
  const error = context.unique()
  const step = (call: string, argument: Code): Code =>
    node.await
      ? [`${runtime}.iterationResult((`, `${runtime}.${call}Async(`, argument, `,${site}),(yield)))`]
      : context.result(call, argument, site)
  const inner = context.with({ inTry: true })
  const source = inHead(context, () => context.render(node.right))
  const turns = (): Code => {
    const bind = (at: Context): Code => bindTurn(node.left, result, at)
    const body = (at: Context): Code => [bind(at), turn(node, at), renderStatement(node.body, at)]
    return using ? renderDisposing([node.left], inner, node.left.start, body) : body(inner)
  }
  const close = step('close', iterator)
  return [
    `{let ${iterator}=`,
    step('iterate', source),
    `,${open}=false,${result};try{`,
    labels,
    `for(;;${open}=false){${result}=`,
    step('next', iterator),
    `;if(${result}.done)break;${result}=${result}.value;${open}=true;`,
    file.scopeDeclaration(node, true),
    turns(),
    `}}catch(${error}){if(${open}){${open}=false;try{`,
    close,
    `}catch{}}throw ${error}}finally{if(${open})`,
    close,
    ';}}',
  ]
}

function labelled(node: Node, context: Context): Code | undefined {
  if (context.mode === 'written') return undefined
  const labels: Code[] = []
  let body = node
  while (body.type === 'LabeledStatement') {
    labels.push(piece(body.label.start, body.label.end), ':')
    body = body.body
  }
  context.file.labelled.add(body)
  if (body.type === 'ForOfStatement' && context.coroutine) return renderForOf(body, context, labels)
  return [labels, renderBranch(body, context)]
}

export const loopVisitors: Readonly<Record<string, Visitor>> = {
  ForStatement: forStatement,
  ForInStatement(node, context) {
    if (context.mode === 'written') return writtenEach(node, context)
    return nativeEach(
      node,
      context,
      'in',
      inHead(context, () => touchValue('readKeys', node.right, context)),
    )
  },
  ForOfStatement(node, context) {
    if (context.mode === 'written') return writtenEach(node, context)
    if (context.coroutine) return renderForOf(node, context, '')
    const right = node.await
      ? context.render(node.right)
      : inHead(context, () => touchValue('spread', node.right, context))
    return nativeEach(node, context, 'of', right)
  },
  WhileStatement(node, context) {
    if (context.mode === 'written') return undefined
    const test = inHead(context, () => context.render(node.test))
    if (!mayWait(node, context)) return ['while(', test, ')', loopBody(node, context)]
    return ['for(', begin(node, context), ';', look(node, context, test), ';)', blockOf(node.body, '', context)]
  },
  DoWhileStatement(node, context) {
    if (context.mode === 'written') return undefined
    const body = (before: Code): Code => ['do', blockOf(node.body, before, context), 'while(']
    // A label has to stand before the loop itself.
    if (!context.coroutine || context.file.labelled.has(node))
      return [body(turn(node, context)), context.render(node.test), ')']
    return ['{', begin(node, context), ';', body(''), look(node, context, context.render(node.test)), ');}']
  },
  LabeledStatement: labelled,
}
