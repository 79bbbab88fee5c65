import type { OrderedAccess } from './execution-order.js'
import { compareTasks } from './names.js'
import type { Candidate, ConflictPattern } from './patterns/candidate.js'

/** What went wrong in a recorded execution, as far as its order shows it. */
export interface Conflict {
  pattern: ConflictPattern
  /** Name of the location it is about, or of the lock or promise that the first blocked task waits for. */
  location?: string
  /** Numbers of all locations it involves. */
  locations: number[]
  /** Ids of the tasks it involves. */
  tasks: string[]
  /** The accesses it consists of, in the order of execution: indices into `trace.steps` and into the step's `accesses`. */
  accesses: { step: number; access: number }[]
  /** The same in words, one line. */
  sentence: string
}

export function conflictOf({ pattern, sentence, subject, accesses }: Candidate): Conflict {
  return {
    pattern,
    location: subject.access.name,
    ...involved(accesses),
    tasks: distinct(accesses.map(a => a.task)).sort(compareTasks),
    sentence,
  }
}

/** The part of a conflict that follows from its accesses. */
export function involved(accesses: readonly OrderedAccess[]): Pick<Conflict, 'locations' | 'accesses'> {
  const ordered = distinct(accesses).sort((a, b) => a.position - b.position)
  return {
    locations: distinct(ordered.map(a => a.access.location)),
    accesses: ordered.map(({ step, index }) => ({ step, access: index })),
  }
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
