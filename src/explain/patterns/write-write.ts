import type { ExecutionOrder, OrderedAccess } from '../execution-order.js'
import { type Candidate, candidate } from './candidate.js'

/**
 * Two tasks write a location that neither has read: the last one wins. Commuting updates don't overwrite each other.
 * The last such pair is told, since its value is what remains.
 */
export function findWriteWrites(order: ExecutionOrder): Candidate[] {
  const found: Candidate[] = []
  for (const all of order.shared()) {
    const last = all.findLastIndex(a => a.access.kind === 'write')
    if (last < 0 || !isBlind(order, all, last)) continue
    const earlier = all.findLastIndex(
      (a, i) => i < last && a.access.kind === 'write' && !order.sameFlow(a, all[last]) && isBlind(order, all, i),
    )
    if (earlier < 0) continue
    const tasks = [all[earlier].task, all[last].task]
    const sentence =
      `Write-write conflict: ${order.names.many(tasks)} both wrote ${all[last].access.name} without reading it, ` +
      `${order.names.one(all[last].task)} last.`
    found.push(candidate('write-write', 30, all[last], all[earlier].task, [all[earlier], all[last]], sentence))
  }
  return found
}

function isBlind(order: ExecutionOrder, all: OrderedAccess[], at: number): boolean {
  return !all.slice(0, at).some(a => a.access.kind === 'read' && order.sameFlow(a, all[at]))
}
