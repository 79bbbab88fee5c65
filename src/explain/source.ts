import { readFileSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Gives a line of a source file (lines count from 1), or `undefined` if it can't be read. */
export type SourceReader = (file: string, line: number) => string | undefined

/** A reader of files on disk that reads each file once. Relative paths are taken from `cwd`. */
export function sourceReader(cwd: string = process.cwd()): SourceReader {
  const files = new Map<string, string[]>()
  return (file, line) => {
    let lines = files.get(file)
    if (!lines) {
      try {
        lines = readFileSync(resolve(cwd, pathOf(file)), 'utf8').split(/\r\n|[\n\r\u2028\u2029]/u)
      } catch {
        lines = []
      }
      files.set(file, lines)
    }
    return lines[line - 1]
  }
}

/** The path as people know it: relative to `cwd` if it lies inside, without query and `file:`. */
export function displayPath(file: string, cwd: string = process.cwd()): string {
  const path = pathOf(file)
  if (!isAbsolute(path)) return path
  const short = relative(cwd, path)
  const outside = short === '' || short.startsWith('..') || isAbsolute(short)
  return outside ? path : short.split(sep).join('/')
}

function pathOf(file: string): string {
  const bare = file.replace(/[?#].*$/u, '')
  if (!bare.startsWith('file:')) return bare
  try {
    return fileURLToPath(bare)
  } catch {
    return bare
  }
}
