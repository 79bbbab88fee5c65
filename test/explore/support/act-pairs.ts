import { exploreDpor } from 'frontrun'
import { runEverySchedule } from '../../support/every-schedule.js'

const MOST_SCHEDULES = 200

export type Act<S> = (state: S) => unknown

/** What two acts see of each other. */
export interface Meeting {
  /** Traces when each act is one step of a task. */
  tasks: number
  /** Traces when each act is a thread. */
  threads: number
  /** What the acts gave, in the traces of the threads. */
  endings: string[]
}

/** Objects are not looked at: that would be an access. */
const show = (value: unknown): string => (typeof value === 'object' && value !== null ? 'an object' : String(value))

type Body<S> = (state: S) => unknown

/**
 * Explores, and compares with every schedule, if they are not too many: the same endings, as many executions as traces,
 * and never one trace with two endings, which is how an access that was missed shows.
 */
export async function explore<S>(
  unit: 'tasks' | 'threads',
  setup: () => S,
  bodies: readonly Body<S>[],
  print: (state: S) => string,
  most: number = MOST_SCHEDULES,
): Promise<{ traces: number; endings: string[]; compared: boolean }> {
  const options = { setup, [unit]: bodies, reproduceOnFailure: 0, stopOnFirst: false }
  const all = await runEverySchedule(options, print, most)
  const result = await exploreDpor({
    ...options,
    invariant: (end: S) => {
      throw new Error(print(end))
    },
  })
  const found = result.failures.map(({ kind, message }) => (kind === 'invariant' ? message : `${kind}: ${message}`))
  const expected = all === null ? found : [...all.endings.values()]
  if (String(found.sort()) !== String(expected.sort()))
    throw new Error(`${unit}: every schedule ends in ${expected.join('; ')}, but found ${found.join('; ')}`)
  return { traces: result.numExplored, endings: [...new Set(found)].sort(), compared: all !== null }
}

/** Explores two acts as tasks and as threads. `print` adds to what the acts return. */
export async function meet<S extends object>(
  setup: () => S,
  acts: readonly Act<S>[],
  print: (state: S) => string = () => '',
): Promise<Meeting> {
  const state = (): { s: S; seen: string[] } => ({ s: setup(), seen: acts.map(() => '') })
  const bodies = acts.map((act, index) => (all: ReturnType<typeof state>) => {
    let result: string
    try {
      result = show(act(all.s))
    } catch (error) {
      result = `threw ${(error as Error).message}`
    }
    all.seen[index] = result
  })
  const printAll = (all: ReturnType<typeof state>): string =>
    [...acts.map((_, index) => all.seen[index]), print(all.s)].join(' | ')
  const tasks = await explore('tasks', state, bodies, printAll)
  const threads = await explore('threads', state, bodies, printAll)
  return { tasks: tasks.traces, threads: threads.traces, endings: threads.endings }
}
