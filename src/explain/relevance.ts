import type { Conflict } from './classify.js'
import { fieldOf } from './ranking.js'
import type { RecordedAccess, RecordedTrace } from './trace.js'

/**
 * Says which accesses belong in the story of `conflict`: those to its own locations, and those to other shared locations
 * that the invariant or the message names. Without a conflict all shared locations are told; without those, everything.
 */
export function relevantAccesses(trace: RecordedTrace, conflict: Conflict): (access: RecordedAccess) => boolean {
  const { failure, invariant } = trace
  const shared = sharedLocations(trace)
  if (conflict.pattern === 'deadlock') {
    const waited = trace.blocked.map(b => b.waitsFor)
    const names = (name: string) => waited.some(w => w === name || w.endsWith(` ${name}`))
    return ({ kind, location, name }) =>
      kind === 'acquire' || kind === 'release' ? conflict.locations.includes(location) || names(name) : false
  }
  if (conflict.locations.length === 0) {
    return shared.size > 0 ? access => shared.has(access.location) : () => true
  }
  const own = new Set(conflict.locations)
  const words = new Set(
    `${invariant} ${failure.kind === 'error' ? failure.message : ''}`.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu),
  )
  const outcome = new Set(failure.locations)
  return ({ location, name }) =>
    own.has(location) || (shared.has(location) && (outcome.has(location) || words.has(fieldOf(name))))
}

/** Locations that two tasks use and one of them changes. */
function sharedLocations(trace: RecordedTrace): Set<number> {
  const users = new Map<number, string>()
  const several = new Set<number>()
  const written = new Set<number>()
  for (const { task, accesses } of trace.steps) {
    for (const { location, kind } of accesses) {
      if (kind !== 'read' && kind !== 'release') written.add(location)
      const first = users.get(location)
      if (first === undefined) users.set(location, task)
      else if (first !== task) several.add(location)
    }
  }
  return new Set([...several].filter(location => written.has(location)))
}
