import { type Event, Execution } from './execution.js'
import type { Program } from './program.js'

export interface Outcome {
  /** Trace → final state. */
  traces: Map<string, string>
  deadlocks: number
  interleavings: number
}

/**
 * Names the Mazurkiewicz trace of an execution, without any of the engine's notions: for each location the sequence of
 * groups of accesses that don't conflict with each other.
 */
export function traceOf(events: readonly Event[]): string {
  const steps: number[] = []
  const perLocation = new Map<number, string[][]>()
  const kinds = new Map<number, number>()
  for (const { task, accesses } of events) {
    steps[task] = (steps[task] ?? 0) + 1
    for (const access of [...accesses].sort((a, b) => a - b)) {
      const location = Math.floor(access / 8)
      const kind = access % 8
      const groups = perLocation.get(location) ?? []
      perLocation.set(location, groups)
      const commutes = (kind === 0 || kind === 2) && kinds.get(location) === kind
      if (!commutes) groups.push([])
      kinds.set(location, kind)
      groups[groups.length - 1].push(`${task}.${steps[task]}.${kind}`)
    }
  }
  const locations = [...perLocation].sort(([a], [b]) => a - b)
  return `${steps.join()}|${locations.map(([x, groups]) => `${x}:${groups.map(group => group.sort().join()).join(';')}`).join('|')}`
}

/** Runs every interleaving, each distinct prefix once. */
export function bruteForce(program: Program): Outcome {
  const traces = new Map<string, string>()
  const counted = new Map<string, number>()
  let deadlocks = 0
  const visit = (schedule: number[]): number => {
    const execution = new Execution(program)
    for (const task of schedule) execution.step(task)
    const trace = traceOf(execution.events)
    const known = counted.get(trace)
    if (known !== undefined) return known
    let interleavings = 0
    const enabled = execution.enabled()
    for (const task of enabled) interleavings += visit([...schedule, task])
    if (enabled.length === 0) {
      traces.set(trace, execution.state())
      if (execution.deadlocked) deadlocks++
      interleavings = 1
    }
    counted.set(trace, interleavings)
    return interleavings
  }
  return { interleavings: visit([]), traces, deadlocks }
}
