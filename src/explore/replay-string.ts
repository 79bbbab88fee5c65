/** A failing schedule as one short string: `fr1:<shape>:<runs>`, independent of the Node version. */
import { FrontrunError } from './errors.js'
import type { CheckedOptions } from './options.js'
import type { TaskSchedule } from './result.js'

const VERSION = 'fr1'

/** What must be the same for a schedule to mean the same: kind and number of tasks, and how time passes. */
export function shapeOf(options: Pick<CheckedOptions, 'unit' | 'tasks' | 'clock' | 'fidelity'>): string {
  return `${options.unit === 'task' ? 't' : 'h'}${options.tasks.length}${options.clock === 'explored' ? '' : options.clock[0]}${options.fidelity === 'any' ? '' : 'e'}`
}

/** `0,0,1,0.2,0.2` becomes `0x2,1,0.2x2`. */
export function encodeReplay(shape: string, schedule: TaskSchedule): string {
  const runs: string[] = []
  for (let at = 0; at < schedule.length; ) {
    let end = at
    while (end < schedule.length && schedule[end] === schedule[at]) end++
    runs.push(end - at === 1 ? String(schedule[at]) : `${schedule[at]}x${end - at}`)
    at = end
  }
  return `${VERSION}:${shape}:${runs.join(',')}`
}

/** Reads a replay string. Throws a FrontrunError that says why it does not fit. */
export function decodeReplay(text: unknown, shape: string, origin = ''): TaskSchedule {
  if (typeof text !== 'string') throw new TypeError("frontrun: 'replay' must be the string that a failure printed")
  const [version, given, runs, ...rest] = text.split(':')
  if (version !== VERSION || given === undefined || runs === undefined || rest.length > 0) {
    throw new FrontrunError(
      `'${text}' is not a replay string of this version; it should look like '${VERSION}:t2:0,1x2'`,
    )
  }
  if (given !== shape) {
    throw new FrontrunError(
      `the replay string was made for another program: ${describe(given)}, but this is ${describe(shape)}${origin}`,
    )
  }
  const schedule: TaskSchedule = []
  for (const run of runs === '' ? [] : runs.split(',')) {
    const match = /^(\d+(?:\.\d+)*|\d+(?:\+\d+)+|setup(?:\.\d+)+)(?:x(\d+))?$/.exec(run)
    if (match === null) throw new FrontrunError(`the replay string has a part that cannot be read: '${run}'`)
    const [, path, times] = match as unknown as [string, string, string | undefined]
    for (let count = Number(times ?? 1); count > 0; count--) schedule.push(/^\d+$/.test(path) ? Number(path) : path)
  }
  return schedule
}

function describe(shape: string): string {
  const match = /^([th])(\d+)([vr]?)(e?)$/.exec(shape)
  if (match === null) return `'${shape}'`
  return `${match[2]} ${match[1] === 't' ? 'task' : 'thread'}${match[2] === '1' ? '' : 's'}${match[3] === '' ? '' : ` with clock: '${match[3] === 'v' ? 'virtual' : 'real'}'`}${match[4] === 'e' ? " with fidelity: 'engine'" : ''}`
}
