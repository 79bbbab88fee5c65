import { parseSync } from 'oxc-parser'
import { type Generated, insertText } from './insert-text.js'
import { languageOf } from './module-format.js'

const hoistedCall = /\b(vi|vitest)\s*\.\s*(?:mock|unmock|hoisted)\s*\(/
const runtimeLookup = /^globalThis\s*\[\s*Symbol\.for\(["']frontrun\.runtime/

/**
 * Vitest moves `vi.mock` and `vi.hoisted` to the top of a module, above the constants that instrumented functions use.
 * A module that has such calls declares those constants in a `vi.hoisted` call of their own, which is moved up first.
 */
export function hoistPrelude(generated: Generated, path: string): Generated {
  const { code } = generated
  const utility = hoistedCall.exec(code)?.[1]
  if (utility === undefined) return generated
  const { program } = parseSync(path, code, { lang: languageOf(path), sourceType: 'module' })
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration') continue
    const [{ init }] = statement.declarations
    if (init === null || !runtimeLookup.test(code.slice(init.start, init.end))) continue
    const names = statement.declarations.map(({ id }) => code.slice(id.start, id.end)).join()
    return insertText(generated, [
      { offset: statement.start, text: `const [${names}]=${utility}.hoisted(()=>{` },
      { offset: statement.end, text: `return[${names}]});` },
    ])
  }
  return generated
}
