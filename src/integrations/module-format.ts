import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { toolchain } from './toolchain.js'

export type ModuleFormat = 'module' | 'commonjs'
export type SourceLanguage = 'js' | 'jsx' | 'ts' | 'tsx'

/** The language that a file's extension stands for. */
export function languageOf(path: string): SourceLanguage {
  if (/\.[cm]?ts$/.test(path)) return 'ts'
  if (path.endsWith('.tsx')) return 'tsx'
  return path.endsWith('.jsx') ? 'jsx' : 'js'
}

/**
 * How Node loads a file: by extension, then by the nearest package.json's `type`, then by its syntax.
 * Node's own answer is taken where it gives one; it has none for TypeScript before 22.18 and none for JSX.
 */
export function moduleFormat(path: string, source: string): ModuleFormat {
  if (/\.m[jt]s$/.test(path)) return 'module'
  if (/\.c[jt]s$/.test(path)) return 'commonjs'
  return packageType(dirname(path)) ?? (hasModuleSyntax(path, source) ? 'module' : 'commonjs')
}

function packageType(folder: string): ModuleFormat | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const text = readIfPresent(join(at, 'package.json'))
    if (text !== undefined) {
      try {
        const type: unknown = JSON.parse(text).type
        return type === 'module' || type === 'commonjs' ? type : undefined
      } catch {
        return undefined
      }
    }
    if (at === dirname(at) || at.endsWith('node_modules')) return undefined
  }
}

/** Import and export statements that are still there once types are stripped, or a top-level await. */
function hasModuleSyntax(path: string, source: string): boolean {
  const { module, errors } = toolchain().parseSync(path, source, { lang: languageOf(path), sourceType: 'unambiguous' })
  if (errors.length > 0) return /^\s*(?:import\s+[\w{*'"]|export\s+\S)/m.test(source)
  return (
    module.importMetas.length > 0 ||
    [...module.staticImports, ...module.staticExports].some(
      ({ entries }) => entries.length === 0 || entries.some(entry => !entry.isType),
    )
  )
}

export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
