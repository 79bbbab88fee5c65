import type { ExecutionOrder, OrderedAccess } from '../execution-order.js'
import { lineNames } from '../names.js'
import { type Candidate, candidate, isCheck, sameValue, wrote } from './candidate.js'

interface Update {
  read: OrderedAccess
  write: OrderedAccess
}

/**
 * Lost update (P4 of Berenson et al., "A Critique of ANSI SQL Isolation Levels", SIGMOD 1995): a task reads a location,
 * another writes it, and the first writes it without having read it again. The order r0 w0 r1 w1 is none.
 */
export function findLostUpdates(order: ExecutionOrder): Candidate[] {
  const found = new Map<string, Candidate>()
  for (const all of order.shared()) {
    all.forEach((write, at) => {
      if (write.access.kind !== 'write') return
      const { reads, writes } = order.history(all, at)
      const read = reads[0]
      if (!read || isCheck(read)) return
      const lost = writes.filter(w => w.position > read.position)
      if (lost.length === 0) return
      const story = tell(order, all, { read, write }, lost)
      const key = `${write.access.location} ${story.accesses.map(a => a.task)}`
      if (!found.has(key)) found.set(key, story)
    })
  }
  return [...found.values()]
}

function tell(order: ExecutionOrder, all: OrderedAccess[], stale: Update, lost: OrderedAccess[]): Candidate {
  const { names } = order
  const { name } = stale.write.access
  // Every task that read before any of these writes took part in the same accident.
  const together = [stale]
  for (const write of [...lost].reverse()) {
    if (write.access.kind !== 'write' || together.some(u => u.write.task === write.task)) continue
    const read = order.history(all, all.indexOf(write)).reads[0]
    if (!read) continue
    const updates = [...together, { read, write }]
    const lastRead = Math.max(...updates.map(u => u.read.position))
    if (updates.every(u => u.write.position > lastRead)) together.push({ read, write })
  }
  // An update that put back the value that was there lost nothing.
  const harmless = lost.every(w => sameValue(w, stale.read)) ? -30 : 0
  const victim = stale.write.task
  if (together.length > 1) {
    const tasks = lineNames(...together.map(u => [u.read.task, u.write.task]))
    const any = tasks.length > 2 ? 'any of them' : 'either'
    return candidate(
      'lost-update',
      60 + 2 * tasks.length + harmless,
      stale.write,
      victim,
      together.flatMap(u => [u.read, u.write]),
      `Lost update: ${names.many(tasks)} ${tasks.length > 2 ? 'all' : 'both'} read ${name} before ${any} wrote it back.`,
    )
  }
  const other = lost[lost.length - 1]
  const [me, them] = lineNames([stale.read.task, victim], [other.task]).map(names.one)
  return candidate(
    'lost-update',
    60 + harmless,
    stale.write,
    victim,
    [stale.read, other, stale.write],
    `Lost update: ${me} read ${name}, ${them} ${wrote(other)} it, and ${me} wrote it without reading it again.`,
  )
}
