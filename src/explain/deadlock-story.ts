import type { TaskNames } from './names.js'
import type { Row } from './table.js'
import type { RecordedTrace } from './trace.js'
import { resourceName, type WaitForGraph } from './wait-for-graph.js'

/** More blocked tasks than this are counted only. */
const BLOCKED = 12

/** Where each blocked task stands and why: the last rows of the table. */
export function waitingRows(trace: RecordedTrace, names: TaskNames): Row[] {
  const blocked = new Set(trace.blocked.map(b => b.task))
  const rows = trace.blocked.slice(0, BLOCKED).map(({ task, label, waitsFor, site, heldBy = [] }): Row => {
    const text = `waits for ${waitsFor}`
    if (heldBy.length === 0) return { label, site, details: [`[${text}]`] }
    if (heldBy.length === 1 && heldBy[0] === task) return { label, site, details: [`[${text}, which it holds itself]`] }
    const ended = trace.failure.kind === 'deadlock' && heldBy.every(holder => !blocked.has(holder))
    const plural = heldBy.length > 1 ? 'have' : 'has'
    const holders = `held by ${names.many(heldBy)}${ended ? `, which ${plural} ended` : ''}`
    // One waits for the end of a task or for a lock in its hands; only the latter is held.
    const waitsForTask = heldBy.length === 1 && waitsFor === names.one(heldBy[0])
    return { label, site, details: [waitsForTask ? `[${text}]` : `[${text}, ${holders}]`] }
  })
  const more = trace.blocked.length - BLOCKED
  if (more > 0) rows.push({ label: '', details: [`… ${more} more blocked ${trace.unit}${more === 1 ? '' : 's'}`] })
  return rows
}

/** `Task 0 -> forks[1] -> Task 1 -> forks[0] -> Task 0`; nothing if no circle was found. */
export function waitPicture({ cycle }: WaitForGraph, names: TaskNames): string[] {
  if (cycle.length === 0) return []
  const nodes = cycle.flatMap(({ task, waitsFor }, i) => {
    const next = names.one(cycle[(i + 1) % cycle.length].task)
    return waitsFor === next ? [names.label(task)] : [names.label(task), resourceName(waitsFor)]
  })
  return [[...nodes, names.label(cycle[0].task)].join(' -> ')]
}
