import type { TaskFunction } from 'frontrun'

/** How many traces a program has, and which of them is the first that fails. */
export interface Numbers {
  readonly traces: number
  readonly failsAt?: number
}

type Worker<S> = (state: S, index: number) => unknown

interface Written<S> {
  readonly name: string
  readonly setup: () => S
  /** A worker each, or the function of both. */
  readonly threads: Worker<S> | readonly Worker<S>[]
  readonly tasks: Worker<S> | readonly Worker<S>[]
  readonly invariant: (state: S) => boolean
  /** For threads and for tasks. */
  readonly expected: readonly [threads: Numbers, tasks: Numbers]
}

/** One program, written once for threads and once for tasks. */
export interface Program extends Written<any> {
  readonly threads: readonly TaskFunction<any>[]
  readonly tasks: readonly TaskFunction<any>[]
}

/** Checks the types of a program, and forgets the type of its state. */
export const program = <S>(one: Written<S>): Program => ({
  ...one,
  threads: workers(one.threads),
  tasks: workers(one.tasks),
})

function workers<S>(written: Worker<S> | readonly Worker<S>[]): readonly TaskFunction<S>[] {
  if (typeof written !== 'function') return written as readonly TaskFunction<S>[]
  return [0, 1].map(index => (state: S) => written(state, index))
}

/** A program whose `n`-th trace is the first to fail. */
export const fails = (traces: number, failsAt: number): Numbers => ({ traces, failsAt })

export const holds = (traces: number): Numbers => ({ traces })

export const one = async (): Promise<number> => 1

/** Programs with more schedules than this are not run in all of them. */
export const MOST_SCHEDULES = 2000
