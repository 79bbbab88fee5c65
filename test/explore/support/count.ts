import { exploreDpor, type TaskFunction } from 'frontrun'

/** What an exhaustive exploration saw: how often each final state, and how many deadlocks. */
export interface Count {
  explored: number
  deadlocks: number
  outcomes: Record<string, number>
  redundant: number
}

export interface CountedProgram<S> {
  setup: () => S
  tasks?: readonly TaskFunction<S>[]
  threads?: readonly TaskFunction<S>[]
  /** Prints a final state. */
  outcome?: (state: S) => string
  preemptionBound?: number
  search?: string
  clock?: 'explored' | 'virtual'
}

/**
 * Explores every trace. Each execution reports its final state as a violation, so that what is counted is what the
 * exploration itself took for an execution of its own.
 */
export async function countTraces<S>({ outcome = () => 'end', ...program }: CountedProgram<S>): Promise<Count> {
  const result = await exploreDpor({
    ...program,
    invariant: state => {
      throw new Error(outcome(state))
    },
    stopOnFirst: false,
    reproduceOnFailure: 1,
  })
  const outcomes: Record<string, number> = {}
  let deadlocks = 0
  for (const { kind, message } of result.failures) {
    if (kind === 'deadlock') deadlocks++
    else if (kind === 'invariant') outcomes[message] = (outcomes[message] ?? 0) + 1
    else throw new Error(`${kind}: ${message}`)
  }
  const judged = result.failures.length
  if (judged !== result.numExplored) throw new Error(`${result.numExplored} executions, but ${judged} were judged`)
  if (program.preemptionBound === undefined && !result.exhaustive)
    throw new Error(`not exhaustive: stopped by ${result.stoppedBy}`)
  if (result.reproductionSuccesses !== 1) throw new Error(`not reproduced: ${result.explanation}`)
  return { explored: result.numExplored, deadlocks, outcomes, redundant: result.redundantRuns }
}
