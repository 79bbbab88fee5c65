/** A folder that programs on files play in. Not instrumented: what is done here is no step of theirs. */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface FileState {
  /** What each task saw. */
  seen: string[]
}

export const folder = join(tmpdir(), `frontrun-files-${process.pid}`)
export const at = (name: string): string => join(folder, name)
export const inside = (path: string): string => path.replace(folder, '')

export function describe(status: fs.Stats): string {
  const sort = status.isDirectory() ? 'folder' : status.isSymbolicLink() ? 'link' : `${status.size} bytes`
  return `${sort} ${(status.mode & 0o777).toString(8)}`
}

/** A folder's own size differs from one file system to the next; everything else of it is compared. */
function snapshot(path: string): string {
  const status = fs.lstatSync(path)
  if (status.isSymbolicLink()) return `-> ${inside(fs.readlinkSync(path))}`
  if (!status.isDirectory())
    return `${JSON.stringify(fs.readFileSync(path, 'utf8'))} ${(status.mode & 0o777).toString(8)}`
  const names = fs.readdirSync(path).sort()
  return `{${names.map(name => `${name}: ${snapshot(join(path, name))}`).join(', ')}}`
}

export function emptyFolder(): void {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder)
}

export function setup(): FileState {
  emptyFolder()
  fs.mkdirSync(at('d'))
  fs.writeFileSync(at('a'), '01234')
  fs.writeFileSync(at('d/x'), 'x')
  fs.symlinkSync(at('a'), at('l'))
  return { seen: ['', '', ''] }
}

export function cleanUp(): void {
  fs.rmSync(folder, { recursive: true, force: true })
}

export const print = (state: FileState): string => `${state.seen.join(' / ')} ${snapshot(folder)}`

export const code = (error: unknown): string => String((error as NodeJS.ErrnoException).code ?? error)
