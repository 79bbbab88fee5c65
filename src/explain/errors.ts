import { fileURLToPath } from 'node:url'
import type { SourcePosition } from './trace.js'
import { dataProperty, printValue } from './values.js'

/** Causes of causes are told to this depth. */
const CAUSES = 3

/** What can be told about a thrown value. */
export interface ThrownStory {
  /** `TypeError: x is not a function`, or the printed value if it is no error. */
  title: string
  /** The first frame of its stack that lies in the project. */
  site?: SourcePosition
  causes: string[]
}

export function thrownStory(error: unknown): ThrownStory {
  const causes: string[] = []
  let cause = dataProperty(error, 'cause')
  while (cause !== undefined && causes.length < CAUSES) {
    causes.push(titleOf(cause))
    cause = dataProperty(cause, 'cause')
  }
  return { title: titleOf(error), site: firstProjectFrame(stackOf(error)), causes }
}

function titleOf(error: unknown): string {
  const message = dataProperty(error, 'message')
  if (typeof message !== 'string') return printValue(error, 200)
  const name = dataProperty(error, 'name')
  const ctor = dataProperty(dataProperty(error, 'constructor'), 'name')
  // A subclass that doesn't set `name` inherits "Error"; its class says more.
  const title =
    name === 'Error' && typeof ctor === 'string' && ctor !== '' ? ctor : typeof name === 'string' ? name : 'Error'
  return message === '' ? title : `${title}: ${message}`
}

function stackOf(error: unknown): string {
  const data = dataProperty(error, 'stack')
  if (typeof data === 'string') return data
  try {
    // V8 keeps `stack` as an accessor of its own in newer versions.
    const stack = error instanceof Error ? error.stack : undefined
    return typeof stack === 'string' ? stack : ''
  } catch {
    return ''
  }
}

/** Where frontrun itself is loaded from, as stacks name it. */
const OWN_FOLDER = fileURLToPath(new URL('..', import.meta.url))

const FRAME = /^\s*at (?:(?:async )?(.+?) \()?((?:file:\/\/|[A-Za-z]:[\\/])?[^():]+):(\d+):(\d+)\)?$/u

/** Frames of Node, of packages and of frontrun itself (a package too, when it is used) are passed over. */
export function firstProjectFrame(stack: string): SourcePosition | undefined {
  for (const text of stack.split('\n')) {
    const match = FRAME.exec(text)
    if (!match) continue
    const [, functionName = '', file, line, column] = match
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    if (/node_modules|^node:|^internal[\\/]|<anonymous>/u.test(file) || path.startsWith(OWN_FOLDER)) continue
    return { file, line: Number(line), column: Number(column), functionName: functionName.replace(/^async /u, '') }
  }
}
