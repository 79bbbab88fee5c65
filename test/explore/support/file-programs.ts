/** Random programs on a handful of names: files, folders, links, whatever comes to stand there. */
import {
  accessSync,
  appendFileSync,
  chmodSync,
  closeSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import * as promised from 'node:fs/promises'
import { at, code, describe, type FileState, inside } from '../../support/file-folder.js'
import { randomNumbers } from './random-numbers.js'

/** One operation: what it does, to which names. */
export interface Act {
  does: keyof typeof asynchronous
  path: string
  other: string
  data: string
}

const position = async (act: Act, use: (handle: promised.FileHandle) => Promise<unknown>): Promise<unknown> => {
  const handle = await promised.open(at(act.path), 'r+')
  const result = await use(handle)
  await handle.close()
  return result
}

const asynchronous = {
  read: (a: Act) => promised.readFile(at(a.path), 'utf8'),
  write: (a: Act) => promised.writeFile(at(a.path), a.data),
  append: (a: Act) => promised.appendFile(at(a.path), a.data),
  writeNew: (a: Act) => promised.writeFile(at(a.path), a.data, { flag: 'wx' }),
  mkdir: (a: Act) => promised.mkdir(at(a.path)),
  mkdirs: async (a: Act) => (await promised.mkdir(at(`${a.path}/e`), { recursive: true })) === undefined,
  rmdir: (a: Act) => promised.rmdir(at(a.path)),
  unlink: (a: Act) => promised.unlink(at(a.path)),
  rm: (a: Act) => promised.rm(at(a.path), { recursive: true }),
  rename: (a: Act) => promised.rename(at(a.path), at(a.other)),
  link: (a: Act) => promised.link(at(a.path), at(a.other)),
  symlink: (a: Act) => promised.symlink(at(a.path), at(a.other)),
  readlink: async (a: Act) => inside(await promised.readlink(at(a.path))),
  realpath: async (a: Act) => inside(await promised.realpath(at(a.path))),
  list: async (a: Act) => (await promised.readdir(at(a.path))).sort().join(),
  access: (a: Act) => promised.access(at(a.path)),
  stat: async (a: Act) => describe(await promised.stat(at(a.path))),
  lstat: async (a: Act) => describe(await promised.lstat(at(a.path))),
  truncate: (a: Act) => promised.truncate(at(a.path), 1),
  copy: (a: Act) => promised.copyFile(at(a.path), at(a.other)),
  chmod: (a: Act) => promised.chmod(at(a.path), 0o600),
  writeStart: (a: Act) => position(a, async handle => void (await handle.write(a.data, 0))),
  writeEnd: (a: Act) => position(a, async handle => void (await handle.write(a.data, 5))),
  readEnd: (a: Act) =>
    position(a, async handle => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(3), 0, 3, 3)
      return buffer.toString('latin1', 0, bytesRead)
    }),
}

const atPosition = (path: string, use: (descriptor: number) => unknown): unknown => {
  const descriptor = openSync(path, 'r+')
  const result = use(descriptor)
  closeSync(descriptor)
  return result
}

/** Paths are made beforehand: in threads each access to an object would be a step. */
const synchronous = ({ path, other, data }: Act): Record<Act['does'], () => unknown> => {
  const [p, q, r] = [at(path), at(other), at(`${path}/e`)] as [string, string, string]
  return {
    read: () => readFileSync(p, 'utf8'),
    write: () => writeFileSync(p, data),
    append: () => appendFileSync(p, data),
    writeNew: () => writeFileSync(p, data, { flag: 'wx' }),
    mkdir: () => mkdirSync(p),
    mkdirs: () => mkdirSync(r, { recursive: true }) === undefined,
    rmdir: () => rmdirSync(p),
    unlink: () => unlinkSync(p),
    rm: () => rmSync(p, { recursive: true }),
    rename: () => renameSync(p, q),
    link: () => linkSync(p, q),
    symlink: () => symlinkSync(p, q),
    readlink: () => inside(readlinkSync(p)),
    realpath: () => inside(realpathSync(p)),
    list: () => readdirSync(p).sort().join(),
    access: () => accessSync(p),
    stat: () => describe(statSync(p)),
    lstat: () => describe(lstatSync(p)),
    truncate: () => truncateSync(p, 1),
    copy: () => copyFileSync(p, q),
    chmod: () => chmodSync(p, 0o600),
    writeStart: () => atPosition(p, descriptor => void writeSync(descriptor, data, 0)),
    writeEnd: () => atPosition(p, descriptor => void writeSync(descriptor, data, 5)),
    readEnd: () =>
      atPosition(p, descriptor => {
        const buffer = Buffer.alloc(3)
        return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, 3, 3))
      }),
  }
}

async function attempt(act: () => Promise<unknown>): Promise<string> {
  try {
    return `${await act()} `
  } catch (error) {
    return `${code(error)} `
  }
}

/** Nothing but the operations themselves touches anything shared until the end. */
export function asTask(acts: Act[], index: number): (state: FileState) => Promise<void> {
  const [first, second, third] = acts.map(act => () => asynchronous[act.does](act))
  return async state => {
    let seen = ''
    if (first) seen += await attempt(first)
    if (second) seen += await attempt(second)
    if (third) seen += await attempt(third)
    state.seen[index] = seen
  }
}

function attemptNow(act: () => unknown): string {
  try {
    return `${act()} `
  } catch (error) {
    return `${code(error)} `
  }
}

export function asThread(acts: Act[], index: number): (state: FileState) => void {
  const [first, second, third] = acts.map(act => synchronous(act)[act.does])
  return state => {
    let seen = ''
    if (first) seen += attemptNow(first)
    if (second) seen += attemptNow(second)
    if (third) seen += attemptNow(third)
    state.seen[index] = seen
  }
}

const NAMES = ['a', 'b', 'd', 'd/x', 'l']
const KINDS = Object.keys(asynchronous) as Act['does'][]

export function randomActs(seed: number, tasks: number, most: number): Act[][] {
  const random = randomNumbers(seed)
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
  // Few names, so that they meet.
  const names = [pick(NAMES), pick(NAMES)]
  return Array.from({ length: tasks }, () =>
    Array.from({ length: 1 + random(most) }, () => {
      return { does: pick(KINDS), path: pick(names), other: pick(names), data: String(random(10)).repeat(3) }
    }),
  )
}
