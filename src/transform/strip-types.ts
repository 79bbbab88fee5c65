import { transformSync } from 'oxc-transform'
import type { Language } from './parse.js'
import { composeMaps, type RawSourceMap } from './source-map.js'

/** Takes the types out of instrumented code. The strings that mark instrumented functions stay. */
export function stripTypes(
  code: string,
  map: RawSourceMap,
  id: string,
  lang: Language,
): { code: string; map: RawSourceMap } {
  const result = transformSync(id, code, { lang, sourcemap: true, jsx: 'preserve' })
  if (result.errors.length)
    throw new SyntaxError(`frontrun: ${id} can't be stripped of its types: ${result.errors[0].message}`)
  return { code: result.code, map: composeMaps(result.map as unknown as RawSourceMap, map) }
}
