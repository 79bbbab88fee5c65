/** Which file a path leads to: every link followed, as the system does it. */
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join, parse, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lstatSync, readlinkSync, realpathSync } from './natives.js'

/** Where a path leads, now. */
export interface Place {
  /** The real path, whether or not there is anything. */
  readonly path: string
  readonly exists: boolean
  readonly isDirectory: boolean
  /** The names that were looked up on the way, the last one left out. */
  readonly passed: readonly string[]
}

const MOST_LINKS = 40
const SEPARATORS = sep === '/' ? '/' : /[\\/]/

/** A path as text, or null if it is none that the system would take. */
export function textOf(path: unknown): string | null {
  let text: string
  if (typeof path === 'string') text = path
  else if (Buffer.isBuffer(path)) text = path.toString()
  else if (path instanceof URL && path.protocol === 'file:') {
    try {
      text = fileURLToPath(path)
    } catch {
      return null
    }
  } else return null
  return text === '' || text.includes('\0') ? null : text
}

/** An absolute path that is as relative as it was: `..` is left to be followed. */
export const absolute = (path: string): string => (isAbsolute(path) ? path : join(process.cwd(), sep) + path)

/** Folders that are taken to stay where they are: what is above is not looked at. */
let folders: readonly string[] = []
/** The same, with where each leads: found out once somebody asks. */
let known: readonly (readonly [string, string])[] | null = null

function bases(): readonly (readonly [string, string])[] {
  known ??= folders.map(folder => [folder, realpathSync(folder)] as const)
  return known
}

export function rememberBases(): void {
  folders = [process.cwd(), tmpdir()]
  known = null
}

/** Follows a path. `follow`: also a link that its last name may be. */
export function resolvePath(path: string, follow: boolean): Place {
  const base = bases().find(([text]) => path.startsWith(text + sep))
  const { root } = parse(path)
  let current = base?.[1] ?? root
  const names = path.slice(base?.[0].length ?? root.length).split(SEPARATORS)
  const passed: string[] = []
  let links = 0
  let isDirectory = true
  while (names.length > 0) {
    const name = names.shift() as string
    if (name === '' || name === '.') continue
    if (name === '..') {
      current = dirname(current)
      continue
    }
    const next = join(current, name)
    const isLast = names.every(rest => rest === '' || rest === '.')
    const status = look(next)
    if (status === undefined)
      return {
        path: join(next, ...names),
        exists: false,
        isDirectory: false,
        passed: isLast ? passed : [...passed, next],
      }
    if (status.isSymbolicLink() && (!isLast || follow) && ++links < MOST_LINKS) {
      passed.push(next)
      const target = readlinkSync(next)
      names.unshift(...target.slice(parse(target).root.length).split(SEPARATORS))
      if (isAbsolute(target)) current = parse(target).root
      continue
    }
    isDirectory = status.isDirectory()
    current = next
    if (!isLast) passed.push(next)
  }
  return { path: current, exists: true, isDirectory, passed }
}

function look(path: string): import('node:fs').Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    // Nothing can be below what is no directory, or what may not be entered.
    return undefined
  }
}

/** For people: as short as it is clear. */
export function displayed(path: string): string {
  for (const [, base] of bases()) {
    const short = relative(base, path)
    if (short !== '' && !short.startsWith('..') && !isAbsolute(short)) return short
  }
  return path
}
