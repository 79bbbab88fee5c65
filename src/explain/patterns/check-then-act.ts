import type { ExecutionOrder, OrderedAccess } from '../execution-order.js'
import { lineNames } from '../names.js'
import { type Candidate, candidate, described, isAbsent, isCheck, sameValue } from './candidate.js'

/**
 * Check-then-act, the atomicity violation of Lu et al., "Learning from Mistakes" (ASPLOS 2008): a task tests a location,
 * another changes it, and the first acts on its test. Three shapes, all on one location:
 * - the test was of presence, of a flag or of a size, and the location is then written from that test;
 * - the location is read again only to be changed: `if (stock > 0) { await …; stock -= 1 }`;
 * - what the test had found is gone when it is used: `if (map.has(k)) { await …; map.get(k).x }`.
 */
export function findChecksThenActs(order: ExecutionOrder): Candidate[] {
  const found = new Map<string, Candidate>()
  for (const all of order.shared()) {
    all.forEach((act, at) => {
      const story = act.access.kind === 'read' ? vanished(order, all, at) : actedOn(order, all, at)
      if (!story) return
      const key = `${act.access.location} ${story.accesses.map(a => a.task + a.access.kind)}`
      if (!found.has(key)) found.set(key, story)
    })
  }
  return [...found.values()]
}

function actedOn(order: ExecutionOrder, all: OrderedAccess[], at: number): Candidate | undefined {
  const act = all[at]
  const { reads, writes } = order.history(all, at)
  const check = reads.find(read => writes.some(w => w.position > read.position))
  if (!check) return
  const fromCheck = check === reads[0]
  if (fromCheck && act.access.kind === 'write' && !isCheck(check)) return // a lost update
  const changes = writes.filter(w => w.position > check.position && !sameValue(w, check))
  if (changes.length === 0) return
  // A read that is repeated before the act need not have been a test: less weight, unless it looks like one.
  const weight = isCheck(check) ? 60 : fromCheck ? 56 : 50

  const { names } = order
  const { name } = act.access
  for (const change of [...changes].reverse()) {
    const theirs = order.history(all, all.indexOf(change)).reads
    const theirCheck = theirs.findLast(r => r.position < change.position)
    if (!theirCheck || change.task === act.task) continue
    // The read half of their `+=` is no check of theirs.
    if (theirs.length === 1 && !isCheck(theirCheck) && change.access.kind !== 'update') continue
    const both = names.many(lineNames([check.task, act.task], [theirCheck.task, change.task]))
    const same = isCheck(check) && sameValue(check, theirCheck)
    const sentence = same
      ? `Check-then-act: ${both} both found ${described(check)} before either changed it.`
      : `Check-then-act: ${both} both checked ${name} before either changed it.`
    return candidate('check-then-act', weight + 3, act, act.task, [check, theirCheck, change, act], sentence)
  }
  const change = changes[changes.length - 1]
  const [me, them] = lineNames([check.task, act.task], [change.task]).map(names.one)
  const sentence = `Check-then-act: ${me} found ${described(check)}, ${them} changed it, and ${me} then acted on it.`
  return candidate('check-then-act', weight, act, act.task, [check, change, act], sentence)
}

function vanished(order: ExecutionOrder, all: OrderedAccess[], at: number): Candidate | undefined {
  const use = all[at]
  const { reads, writes } = order.history(all, at)
  const check = reads[0]
  // The other way round, absent and then present, is polling.
  if (!check || !isAbsent(use) || isAbsent(check) || check.access.value === 'false') return
  const change = writes.find(w => w.position > check.position)
  if (!change) return
  const [me, them] = lineNames([check.task, use.task], [change.task]).map(order.names.one)
  const sentence =
    `Check-then-act: ${me} found ${described(check)}, ${them} changed it, ` +
    `and ${me} then found ${use.access.value}.`
  return candidate('check-then-act', 55, use, use.task, [check, change, use], sentence)
}
