import { touchVariable, trackedReference } from './access.js'
import { declarationKind } from './array-patterns.js'
import { type Code, join } from './code.js'
import type { Context } from './context.js'
import { renderNativeTarget } from './native-patterns.js'
import { isAnonymousFunction, isTypedWrapper, unwrap } from './nodes.js'
import type { Node } from './parse.js'
import { Lowering, nameFunction } from './patterns.js'

/** Adds the declarators that one declarator comes down to. `value` stands for the initialiser if given. */
export function lowerDeclarator(kind: string, node: Node, context: Context, parts: Code[], value?: Code): void {
  const { file } = context
  const { id, init } = node
  if (id.type === 'Identifier') {
    const tracked = kind === 'var' ? trackedReference(id, context) : undefined
    if (!init && value === undefined) parts.push(file.identifier(id))
    else if (tracked && init) {
      const temp = context.temp()
      const kept: Code = isAnonymousFunction(init)
        ? [temp, '=', nameFunction(id.name, init, context)]
        : [temp, '=', context.render(init)]
      parts.push([
        file.identifier(id),
        '=(',
        kept,
        ',',
        touchVariable('writeVar', tracked, context, temp),
        ',',
        temp,
        ')',
      ])
    } else parts.push([file.identifier(id), '=', value ?? context.render(init)])
    return
  }
  const lowering = new Lowering(context, 'declare')
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
  return [`${declarationKind(kind, [pattern], context)} `, join(parts, ','), ';']
}

/** The parts of a comma expression that assigns `value` to the target. */
export function lowerAssignment(target: Node, value: Code, context: Context): Code[] {
  const lowering = new Lowering(context, 'assign')
  lowering.bind(unwrap(target), value)
  return lowering.finish()
}

export function renderExpressionStatement(node: Node, context: Context): Code {
  const code = context.render(node)
  return isTypedWrapper(node) && context.tidy ? ['(', code, ')'] : code
}
