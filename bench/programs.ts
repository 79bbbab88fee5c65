/** The programs as ordinary code, explored as a user would. Each returns how many executions and steps it took. */
import { exploreDpor, exploreInterleavings } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { RANDOM_RUNS } from './contenders.mjs'

export interface Count {
  executions: number
  steps: number
}

/** `watch` is told now and then how many executions there were. */
export type Program = (maxExecutions?: number, watch?: (executions: number) => void) => Promise<Count>

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

type Options<S> = Omit<Parameters<typeof exploreDpor<S>>[0], 'invariant'>

/** Steps are those of the last execution times the executions: the executions of one program have about as many each. */
async function explore<S>(
  options: Options<S>,
  maxExecutions?: number,
  watch?: (executions: number) => void,
): Promise<Count> {
  let depth = 0
  const result = await exploreDpor<S>({
    ...options,
    invariant: () => true,
    stopOnFirst: false,
    maxExecutions: maxExecutions ?? Number.MAX_SAFE_INTEGER,
    reproduceOnFailure: 0,
    onProgress: progress => {
      depth = progress.depth
      watch?.(progress.executions)
    },
  })
  const executions = result.numExplored + result.redundantRuns
  return { executions, steps: executions * depth }
}

class Counter {
  value = 0

  async load(): Promise<number> {
    return this.value
  }

  async save(value: number): Promise<void> {
    this.value = value
  }

  async increment(times: number): Promise<void> {
    for (let turn = 0; turn < times; turn++) {
      const value = await this.load()
      await this.save(value + 1)
    }
  }
}

/** Two tasks that read, await, and write; what fast-check's scheduler and the hand-written loop run too. */
const twoTasks =
  (times: number): Program =>
  (maxExecutions, watch) =>
    explore<Counter>(
      {
        setup: () => new Counter(),
        tasks: [counter => counter.increment(times), counter => counter.increment(times)],
      },
      maxExecutions,
      watch,
    )

/** The same under random schedules, as many as the others run: so are their ways of choosing. */
const twoTasksAtRandom =
  (times: number): Program =>
  async () => {
    let depth = 0
    const { numExplored } = await exploreInterleavings<Counter>({
      setup: () => new Counter(),
      tasks: [counter => counter.increment(times), counter => counter.increment(times)],
      invariant: counter => counter.value <= 2 * times,
      strategy: 'walk',
      maxAttempts: RANDOM_RUNS,
      onProgress: progress => {
        depth = progress.depth
      },
    })
    return { executions: numExplored, steps: numExplored * depth }
  }

const readModifyWrite =
  (count: number): Program =>
  (maxExecutions, watch) =>
    explore<{ x: number }>(
      {
        setup: () => ({ x: 0 }),
        threads: range(count).map(() => (state: { x: number }) => {
          const value = state.x
          state.x = value + 1
        }),
      },
      maxExecutions,
      watch,
    )

const readers =
  (count: number): Program =>
  (maxExecutions, watch) =>
    explore<{ x: number }>(
      {
        setup: () => ({ x: 0 }),
        threads: [
          (state: { x: number }) => {
            state.x = 1
          },
          ...range(count).map(() => (state: { x: number }) => state.x),
        ],
      },
      maxExecutions,
      watch,
    )

const writers =
  (count: number): Program =>
  (maxExecutions, watch) =>
    explore<{ x: number }>(
      {
        setup: () => ({ x: 0 }),
        threads: range(count).map(index => (state: { x: number }) => {
          state.x = index
        }),
      },
      maxExecutions,
      watch,
    )

/** One thread looks for the last zero of an array, from the end; each other one fills its element from the one before. */
const lastZero =
  (count: number): Program =>
  (maxExecutions, watch) =>
    explore<number[]>(
      {
        setup: () => range(count + 1).map(() => 0),
        threads: [
          (cells: number[]) => {
            let index = count
            while (cells[index] !== 0) index--
            return index
          },
          ...range(count).map(index => (cells: number[]) => {
            cells[index + 1] = cells[index] + 1
          }),
        ],
      },
      maxExecutions,
      watch,
    )

/** The fork with the lower number first, so that nobody starves: a deadlock's story would take longer than its search. */
const philosophers =
  (count: number): Program =>
  (maxExecutions, watch) =>
    explore<Lock[]>(
      {
        setup: () => range(count).map(() => new Lock()),
        threads: range(count).map(seat => (forks: Lock[]) => {
          const neighbour = (seat + 1) % count
          const first = forks[Math.min(seat, neighbour)]
          const second = forks[Math.max(seat, neighbour)]
          first.acquireSync()
          second.acquireSync()
          second.release()
          first.release()
        }),
      },
      maxExecutions,
      watch,
    )

export const programs: Record<string, Program> = {
  'two tasks, 1 increment': twoTasksAtRandom(1),
  'two tasks, 2 increments': twoTasksAtRandom(2),
  'two tasks, 4 increments': twoTasksAtRandom(4),
  'two tasks, 8 increments': twoTasks(8),
  'read-modify-write ×4': readModifyWrite(4),
  'philosophers 4': philosophers(4),
  'lastzero(10)': lastZero(10),
  'readers(13)': readers(13),
  'writers(10)': writers(10),
}
