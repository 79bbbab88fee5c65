import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type InstrumentationPolicy, shouldInstrument } from './policy.js'

const neighbours: Record<string, string[]> = {
  '.js': ['.ts', '.tsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
}

/**
 * The specifier of the TypeScript file that `./x.js` stands for where no `x.js` exists, as TypeScript's own resolution
 * has it; undefined if there is none. Node doesn't do this, so it is asked only after Node has failed.
 */
export function typescriptNeighbour(
  specifier: string,
  parent: string | undefined,
  policy: InstrumentationPolicy,
): string | undefined {
  if (!/^(?:\.{0,2}\/|file:)/.test(specifier) || !parent?.startsWith('file:')) return undefined
  const url = new URL(specifier, parent)
  const extension = /\.[cm]?jsx?$/.exec(url.pathname)?.[0]
  if (extension === undefined || url.protocol !== 'file:' || !shouldInstrument(fileURLToPath(parent), policy))
    return undefined
  const path = fileURLToPath(url)
  const found = neighbours[extension].find(other => existsSync(path.slice(0, -extension.length) + other))
  return found && specifier.replace(/\.[cm]?jsx?(?=$|[?#])/, found)
}
