import { parseSync } from 'oxc-parser'
import { type Generated, insertText } from './insert-text.js'
import { languageOf } from './module-format.js'

const hoistedCall = /\b(vi|vitest)\s*\.\s*(?:mock|unmock|hoisted)\s*\(/
const runtimeLookup = /=\s*globalThis\s*\[\s*Symbol\.for\(["']frontrun\.runtime/

/**
 * Vitest moves `vi.mock` and `vi.hoisted` to the top of a module, above the first line that ties instrumented functions
 * to the runtime. A module with such calls runs that line in a `vi.hoisted` of its own, which is moved up before them.
 */
export function hoistPrelude(generated: Generated, path: string): Generated {
  const { code } = generated
  const utility = hoistedCall.exec(code)?.[1]
  if (utility === undefined) return generated
  const { program } = parseSync(path, code, { lang: languageOf(path), sourceType: 'module' })
  const prelude = program.body.find(({ start, end }) => runtimeLookup.test(code.slice(start, end)))
  if (prelude?.type === 'FunctionDeclaration') {
    const call = `${utility}.hoisted(()=>{${prelude.id?.name}()});`
    return insertText(generated, [{ offset: prelude.end, text: call }])
  }
  if (prelude?.type !== 'VariableDeclaration') return generated
  const names = prelude.declarations.map(({ id }) => code.slice(id.start, id.end)).join()
  return insertText(generated, [
    { offset: prelude.start, text: `const [${names}]=${utility}.hoisted(()=>{` },
    { offset: prelude.end, text: `return[${names}]});` },
  ])
}
