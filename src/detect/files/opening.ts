/** Arguments of file functions, and what opening a file does to it. */
import { constants } from 'node:fs'
import type { FileNotes } from './file-notes.js'

export const optionsOf = (value: unknown): Record<string, any> =>
  typeof value === 'object' && value !== null ? (value as Record<string, any>) : { encoding: value }

export const flagsOf = (flags: unknown): number => {
  if (typeof flags === 'number') return flags
  const { O_RDONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_EXCL, O_WRONLY } = constants
  const text = String(flags ?? 'r').replace('s', '')
  const plus = text.includes('+')
  const exclusive = text.includes('x') ? O_EXCL : 0
  if (text.startsWith('w')) return (plus ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC | exclusive
  if (text.startsWith('a')) return (plus ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND | exclusive
  return plus ? O_RDWR : O_RDONLY
}

/** What opening a file does to it. Returns its real path. */
export function noteOpen(files: FileNotes, path: string, flags: number): string {
  const { O_CREAT, O_EXCL, O_TRUNC } = constants
  const follow = (flags & (O_CREAT | O_EXCL)) !== (O_CREAT | O_EXCL)
  const place = (flags & O_CREAT) === 0 ? files.look(path) : files.create(path, follow)
  if (place.exists) {
    files.mayUse(place.path)
    if ((flags & O_TRUNC) !== 0 && follow) files.write(place.path, '')
  }
  return place.path
}

/** Contents, as far as they are of any use in a story. */
export function shown(data: unknown): unknown {
  if (typeof data === 'string') return data.length > 200 ? `${data.slice(0, 200)}…` : data
  if (!ArrayBuffer.isView(data)) return undefined
  const bytes = Buffer.from(data.buffer, data.byteOffset, Math.min(data.byteLength, 200))
  const text = bytes.toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what tells text from other data
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? undefined : text
}
