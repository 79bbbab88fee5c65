import type { ExecutionOrder, OrderedAccess } from '../execution-order.js'
import { type Candidate, candidate } from './candidate.js'

/** Pairs of tasks times locations stay small in a story; beyond these the search for half-done updates stops. */
const LOCATIONS = 500
const TASKS = 32

interface View {
  read: OrderedAccess
  write: OrderedAccess
}

/**
 * A reader sees an update of several locations half done (read skew, A5A of Berenson et al.): of one location the value
 * from before the writer, of another the one from after it. No order of the two tasks, one after the other, shows both.
 */
export function findHalfDoneUpdates(order: ExecutionOrder): Candidate[] {
  const before = new Map<string, View>()
  const after = new Map<string, View>()
  for (const all of order.shared().slice(0, LOCATIONS)) {
    for (const reader of tasksOf(all, 'read')) {
      const reads = all.filter(a => a.task === reader && a.access.kind === 'read')
      const last = reads[reads.length - 1]
      for (const writer of tasksOf(all, 'write')) {
        const writes = all.filter(a => a.task === writer && a.access.kind !== 'read')
        if (writer === reader || writes.some(w => order.sameFlow(w, last) || order.sameFlow(last, w))) continue
        const key = `${reader} ${writer}`
        if (last.position < writes[0].position) keep(before, key, { read: last, write: writes[0] })
        const fresh = reads.find(r => r.position > writes[writes.length - 1].position)
        if (fresh) keep(after, key, { read: fresh, write: writes[writes.length - 1] })
      }
    }
  }
  const found: Candidate[] = []
  for (const [key, old] of before) {
    const fresh = after.get(key)
    if (fresh) found.push(tell(order, old, fresh))
  }
  return found
}

function keep(views: Map<string, View>, key: string, view: View): void {
  if (!views.has(key)) views.set(key, view)
}

function tasksOf(all: OrderedAccess[], sort: 'read' | 'write'): string[] {
  const tasks = new Set(all.filter(a => (a.access.kind === 'read') === (sort === 'read')).map(a => a.task))
  return [...tasks].slice(0, TASKS)
}

function tell(order: ExecutionOrder, old: View, fresh: View): Candidate {
  const { names, trace } = order
  const reader = old.read.task
  const writer = old.write.task
  const sentence =
    `Stale read: ${names.one(reader)} saw an update by ${names.one(writer)} half done: ` +
    `${old.read.access.name} from before it, ${fresh.read.access.name} from after it.`
  // Two tasks that update both locations clash by their writes; what they saw in between is the lesser half of it.
  const both = [old, fresh].some(v =>
    trace.steps.some(
      s => s.task === reader && s.accesses.some(a => a.location === v.read.access.location && a.kind === 'write'),
    ),
  )
  const accesses = [old.read, old.write, fresh.write, fresh.read]
  return candidate('stale-read', both ? 42 : 50, old.read, reader, accesses, sentence)
}
