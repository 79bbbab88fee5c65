import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type IOEvent, IOEventDispatcher } from '../../../src/io/index.js'
import { parseRecords } from '../../../src/io/protocol.js'
import type { Platform } from './compiler.js'

/** Runs `use` with an empty folder, and removes that. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'frontrun-native-')))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface Observed {
  events: IOEvent[]
  code: number | null
  signal: NodeJS.Signals | null
  stderr: string
}

export type Through = 'socket' | 'pipe' | 'log'

/**
 * Runs `program mode folder` on a platform and gives what the library told: through a socket, as Node makes them for
 * children, a pipe or a log. Nobody reads the pipe and the log until the program has ended.
 */
export async function observe(
  platform: Platform,
  program: string,
  mode: string,
  folder: string,
  through: Through = 'socket',
): Promise<Observed> {
  const command = platform.command(program, [mode, folder])
  const log = `${folder}.log`
  const fifo = `${folder}.fifo`
  if (through === 'pipe') execFileSync('mkfifo', [fifo])
  // Open for both directions: opening it waits for nobody.
  const end = through === 'pipe' ? openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK) : null
  try {
    const child = spawn(command.file, command.args, {
      env: {
        PATH: process.env.PATH,
        ...command.env,
        ...(through === 'log' ? { FRONTRUN_IO_LOG: log } : { FRONTRUN_IO_FD: '3' }),
      },
      stdio: ['ignore', 'ignore', 'pipe', ...(through === 'log' ? [] : [end ?? ('pipe' as const)])],
    })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', text => {
      stderr += text
    })
    const events: IOEvent[] = []
    const exited = once(child, 'exit')
    if (through === 'socket') {
      const stream = child.stdio[3] as Readable
      new IOEventDispatcher({ from: stream }).addListener(event => events.push(event))
      await once(stream, 'end')
    }
    const [code, signal] = await exited
    if (through === 'log') new IOEventDispatcher({ from: log }).addListener(event => events.push(event)).close()
    if (end !== null) parseRecords(...drained(end), event => events.push(event))
    return { events, code, signal, stderr }
  } finally {
    if (end !== null) closeSync(end)
    rmSync(log, { force: true })
    rmSync(fifo, { force: true })
  }
}

function drained(fd: number): [Buffer, number] {
  const bytes = Buffer.alloc(1 << 21)
  let length = 0
  try {
    for (;;) length += readSync(fd, bytes, length, bytes.length - length, null)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
  }
  return [bytes, length]
}

/** `kind access resource`, with what matters of the numbers, and the folder's path and ports left out. */
export const told = (events: readonly IOEvent[], folder: string): string[] =>
  events.map(({ kind, access, resourceId, offset, length, error }) =>
    [
      kind,
      access ?? '-',
      resourceId
        .replaceAll(folder, '')
        .replace(/:\d+$/, ':PORT')
        .replace(/frontrun-\d+/, 'NAME'),
      ...(offset >= 0 && kind !== 'dup' ? [`@${offset}+${length}`] : []),
      ...(error !== 0 ? [`errno ${error}`] : []),
    ].join(' '),
  )
