import { type Generated, insertText } from './insert-text.js'

const hashbang = /^#![^\n]*(?:\n|$)/
const leadingComments = /^(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/
const pragma = /@jsx(?:Runtime|ImportSource|Frag)?\s+[\w./@$-]+/g

/**
 * Compilers take `@jsx h` and its like from comments before the first statement, which the instrumented code's first
 * line pushes down: they are said again above it.
 */
export function keepJsxPragmas(generated: Generated, source: string): Generated {
  const head = leadingComments.exec(source.replace(hashbang, ''))?.[0] ?? ''
  const pragmas = head.match(pragma)
  if (pragmas === null) return generated
  const text = pragmas.map(each => `/* ${each} */`).join('')
  return insertText(generated, [{ offset: hashbang.exec(generated.code)?.[0].length ?? 0, text }])
}
