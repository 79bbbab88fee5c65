import { expect } from 'vitest'
import { OptimalDpor, SourceDpor } from '../../src/engine/index.js'
import { bruteForce, traceOf } from './brute-force.js'
import { runOnce } from './execution.js'
import type { Program } from './program.js'

export interface Search {
  executions: number
  redundant: number
  /** Trace → final state. */
  traces: Map<string, string>
  deadlocks: number
  /** Values of a variable at the end → number of traces. */
  outcomes(...variables: string[]): Record<string, number>
}

/** Runs a program under a strategy to the end; fails if a trace is run to its end twice. */
export function search(program: Program, strategy: OptimalDpor | SourceDpor): Search {
  const traces = new Map<string, string>()
  const finals: Map<string, number>[] = []
  let deadlocks = 0
  while (strategy.begin()) {
    const execution = runOnce(program, strategy)
    if (!execution) continue
    const trace = traceOf(execution.events)
    if (traces.has(trace)) expect.fail(`ran twice: ${trace}`)
    traces.set(trace, execution.state())
    finals.push(execution.values)
    if (execution.deadlocked) deadlocks++
  }
  if (!strategy.exhausted) expect.fail('the search stopped before it was exhausted')
  const { executions, redundant } = strategy
  if (executions !== traces.size) expect.fail(`${executions} executions of ${traces.size} traces`)
  const outcomes = (...variables: string[]): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (const values of finals) {
      const key = variables.map(x => `${x}=${values.get(x) ?? 0}`).join(' ')
      counts[key] = (counts[key] ?? 0) + 1
    }
    return counts
  }
  return { executions, redundant, traces, deadlocks, outcomes }
}

/** Both searches must run exactly the traces that brute force finds, to the same final states; the optimal one no other run. */
export function checkAgainstBruteForce(
  program: Program,
  kind: 'threads' | 'tasks',
  order?: string,
): { search: Search; interleavings: number; redundant: number } {
  const expected = bruteForce(program)
  const source = search(program, new SourceDpor({ search: order }))
  compare(source.traces, expected.traces)
  if (source.deadlocks !== expected.deadlocks)
    expect.fail(`${source.deadlocks} deadlocks instead of ${expected.deadlocks}`)
  if (kind === 'tasks') return { search: source, interleavings: expected.interleavings, redundant: source.redundant }
  const optimal = search(program, new OptimalDpor({ search: order }))
  compare(optimal.traces, expected.traces)
  if (optimal.deadlocks !== expected.deadlocks)
    expect.fail(`${optimal.deadlocks} deadlocks instead of ${expected.deadlocks}`)
  if (order === undefined && optimal.redundant !== 0) expect.fail(`${optimal.redundant} redundant runs`)
  return { search: optimal, interleavings: expected.interleavings, redundant: optimal.redundant }
}

/** Called tens of thousands of times, so `expect` is used only to fail. */
function compare(actual: Map<string, string>, expected: Map<string, string>): void {
  for (const [trace, state] of expected) {
    if (!actual.has(trace)) expect.fail(`missed ${trace}, which ends in ${state}`)
    if (actual.get(trace) !== state) expect.fail(`${trace} ends in ${actual.get(trace)} instead of ${state}`)
  }
  if (actual.size !== expected.size) expect.fail(`${actual.size} traces instead of ${expected.size}`)
}
