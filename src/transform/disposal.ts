import type { Code } from './code.js'
import type { Context } from './context.js'
import type { Node } from './parse.js'

const isUsing = (node: Node): boolean => node.type === 'VariableDeclaration' && node.kind.endsWith('using')

/** Whether a list of statements declares what is disposed of at its end. */
export const disposes = (list: readonly Node[]): boolean => list.some(isUsing)

/**
 * Statements whose `using` declarations are brought down to calls, in coroutines: what disposes is called, and awaited,
 * like anything else. `body` renders the statements in the context given, whose `disposal` names the list of resources.
 */
export function renderDisposing(
  declarations: readonly Node[],
  context: Context,
  offset: number,
  body: (inner: Context) => Code,
): Code {
  const { runtime } = context
  const resources = context.unique()
  const error = context.unique()
  const site = context.site(offset)
  const isAsync = declarations.some(each => isUsing(each) && each.kind === 'await using')
  return [
    `{const ${resources}=${runtime}.resources();try{`,
    body(context.with({ inTry: true, disposal: resources })),
    `}catch(${error}){${runtime}.failed(${resources},${error});}finally{`,
    isAsync
      ? `if(${runtime}.disposeAsync(${resources},${site}))yield;`
      : `if(${runtime}.dispose(${resources},${site}))yield;`,
    '}}',
  ]
}

/** The value of a `using` declaration, from now on disposed of. */
export function renderResource(kind: string, value: Code, context: Context): Code {
  return [`${context.runtime}.use(${context.disposal},`, value, `,${kind === 'await using'})`]
}
