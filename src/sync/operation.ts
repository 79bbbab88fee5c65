import type { Task } from '../runtime/task.js'

/** Who does an operation: a task of an exploration, or a token that stands for one outside. */
export type Owner = Task | object

/** How long an operation may wait. */
export interface WaitOptions {
  /** Milliseconds after which it is given up, 0 or more. None: it waits as long as it takes. Virtual time in an exploration. */
  timeout?: number
}

/** Something that a primitive does once its state allows it. */
export interface Operation<S, T> {
  ready(state: S): boolean
  act(by: Owner): T
  /** Time has run out, or it was not to wait at all. */
  giveUp(): T
  /** What is waited for, given the primitive's name: `lock forks[1]`. */
  describe(name: string): string
  /** Takes something that a task will give back: stories and wait-for graphs tell who has it. */
  readonly takes: boolean
}

/** The time-out of an operation. */
export function timeoutOf(api: string, options: WaitOptions | undefined): number | undefined {
  const timeout = options?.timeout
  if (timeout === undefined) return undefined
  if (typeof timeout !== 'number' || !(timeout >= 0))
    throw new RangeError(`frontrun: ${api}: timeout must be a number of milliseconds from 0 up, not ${String(timeout)}`)
  return timeout === Number.POSITIVE_INFINITY ? undefined : timeout
}
