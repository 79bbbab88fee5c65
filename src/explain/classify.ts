import { type Conflict, conflictOf } from './conflict.js'
import { deadlockConflict } from './deadlock.js'
import { ExecutionOrder } from './execution-order.js'
import { compareTasks } from './names.js'
import { findConflicts } from './patterns/any-conflict.js'
import type { Candidate, ConflictPattern } from './patterns/candidate.js'
import { findChecksThenActs } from './patterns/check-then-act.js'
import { findHalfDoneUpdates } from './patterns/half-done-update.js'
import { findLostUpdates } from './patterns/lost-update.js'
import { findOrderViolations } from './patterns/order-violation.js'
import { findStaleReads } from './patterns/stale-read.js'
import { findWriteWrites } from './patterns/write-write.js'
import { best } from './ranking.js'
import type { RecordedTrace } from './trace.js'

/** A livelock can record a hundred thousand steps; nothing is learnt from comparing all of them. */
const MANY_ACCESSES = 20_000

/**
 * Names the conflict that explains a failing execution best. It claims only what the recorded order shows: an order in
 * which the tasks ran one after the other has no lost update. How the choice among several is made: see `ranking.ts`.
 *
 * @example
 * const trace = new TraceRecorder()
 *   .read('0', 'n', { value: 0 }).read('1', 'n', { value: 0 })
 *   .write('0', 'n', { value: 1 }).write('1', 'n', { value: 1 }).trace()
 * classifyConflict(trace).sentence // 'Lost update: tasks 0 and 1 both read n before either wrote it back.'
 */
export function classifyConflict(trace: RecordedTrace): Conflict {
  const order = new ExecutionOrder(trace)
  const { failure } = trace
  const few = order.accesses.length <= MANY_ACCESSES
  if (failure.kind === 'deadlock') return deadlockConflict(order, few ? candidates(order) : [])
  if (failure.kind === 'livelock') return plain('livelock', `Livelock: ${failure.message}`, failure.task)
  if (failure.kind === 'timeout') return plain('timeout', `Timeout: ${failure.message}`, failure.task)
  if (failure.kind === 'nondeterminism') return plain('unknown', failure.message, failure.task)

  const told = few ? best(candidates(order), trace) : undefined
  if (failure.kind === 'error' && !explainsError(told, order)) return unhandledError(order)
  if (told) return conflictOf(told)
  const tasks = [...new Set(trace.steps.map(step => step.task))].sort(compareTasks)
  const sentence =
    tasks.length > 1 && order.accesses.length > 0
      ? `No conflict among ${order.names.many(tasks)}: no two of their accesses to one location depend on their order.`
      : `No conflicting accesses were recorded${tasks.length > 0 ? ` for ${order.names.many(tasks)}` : ''}.`
  return { pattern: 'unknown', locations: [], tasks, accesses: [], sentence }
}

function candidates(order: ExecutionOrder): Candidate[] {
  return [
    ...findLostUpdates(order),
    ...findChecksThenActs(order),
    ...findHalfDoneUpdates(order),
    ...findStaleReads(order),
    ...findOrderViolations(order),
    ...findWriteWrites(order),
    ...findConflicts(order),
  ]
}

/** A conflict is told instead of the bare error only if the task that threw is the one that was misled by it. */
function explainsError(told: Candidate | undefined, { trace: { failure } }: ExecutionOrder): boolean {
  if (!told || told.pattern === 'unknown' || told.pattern === 'write-write') return false
  if (failure.task === undefined) return false
  const seen = told.accesses.filter(a => a.task === failure.task)
  const inTime = failure.step === undefined || seen.some(a => a.step <= (failure.step as number))
  return told.victim === failure.task && inTime
}

function unhandledError({ trace: { failure, steps }, names }: ExecutionOrder): Conflict {
  const task = failure.task ?? (failure.step === undefined ? undefined : steps[failure.step]?.task)
  const sentence =
    task === undefined
      ? `Unhandled error: ${failure.message}`
      : `Unhandled error: ${names.one(task)} threw ${failure.message}`
  return plain('unhandled-error', sentence, task)
}

function plain(pattern: ConflictPattern, sentence: string, task: string | undefined): Conflict {
  return { pattern, locations: [], tasks: task === undefined ? [] : [task], accesses: [], sentence }
}
