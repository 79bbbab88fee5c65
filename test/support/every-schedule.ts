import { type PendingOperation, type SearchStatistics, STOP, type Strategy } from '../../dist/engine/index.js'
import { Explorer } from '../../dist/explore/explorer.js'
import { checkOptions, type ExploreDporOptions } from '../../dist/explore/options.js'

/**
 * Runs every schedule, whatever its footprints: a depth-first search over the sets of enabled tasks that knows nothing of
 * independence. Names the trace of each execution by the order of the accesses of each location. It stands outside of
 * the instrumented folder: what decides the schedule is no part of the program.
 */
class EverySchedule implements Strategy, SearchStatistics {
  executions = 0
  readonly redundant = 0
  exhausted = false
  /** The trace of each execution. */
  readonly traces: string[] = []
  /** How often each execution changes from one task to another. */
  readonly switches: number[] = []
  #choices: { tasks: number[]; next: number }[] = []
  #depth = 0
  #steps: { task: number; accesses: readonly number[] }[] = []

  constructor(private readonly most: number) {}

  begin(): boolean {
    const choices = this.#choices
    if (this.executions > 0) {
      while (choices.length > 0 && choices[choices.length - 1].next + 1 === choices[choices.length - 1].tasks.length)
        choices.pop()
      if (choices.length > 0) choices[choices.length - 1].next++
      this.exhausted = choices.length === 0
    }
    if (this.exhausted || this.executions === this.most) return false
    this.#depth = 0
    this.#steps = []
    return true
  }

  choose(enabled: readonly number[]): number {
    const tasks = [...enabled].sort((a, b) => a - b)
    const choice = this.#choices[this.#depth] ?? { tasks, next: 0 }
    this.#choices[this.#depth++] = choice
    if (choice.tasks.join() !== tasks.join()) throw new Error(`enabled: ${tasks}, earlier: ${choice.tasks}`)
    return choice.tasks[choice.next] ?? STOP
  }

  executed(task: number, accesses: readonly number[]): void {
    this.#steps.push({ task, accesses: [...accesses] })
  }

  end(_: readonly PendingOperation[], complete: boolean): void {
    if (!complete) throw new Error('an execution was cut')
    this.executions++
    this.traces.push(traceOf(this.#steps))
    this.switches.push(this.#steps.filter(({ task }, step) => step > 0 && task !== this.#steps[step - 1].task).length)
  }

  estimate(): undefined {}
}

/** For each location the sequence of groups of accesses that commute: reads with reads, updates with updates. */
function traceOf(steps: readonly { task: number; accesses: readonly number[] }[]): string {
  const taken: number[] = []
  const locations = new Map<number, { kind: number; groups: string[][] }>()
  for (const { task, accesses } of steps) {
    taken[task] = (taken[task] ?? 0) + 1
    for (const access of [...accesses].sort((a, b) => a - b)) {
      const kind = access % 8
      const location = (access - kind) / 8
      const seen = locations.get(location) ?? { kind: -1, groups: [] }
      locations.set(location, seen)
      if (seen.kind !== kind || kind === 1 || kind > 2) seen.groups.push([])
      seen.kind = kind
      seen.groups[seen.groups.length - 1].push(`${task}.${taken[task]}.${kind}`)
    }
  }
  const lines = [...locations]
    .sort(([a], [b]) => a - b)
    .map(([location, { groups }]) => `${location}:${groups.map(group => group.sort().join()).join(';')}`)
  return [taken.map((count, task) => `${task}x${count}`).join(), ...lines].join('|')
}

export interface BruteForce {
  executions: number
  /** How each trace ends. */
  endings: Map<string, string>
  /** The fewest context switches that lead to each ending. */
  leastSwitches: Map<string, number>
}

/** Null: there are more schedules than that. `print` names the final state. */
export async function runEverySchedule<S>(
  options: Omit<ExploreDporOptions<S>, 'invariant'>,
  print: (state: S) => string,
  most: number,
): Promise<BruteForce | null> {
  let strategy = new EverySchedule(most)
  let ends: string[] = []
  const invariant = (state: S): undefined => {
    // Once: a failure is run again, to make it small.
    ends[strategy.executions] ??= print(state)
  }
  const checked = checkOptions('runEverySchedule', { ...options, invariant, stopOnFirst: false, reproduceOnFailure: 0 })
  const { failures } = await new Explorer('runEverySchedule', checked).explore(() => {
    ends = []
    strategy = new EverySchedule(most)
    return strategy
  })
  if (!strategy.exhausted) return null
  for (const { execution, kind, message } of failures) ends[execution] = `${kind}: ${message}`
  const endings = new Map<string, string>()
  strategy.traces.forEach((trace, i) => {
    const [ending, known] = [ends[i + 1], endings.get(trace)]
    if (ending === undefined) throw new Error(`execution ${i + 1} was not judged`)
    if (known !== undefined && known !== ending)
      throw new Error(`one trace, two endings: ${known} and ${ending}\n${trace}`)
    endings.set(trace, ending)
  })
  const leastSwitches = new Map<string, number>()
  strategy.switches.forEach((switches, i) => {
    leastSwitches.set(ends[i + 1], Math.min(switches, leastSwitches.get(ends[i + 1]) ?? switches))
  })
  return { executions: strategy.executions, endings, leastSwitches }
}
