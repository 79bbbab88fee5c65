/** Failing schedules kept as files, for regression tests. */
import { readFileSync, writeFileSync } from 'node:fs'
import { FrontrunError } from './errors.js'
import type { InterleavingResult } from './result.js'

interface ScheduleFile {
  frontrun: 1
  replay: string
  failureKind: string | undefined
  message: string | undefined
}

/**
 * Writes the failing schedule of a result to a JSON file.
 *
 * @throws FrontrunError if the result has no replay string, because it holds
 * @example
 * if (!result.propertyHolds) writeSchedule(result, 'test/schedules/double-spend.json')
 */
export function writeSchedule(result: InterleavingResult, path: string): void {
  if (result.replay === undefined) throw new FrontrunError('writeSchedule: the result has no failing schedule to write')
  const content: ScheduleFile = {
    frontrun: 1,
    replay: result.replay,
    failureKind: result.failureKind,
    message: result.failures[0]?.message,
  }
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`)
}

/**
 * Reads a schedule written by `writeSchedule`, for the `replay` option.
 *
 * @throws FrontrunError if the file is not one
 * @example
 * const result = await exploreDpor({ setup, tasks, invariant, replay: readSchedule('test/schedules/double-spend.json') })
 * result.assertHolds() // once the bug is mended, the schedule that showed it holds
 */
export function readSchedule(path: string): string {
  let content: Partial<ScheduleFile> | undefined
  try {
    content = JSON.parse(readFileSync(path, 'utf8')) as Partial<ScheduleFile>
  } catch (error) {
    throw new FrontrunError(`readSchedule: ${path} cannot be read as a schedule`, { cause: error })
  }
  if (content?.frontrun !== 1 || typeof content.replay !== 'string') {
    throw new FrontrunError(`readSchedule: ${path} is not a file that writeSchedule has written`)
  }
  return content.replay
}
