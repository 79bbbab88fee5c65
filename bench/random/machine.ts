/** A machine for small thread programs: every access is declared, then made, as one step. */
import { ACQUIRE, READ, RELEASE, type Strategy, UPDATE, type Upcoming, WRITE } from '../../dist/engine/index.js'

/** Yields the access that the thread makes next; what follows the yield up to the next one is done in the same step. */
export type Thread = Generator<number, void, void>

export interface BenchProgram {
  name: string
  /** Fresh state and threads. A main thread starts them in order, a step each, then goes on with `main`. */
  start(): { threads: Thread[]; main?: Thread; failed(): boolean }
}

export const read = (location: number): number => location * 8 + READ
export const write = (location: number): number => location * 8 + WRITE
export const update = (location: number): number => location * 8 + UPDATE
export const acquire = (location: number): number => location * 8 + ACQUIRE
export const release = (location: number): number => location * 8 + RELEASE

/** Starts the next thread; no access. */
const START = -1

function* mainThread(count: number, rest: Thread | undefined): Thread {
  for (let i = 0; i < count; i++) yield START
  if (rest !== undefined) yield* rest
}

/** Runs one execution; true if it fails. A deadlock is a failure. */
export function run(program: BenchProgram, strategy: Strategy): boolean {
  const { threads: started, main, failed } = program.start()
  const threads = [mainThread(started.length, main), ...started]
  const next = threads.map(thread => thread.next().value as number | undefined)
  const holders: boolean[] = []
  /** The step that started each thread, until its first step. */
  const cause: (number | undefined)[] = []
  const footprint = (access: number): number[] => (access === START ? [] : [access])
  const upcoming: Upcoming = { footprint: task => footprint(next[task] as number), site: () => 0 }
  let alive = 1
  let last = 0
  for (let step = 0; ; step++) {
    const enabled: number[] = []
    const isEnabled = (task: number): boolean => {
      const access = next[task]
      return access !== undefined && (access === START || (access & 7) !== ACQUIRE || !holders[access >>> 3])
    }
    if (isEnabled(last)) enabled.push(last)
    for (let task = 0; task < alive; task++) if (task !== last && isEnabled(task)) enabled.push(task)
    if (enabled.length === 0) break
    const task = strategy.choose(enabled, upcoming)
    const access = next[task] as number
    if (access === START) cause[alive++] = step
    else if ((access & 7) === ACQUIRE) holders[access >>> 3] = true
    else if ((access & 7) === RELEASE) holders[access >>> 3] = false
    next[task] = threads[task].next().value as number | undefined
    last = task
    strategy.executed(task, footprint(access), cause[task] === undefined ? [] : [cause[task]])
    cause[task] = undefined
  }
  strategy.end([], true)
  return failed() || next.some(access => access !== undefined)
}
