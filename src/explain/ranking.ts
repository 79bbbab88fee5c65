import type { Candidate } from './patterns/candidate.js'
import type { RecordedAccess, RecordedTrace } from './trace.js'

/**
 * Which of the things that the order shows is the one to tell. Points, in falling weight:
 *
 * - the shape itself (`weight`): lost update and check-then-act on a flag or on presence 60, a check read again 50–56,
 *   order violation 42–52, half-done update 42–50, a read that changed 40, an outdated input 35, write-write 30, any
 *   conflict 10; a few points more if all tasks of the story made the same mistake;
 * - +30 if the location took part in the outcome: the invariant read it (`failure.locations`), or its field name stands
 *   in the invariant's source; for an error, +25 if the task that threw is the one that was misled, −25 if it had no part;
 * - for check-then-act, nearly as much if it is what was written under the check that took part in the outcome;
 * - +12 if the invariant's message holds the value last written there;
 * - −20 for promise cells and locks, −15 for queues, waiter lists and lock flags, −15 for code in node_modules, −10 for
 *   accesses without a place in the source, −3 for names that begin with an underscore;
 * - among equals, the one that was complete first.
 */
export function best(candidates: readonly Candidate[], trace: RecordedTrace): Candidate | undefined {
  const outcome = outcomeOf(trace)
  let chosen: Candidate | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const one of candidates) {
    const points = score(one, outcome, trace)
    if (points > most || (points === most && chosen && end(one) < end(chosen))) {
      chosen = one
      most = points
    }
  }
  return chosen
}

interface Outcome {
  locations: Set<number>
  words: Set<string>
  message: string
  lastValue: Map<number, string | undefined>
}

function outcomeOf({ failure, invariant, steps }: RecordedTrace): Outcome {
  const lastValue = new Map<number, string | undefined>()
  for (const { accesses } of steps) for (const a of accesses) if (a.kind !== 'read') lastValue.set(a.location, a.value)
  const text = failure.kind === 'error' ? failure.message : invariant
  const words = new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [])
  return { locations: new Set(failure.locations), words, message: failure.message, lastValue }
}

function score(candidate: Candidate, outcome: Outcome, trace: RecordedTrace): number {
  const { failure } = trace
  const direct = Math.max(...candidate.accesses.map(a => partInOutcome(a.access, outcome)))
  let points = candidate.weight + Math.max(direct, guardedPart(candidate, outcome, trace))
  if (failure.kind === 'error' && failure.task !== undefined) {
    if (candidate.victim === failure.task) points += 25
    else if (!candidate.accesses.some(a => a.task === failure.task)) points -= 25
  }
  return points - incidental(candidate)
}

/** `if (!cache) { loads++; cache = … }`: the check is on one location, and what it should have guarded on another. */
function guardedPart({ pattern, accesses }: Candidate, outcome: Outcome, { steps }: RecordedTrace): number {
  if (pattern !== 'check-then-act') return 0
  const tasks = new Set(accesses.map(a => a.task))
  let most = 0
  for (let step = accesses[0].step; step <= accesses[accesses.length - 1].step; step++) {
    if (!tasks.has(steps[step].task)) continue
    for (const access of steps[step].accesses) {
      if (access.kind !== 'read') most = Math.max(most, partInOutcome(access, outcome) - 5)
    }
  }
  return most
}

function partInOutcome(access: RecordedAccess, outcome: Outcome): number {
  const words = access.name.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []
  let points = 0
  if (outcome.locations.has(access.location)) points = 30
  else if (words.length > 0 && outcome.words.has(fieldOf(access.name))) points = 30
  else if (words.some(word => outcome.words.has(word))) points = 10
  const value = outcome.lastValue.get(access.location)
  if (value !== undefined && mentions(outcome.message, value)) points += 12
  return points
}

/** `balance` of `account.balance`, `items` of `state.items[2]`, `cache` of `cache.get('k')`, `counter` of `counter`. */
export function fieldOf(name: string): string {
  const path = name.replace(/(\.\w+\(.*\)|\[[^\]]*\])+$/u, '')
  return path.slice(path.lastIndexOf('.') + 1)
}

function mentions(message: string, value: string): boolean {
  const at = message.indexOf(value)
  if (at < 0 || value === '') return false
  const around = `${message[at - 1] ?? ''}${message[at + value.length] ?? ''}`
  return !/[\p{L}\p{N}]/u.test(around)
}

const INTERNAL = /(queue|waiters?|waiting|locked|lock|mutex|pending|resolvers?|listeners?|handlers?)$/iu

function incidental({ subject, accesses }: Candidate): number {
  const { access } = subject
  const field = fieldOf(access.name)
  let points = 0
  if (access.object === 'settle' || access.object === 'lock' || access.kind === 'acquire') points += 20
  if (INTERNAL.test(field)) points += 15
  if (accesses.some(a => a.access.site?.file.includes('node_modules'))) points += 15
  if (accesses.some(a => !a.access.site && a.access.stack.length === 0)) points += 10
  if (field.startsWith('_')) points += 3
  return points
}

function end(candidate: Candidate): number {
  return candidate.accesses[candidate.accesses.length - 1].position
}
