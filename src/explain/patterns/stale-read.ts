import type { ExecutionOrder, OrderedAccess } from '../execution-order.js'
import { lineNames } from '../names.js'
import { type Candidate, candidate, described, isAbsent, isCheck, sameValue, wrote } from './candidate.js'

/** So many places that a task writes after a stale read are looked at. */
const ACTS = 6
/** And so many accesses back from a write for the reads it made out of date, and on from it for what they led to. */
const LOOK_BACK = 200
const LOOK_AHEAD = 200
/** A program that starts tasks without end has as many stale reads; the first ones are enough to choose from. */
const CANDIDATES = 200

/** A read that was out of date when it was used, in one of three ways; each has its function below. */
export function findStaleReads(order: ExecutionOrder): Candidate[] {
  return [...outdatedInputs(order), ...changedBetweenReads(order)]
}

/** The task reads x, another writes x, and the first then writes y, or throws, without having read x again. */
function outdatedInputs(order: ExecutionOrder): Candidate[] {
  const found: Candidate[] = []
  const { failure } = order.trace
  for (const all of order.shared()) {
    const told = new Set<string>()
    all.forEach((change, at) => {
      if (change.access.kind === 'read' || found.length > CANDIDATES) return
      for (const read of lastReads(order, all, at)) {
        if (told.has(read.task) || sameValue(read, change)) continue
        const again = all.findIndex((a, i) => i > at && a.task === read.task)
        const until = again < 0 ? Number.POSITIVE_INFINITY : all[again].position
        // An own write to x before reading it again is a lost update or a check-then-act.
        if (again >= 0 && all[again].access.kind !== 'read') continue
        const acts = actsOf(order, read, change.position, until)
        for (const act of acts) found.push(tellInput(order, all, read, change, act))
        const threw = failure.kind === 'error' && failure.task === read.task && until === Number.POSITIVE_INFINITY
        if (threw && acts.length === 0 && (failure.step ?? 0) > change.step) found.push(tellThrow(order, read, change))
        if (acts.length > 0) told.add(read.task)
      }
    })
  }
  return found
}

/** The reads that `all[at]` made out of date: the last access of each other task, if it is a read. */
function lastReads(order: ExecutionOrder, all: OrderedAccess[], at: number): OrderedAccess[] {
  const seen = new Set([all[at].task])
  const reads: OrderedAccess[] = []
  for (let i = at - 1; i >= Math.max(0, at - LOOK_BACK); i--) {
    if (seen.has(all[i].task)) continue
    seen.add(all[i].task)
    if (all[i].access.kind === 'read' && !order.sameFlow(all[i], all[at])) reads.push(all[i])
  }
  return reads
}

function actsOf(order: ExecutionOrder, read: OrderedAccess, after: number, until: number): OrderedAccess[] {
  const acts = new Map<number, OrderedAccess>()
  const end = Math.min(until, order.accesses.length)
  for (let i = after + 1, seen = 0; i < end && acts.size < ACTS && seen < LOOK_AHEAD; i++) {
    const act = order.accesses[i]
    if (act.root !== read.root) continue
    seen++
    const { kind, object, location } = act.access
    if ((kind !== 'write' && kind !== 'update') || object === 'lock' || object === 'settle') continue
    if (location === read.access.location || acts.has(location)) continue
    if (order.sameFlow(read, act)) acts.set(location, act)
  }
  return [...acts.values()]
}

function tellInput(
  order: ExecutionOrder,
  all: OrderedAccess[],
  read: OrderedAccess,
  change: OrderedAccess,
  act: OrderedAccess,
): Candidate {
  const { names } = order
  const [me, them] = lineNames([read.task, act.task], [change.task]).map(names.one)
  const x = read.access.name
  const y = act.access.name
  const theirs = order.data.get(act.access.location) ?? []
  const skewed = theirs.findLast(a => a.task === change.task && a.access.kind === 'read')
  // Write skew (A5B of Berenson et al.): each wrote what the other had read. A lost wakeup has this shape too.
  if (skewed && skewed.position < act.position) {
    const sentence =
      `Check-then-act: ${me} read ${x} and wrote ${y} while ${them} read ${y} and wrote ${x}; ` +
      "neither saw the other's write."
    return candidate('check-then-act', 52, act, read.task, [read, skewed, change, act], sentence)
  }
  const bothChecked = isCheck(read) && all.some(a => a.task === change.task && sameCheck(a, read, change))
  if (bothChecked && theirs.some(a => a.task === change.task && a.access.kind !== 'read')) {
    const sentence = `Check-then-act: ${names.many([read.task, change.task])} both found ${described(read)} before acting on it.`
    return candidate('check-then-act', 50, read, read.task, [read, change, act], sentence)
  }
  const sentence = `Stale read: ${me} read ${x}, ${them} then ${wrote(change)} it, and ${me} wrote ${y} without reading ${x} again.`
  return candidate('stale-read', isCheck(read) ? 38 : 35, act, read.task, [read, change, act], sentence)
}

function sameCheck(other: OrderedAccess, read: OrderedAccess, change: OrderedAccess): boolean {
  return other.access.kind === 'read' && other.position < change.position && sameValue(other, read)
}

function tellThrow(order: ExecutionOrder, read: OrderedAccess, change: OrderedAccess): Candidate {
  const [me, them] = [order.names.one(read.task), order.names.one(change.task)]
  const sentence = `Stale read: ${me} read ${described(read)}, ${them} then ${wrote(change)} it, and ${me} threw without reading it again.`
  return candidate('stale-read', 35, read, read.task, [read, change], sentence)
}

/** The task reads x twice and sees two values (a non-repeatable read). Absent and then present is polling, and not told. */
function changedBetweenReads(order: ExecutionOrder): Candidate[] {
  const found: Candidate[] = []
  for (const all of order.shared()) {
    const told = new Set<string>()
    all.forEach((second, at) => {
      if (second.access.kind !== 'read' || told.has(second.task)) return
      const { reads, writes } = order.history(all, at)
      const first = reads[0]
      const change = first && writes.find(w => w.position > first.position)
      if (!change || sameValue(first, second) || isAbsent(first) || first.access.value === 'false') return
      told.add(second.task)
      const [me, them] = lineNames([first.task, second.task], [change.task]).map(order.names.one)
      const { name, value } = second.access
      const values =
        value !== undefined && first.access.value !== undefined ? `, ${first.access.value} and then ${value}` : ''
      const sentence = `Stale read: ${me} read ${name} twice${values}, because ${them} ${wrote(change)} it in between.`
      found.push(candidate('stale-read', 40, second, second.task, [first, change, second], sentence))
    })
  }
  return found
}
