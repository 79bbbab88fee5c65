import { decodedMappings, encodedMappings, TraceMap } from '@jridgewell/trace-mapping'
import { parseSync } from 'oxc-parser'
import type { PluginSourceMap } from './vite-types.js'

interface Output {
  code: string
  map: PluginSourceMap
}

const hoistedCall = /\b(vi|vitest)\s*\.\s*(?:mock|unmock|hoisted)\s*\(/

/**
 * Vitest moves `vi.mock` and `vi.hoisted` to the top of a module, above the constants that instrumented functions use.
 * A module that has such calls declares those constants in a `vi.hoisted` call of their own, which is moved up first.
 */
export function hoistPrelude({ code, map }: Output, path: string): Output {
  const utility = hoistedCall.exec(code)?.[1]
  if (utility === undefined) return { code, map }
  const prelude = parseSync(path, code, { sourceType: 'module' }).program.body.find(
    statement =>
      statement.type === 'VariableDeclaration' &&
      /^globalThis\s*\[\s*Symbol\.for\(["']frontrun\.runtime/.test(initializer(code, statement.declarations[0])),
  )
  if (prelude?.type !== 'VariableDeclaration') return { code, map }
  const names = prelude.declarations.map(({ id }) => code.slice(id.start, id.end)).join()
  const before = `const [${names}]=${utility}.hoisted(()=>{`
  const after = `return[${names}]});`
  return {
    code:
      code.slice(0, prelude.start) + before + code.slice(prelude.start, prelude.end) + after + code.slice(prelude.end),
    map: shifted(map, code, [
      [prelude.start, before.length],
      [prelude.end, after.length],
    ]),
  }
}

function initializer(code: string, { init }: { init: { start: number; end: number } | null }): string {
  return init === null ? '' : code.slice(init.start, init.end)
}

/** The map once so many characters, without line ends, are inserted at these offsets of the generated code. */
function shifted(
  map: PluginSourceMap,
  code: string,
  insertions: readonly [offset: number, length: number][],
): PluginSourceMap {
  const lines = decodedMappings(new TraceMap(map as ConstructorParameters<typeof TraceMap>[0])).map(line =>
    line.map(segment => [...segment]),
  )
  for (const [offset, length] of insertions.toReversed()) {
    const lineStart = code.lastIndexOf('\n', offset - 1) + 1
    const line = code.slice(0, lineStart).split('\n').length - 1
    for (const segment of lines[line] ?? []) if (segment[0] >= offset - lineStart) segment[0] += length
  }
  const decoded = { ...map, mappings: lines } as ConstructorParameters<typeof TraceMap>[0]
  return { ...map, mappings: encodedMappings(new TraceMap(decoded)) }
}
