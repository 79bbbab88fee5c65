/** Small programs for the engine's tests: each operation is one step, except for `step`, which makes one of several. */
export type Registers = Record<string, number>
export type Value = number | ((registers: Registers) => number)
export type Operation =
  | { op: 'read'; x: string; to: string }
  | { op: 'write'; x: string; value: Value }
  | { op: 'increment' | 'update'; x: string }
  | { op: 'exchange'; x: string; from: Value; value: Value; to: string }
  | { op: 'acquire' | 'release' | 'sleep' | 'wake' | 'cancel'; x: string }
  | { op: 'await'; x: string; condition: (value: number) => boolean; change?: (value: number) => number }
  | { op: 'try'; x: string; to: string }
  | { op: 'spawn' | 'join'; task: number }
  | { op: 'if'; condition: (registers: Registers) => boolean; body: Operation[]; otherwise: Operation[] }
  | { op: 'while'; condition: (registers: Registers) => boolean; body: Operation[] }
  | { op: 'step'; body: Operation[] }
  | { op: 'set'; to: string; value: Value }

export const r = (x: string, to = x): Operation => ({ op: 'read', x, to })
export const w = (x: string, value: Value = 1): Operation => ({ op: 'write', x, value })
/** Atomic increment; not commuting. */
export const u = (x: string): Operation => ({ op: 'increment', x })
/** A commuting update. */
export const update = (x: string): Operation => ({ op: 'update', x })
export const cas = (x: string, from: Value, value: Value, to = 'won'): Operation => ({
  op: 'exchange',
  x,
  from,
  value,
  to,
})
export const acq = (x: string): Operation => ({ op: 'acquire', x })
export const rel = (x: string): Operation => ({ op: 'release', x })
/** Waits until the condition holds for the variable, and, with `change`, changes it in the same step. */
export const until = (
  x: string,
  condition: (value: number) => boolean,
  change?: (value: number) => number,
): Operation => ({ op: 'await', x, condition, change })
/** Takes one of the permits that the variable counts. */
export const down = (x: string): Operation =>
  until(
    x,
    n => n > 0,
    n => n - 1,
  )
/** Gives one back. */
export const up = (x: string): Operation => ({ op: 'increment', x })
export const trylock = (x: string, to = 'locked'): Operation => ({ op: 'try', x, to })
export const spawn = (task: number): Operation => ({ op: 'spawn', task })
export const join = (task: number): Operation => ({ op: 'join', task })
/** Enqueues, then waits for a `wake` of the same name. */
export const sleep = (x: string): Operation => ({ op: 'sleep', x })
export const wake = (x: string): Operation => ({ op: 'wake', x })
/** Cancels the task of this number if it has not run yet, as clearTimeout does. */
export const cancel = (task: number): Operation => ({ op: 'cancel', x: `timer${task}` })
export const when = (
  condition: (registers: Registers) => boolean,
  body: Operation[],
  otherwise: Operation[] = [],
): Operation => ({ op: 'if', condition, body, otherwise })
export const loop = (condition: (registers: Registers) => boolean, body: Operation[]): Operation => ({
  op: 'while',
  condition,
  body,
})
export const step = (...body: Operation[]): Operation => ({ op: 'step', body })
export const set = (to: string, value: Value): Operation => ({ op: 'set', to, value })

export interface Program {
  tasks: Operation[][]
  initial?: Record<string, number>
  /** Tasks whose first step is a timer that another task may `cancel`. */
  timers?: number[]
}
