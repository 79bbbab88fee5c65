import type { Code } from './code.js'
import { join } from './code.js'
import type { Context } from './context.js'
import { lowerDeclaration } from './declarations.js'
import { isAnonymousFunction, isPureLiteral, isThisParameter, parameterTarget } from './nodes.js'
import type { Node } from './parse.js'
import { isComplex } from './scope-functions.js'
import type { FunctionInfo } from './scopes.js'

export interface Parameters {
  /** The list without its parentheses. */
  list: Code
  /** What an arrow function passes for `arguments`. */
  passed: Code
  /** Defaults and patterns, as statements for the start of the body. */
  moved: Code
}

/** Parameters whose defaults and patterns are brought down to statements in the body. */
export function renderParameters(info: FunctionInfo, context: Context): Parameters {
  const parameters: Node[] = info.node.params
  if (info.parameters === 'closed') return { list: '', passed: '', moved: '' }
  const list: Code[] = []
  const passed: Code[] = []
  const moved: Code[] = []
  let moving = false
  let simpleList = true
  for (const [index, parameter] of parameters.entries()) {
    if (isThisParameter(parameter)) {
      if (!context.tidy) list.push(context.file.text(parameter))
      continue
    }
    moving ||= isComplex(parameter)
    if (!moving) {
      if (parameter.type !== 'Identifier') simpleList = false
      list.push(plain(parameter, context))
      passed.push(passedName(parameter, context))
      continue
    }
    const name = `${context.file.names.prefix}p${index}`
    const rest = parameter.type === 'RestElement'
    const hasDefault = parameter.type === 'AssignmentPattern'
    if (rest || hasDefault) simpleList = false
    list.push(rest ? `...${name}` : hasDefault ? `${name}=void 0` : name)
    passed.push(rest ? `...${name}` : name)
    moved.push(moveIntoBody(parameter, name, context))
  }
  // Sloppy functions with a simple list have an `arguments` that follows its parameters: the source's did not.
  if (moving && simpleList && !info.strict && info.usesArguments && !info.arrow)
    list.push(`...${context.file.names.prefix}p${parameters.length}`)
  return { list: join(list, ','), passed: join(passed, ','), moved }
}

function plain(parameter: Node, context: Context): Code {
  const { file } = context
  if (!context.tidy) return { start: parameter.start, end: parameter.end }
  if (parameter.type === 'RestElement') return ['...', file.identifier(parameter.argument)]
  if (parameter.type === 'AssignmentPattern')
    return [file.identifier(parameter.left), '=', context.render(parameter.right)]
  return file.identifier(parameter)
}

function passedName(parameter: Node, context: Context): Code {
  const name = context.file.identifier(parameterTarget(parameter))
  return parameter.type === 'RestElement' ? ['...', name] : name
}

function moveIntoBody(parameter: Node, name: string, context: Context): Code {
  const { file } = context
  if (parameter.type !== 'AssignmentPattern') {
    const target = parameterTarget(parameter)
    // A declaration may have a type, but no `?`.
    return target.optional && target.type === 'Identifier'
      ? ['let ', file.identifier(target), '=', name, ';']
      : lowerDeclaration('let', target, name, context)
  }
  const { left, right } = parameter
  if (left.type !== 'Identifier') {
    const value: Code = ['(', name, '===void 0?', context.render(right), ':', name, ')']
    return lowerDeclaration('let', left, value, context)
  }
  const target = file.identifier(left)
  if (isPureLiteral(right) || !isAnonymousFunction(right))
    return ['let ', target, '=', name, '===void 0?', context.render(right), ':', name, ';']
  return ['let ', target, '=', name, ';if(', target, '===void 0)', target, '=', context.render(right), ';']
}
