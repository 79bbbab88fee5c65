import type { Conflict } from './conflict.js'
import { fieldOf } from './ranking.js'
import type { RecordedAccess, RecordedTrace } from './trace.js'
import { isWaitingFor } from './wait-for-graph.js'

/**
 * Says which accesses belong in the story of `conflict`: those to its own locations, and those to other shared locations
 * that the invariant or the message names. Without a conflict all shared locations are told; without those, everything.
 */
export function relevantAccesses(trace: RecordedTrace, conflict: Conflict): (access: RecordedAccess) => boolean {
  const { failure, invariant } = trace
  const shared = sharedLocations(trace)
  const own = new Set(conflict.locations)
  if (conflict.pattern === 'deadlock') {
    const waited = ({ kind, name }: RecordedAccess) =>
      (kind === 'acquire' || kind === 'release') && trace.blocked.some(b => isWaitingFor(b, name))
    return access => own.has(access.location) || waited(access)
  }
  if (conflict.locations.length === 0) {
    return shared.size > 0 ? access => shared.has(access.location) : () => true
  }
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
