import type { OrderedAccess } from '../execution-order.js'

/** What sort of conflict it is; docs/explanations.md says what each means. */
export type ConflictPattern =
  | 'lost-update'
  | 'stale-read'
  | 'check-then-act'
  | 'order-violation'
  | 'write-write'
  | 'race'
  | 'deadlock'
  | 'unhandled-error'
  | 'livelock'
  | 'timeout'
  | 'unknown'

/** Something the recorded order shows. Several may hold of one execution: `ranking.ts` picks the one to tell. */
export interface Candidate {
  pattern: ConflictPattern
  /** How much the shape alone explains, before its location and tasks are looked at. */
  weight: number
  /** Its accesses in the order of execution. */
  accesses: OrderedAccess[]
  /** The access whose location the sentence is about. */
  subject: OrderedAccess
  /** The task that was misled. */
  victim: string
  sentence: string
}

export function candidate(
  pattern: ConflictPattern,
  weight: number,
  subject: OrderedAccess,
  victim: string,
  accesses: readonly OrderedAccess[],
  sentence: string,
): Candidate {
  const ordered = [...new Set(accesses)].sort((a, b) => a.position - b.position)
  return { pattern, weight, subject, victim, accesses: ordered, sentence }
}

const ABSENT = new Set(['undefined', 'null', '<empty>'])

/** The value says that there was nothing there (yet). Unknown values say nothing. */
export function isAbsent({ access }: OrderedAccess): boolean {
  return access.value !== undefined && ABSENT.has(access.value)
}

/**
 * The read looks like a test rather than like an operand: of presence, of a flag, of a size. What is then written does
 * not continue the value read, so "lost update" would be the wrong word.
 */
export function isCheck(read: OrderedAccess): boolean {
  const { value, object } = read.access
  return object === 'size' || isAbsent(read) || value === 'false' || value === 'true'
}

/** Both values are known and equal. */
export function sameValue(a: OrderedAccess, b: OrderedAccess): boolean {
  return a.access.value !== undefined && a.access.value === b.access.value
}

/** `x = 100`, or `x` if the value isn't known. */
export function described({ access }: OrderedAccess): string {
  return access.value === undefined ? access.name : `${access.name} = ${access.value}`
}

export function wrote({ access }: OrderedAccess): string {
  return access.kind === 'update' ? 'updated' : 'wrote'
}
