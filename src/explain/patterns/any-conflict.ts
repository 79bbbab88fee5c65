import type { ExecutionOrder, OrderedAccess } from '../execution-order.js'
import { capitalize } from '../names.js'
import { type Candidate, candidate, wrote } from './candidate.js'

const LOOK_BACK = 200

/** The last resort: the last pair of conflicting accesses to each location, told as what it is and no more. */
export function findConflicts(order: ExecutionOrder): Candidate[] {
  const found: Candidate[] = []
  for (const all of [...order.shared(order.data), ...order.shared(order.other)]) {
    const pair = lastConflict(order, all)
    if (!pair) continue
    const [first, second] = pair
    const { names } = order
    const { name } = second.access
    const sentence =
      `${capitalize(names.many([first.task, second.task]))} conflict on ${name}: ` +
      `${names.one(first.task)} ${past(first)} it before ${names.one(second.task)} ${past(second)} it.`
    found.push(candidate('unknown', 10, second, second.task, pair, sentence))
  }
  return found
}

function lastConflict(order: ExecutionOrder, all: OrderedAccess[]): [OrderedAccess, OrderedAccess] | undefined {
  for (let at = all.length - 1; at > 0; at--) {
    for (let i = at - 1; i >= Math.max(0, at - LOOK_BACK); i--) {
      if (conflicting(all[i], all[at]) && !order.sameFlow(all[i], all[at])) return [all[i], all[at]]
    }
  }
}

function conflicting({ access: a }: OrderedAccess, { access: b }: OrderedAccess): boolean {
  // A release and the acquire after it hand the lock over; only two acquires compete.
  if (a.kind === 'release' || b.kind === 'release') return false
  return a.kind !== b.kind || a.kind === 'write' || a.kind === 'acquire'
}

function past(ordered: OrderedAccess): string {
  const { kind } = ordered.access
  return kind === 'read' ? 'read' : kind === 'acquire' ? 'took' : wrote(ordered)
}
