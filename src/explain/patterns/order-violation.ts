import type { ExecutionOrder, OrderedAccess } from '../execution-order.js'
import { type Candidate, candidate, described, isAbsent } from './candidate.js'

/** So many tasks are looked at for each location. */
const TASKS = 100

/**
 * Order violation (Lu et al., ASPLOS 2008): two accesses come in the order that the program did not intend. Shown by
 * a read that finds nothing before another task has put the first value there, or after another task has cleared it.
 */
export function findOrderViolations(order: ExecutionOrder): Candidate[] {
  const found: Candidate[] = []
  for (const all of order.shared()) {
    const tasks = new Set(all.map(a => a.task))
    for (const task of [...tasks].slice(0, TASKS)) {
      const story = readTooEarly(order, all, task) ?? usedAfterClear(order, all, task)
      if (story) found.push(story)
    }
  }
  return found
}

function readTooEarly(order: ExecutionOrder, all: OrderedAccess[], task: string): Candidate | undefined {
  const firstWrite = all.find(a => a.access.kind !== 'read')
  if (!firstWrite || firstWrite.task === task || isAbsent(firstWrite)) return
  const early = all.filter(a => a.task === task && a.position < firstWrite.position)
  const read = early[early.length - 1]
  const flag = read?.access.value === 'false' && firstWrite.access.value === 'true'
  if (!read || !(isAbsent(read) || flag) || order.sameFlow(read, firstWrite)) return
  // Who fills the gap himself meant to (lazy initialisation); who looks again was polling.
  const later = all.some(
    a => a.position > read.position && order.sameFlow(read, a) && (a.access.kind !== 'read' || !isAbsent(a)),
  )
  if (later) return
  const sentence =
    `Order violation: ${order.names.one(task)} read ${described(read)} ` +
    `before ${order.names.one(firstWrite.task)} ${flag ? 'set' : 'initialised'} it.`
  return candidate('order-violation', flag ? 42 : 52, read, task, [read, firstWrite], sentence)
}

function usedAfterClear(order: ExecutionOrder, all: OrderedAccess[], task: string): Candidate | undefined {
  const { failure } = order.trace
  if (failure.kind !== 'error' || failure.task !== task) return
  const at = all.findLastIndex(a => a.task === task && a.access.kind === 'read')
  if (at < 0 || !isAbsent(all[at])) return
  const { reads, writes } = order.history(all, at)
  const clear = writes[0]
  if (!clear || !isAbsent(clear) || reads.length > 0) return
  const sentence =
    `Order violation: ${order.names.one(task)} read ${described(all[at])} ` +
    `after ${order.names.one(clear.task)} had cleared it.`
  return candidate('order-violation', 48, all[at], task, [clear, all[at]], sentence)
}
