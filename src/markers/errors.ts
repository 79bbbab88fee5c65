import { FrontrunError } from '../explore/errors.js'
import type { Step } from './step.js'

/** A step of a schedule names a worker or a marker that does not exist. */
export class UnknownStepError extends FrontrunError {
  override name = 'UnknownStepError'
  constructor(
    message: string,
    readonly step: Step,
  ) {
    super(message)
  }
}

/** The workers can't go on: none stands at the marker of the schedule's next step, or they wait for each other. */
export class ScheduleStallError extends FrontrunError {
  override name = 'ScheduleStallError'
  constructor(
    message: string,
    /** The step waited for; undefined once the schedule is used up. */
    readonly step: Step | undefined,
    /** Where each worker stands, by name. */
    readonly workers: Readonly<Record<string, string>>,
  ) {
    super(message)
  }
}

/** All workers have ended, but steps of the schedule are left. */
export class IncompleteScheduleError extends FrontrunError {
  override name = 'IncompleteScheduleError'
  constructor(
    message: string,
    /** The steps that were not taken. */
    readonly missing: readonly Step[],
  ) {
    super(message)
  }
}

/** The workers took longer than the `timeout` of the run. */
export class TimeoutError extends FrontrunError {
  override name = 'TimeoutError'
}
