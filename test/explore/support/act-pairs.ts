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

/**
 * Explores two acts as tasks and as threads, and compares with every schedule of them, if they are not too many: the same endings, as many
 * executions as traces, and never one trace with two endings, which is how an access that was missed shows.
 * `print` adds to what the acts return.
 */
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
  const counts = { tasks: 0, threads: 0 }
  let endings: string[] = []
  for (const unit of ['tasks', 'threads'] as const) {
    const options = { setup: state, [unit]: bodies, reproduceOnFailure: 0, stopOnFirst: false }
    const all = await runEverySchedule(options, printAll, MOST_SCHEDULES)
    const result = await exploreDpor({
      ...options,
      invariant: (end: ReturnType<typeof state>) => {
        throw new Error(printAll(end))
      },
    })
    const found = result.failures.map(({ kind, message }) => (kind === 'invariant' ? message : `${kind}: ${message}`))
    const expected = all === null ? found : [...all.endings.values()]
    if (String(found.sort()) !== String(expected.sort()))
      throw new Error(`${unit}: every schedule ends in ${expected.join('; ')}, but found ${found.join('; ')}`)
    counts[unit] = result.numExplored
    endings = [...new Set(found)].sort()
  }
  return { ...counts, endings }
}
