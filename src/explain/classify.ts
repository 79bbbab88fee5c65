import { ExecutionOrder, type OrderedAccess } from './execution-order.js'
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
import { type WaitForGraph, waitForGraph } from './wait-for-graph.js'

export type { ConflictPattern } from './patterns/candidate.js'

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

/** A livelock can record a hundred thousand steps; nothing is learnt from comparing all of them. */
const MANY_ACCESSES = 50_000

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
  if (failure.kind === 'deadlock') return deadlock(order)
  if (failure.kind === 'livelock') return plain('livelock', `Livelock: ${failure.message}`, failure.task)
  if (failure.kind === 'timeout') return plain('timeout', `Timeout: ${failure.message}`, failure.task)
  if (failure.kind === 'nondeterminism') return plain('unknown', failure.message, failure.task)

  const told = order.accesses.length > MANY_ACCESSES ? undefined : best(candidates(order), trace)
  if (failure.kind === 'error' && !explainsError(told, order)) return unhandledError(order)
  if (told) return conflict(told)
  const tasks = [...new Set(trace.steps.map(step => step.task))].sort(compareTasks)
  const sentence =
    tasks.length > 1 && order.accesses.length > 0
      ? `No conflict among ${order.names.many(tasks)}: no two of them use one location that either of them changes.`
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

function conflict(told: Candidate): Conflict {
  const { pattern, sentence, subject, accesses } = told
  return {
    pattern,
    location: subject.access.name,
    locations: distinct(accesses.map(a => a.access.location)),
    tasks: distinct(accesses.map(a => a.task)).sort(compareTasks),
    accesses: accesses.map(at),
    sentence,
  }
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

function deadlock(order: ExecutionOrder): Conflict {
  const graph = waitForGraph(order.trace.blocked)
  const involved = graph.cycle.length > 0 ? graph.cycle : graph.tasks
  const tasks = distinct(involved.map(b => b.task)).sort(compareTasks)
  // The accesses that led there: how each of them last took what the one before it waits for.
  const takes: OrderedAccess[] = []
  for (const { waitsFor, heldBy } of involved) {
    const taken = order.accesses.findLast(
      ({ access, task }) => access.kind === 'acquire' && heldBy?.includes(task) && endsWith(waitsFor, access.name),
    )
    if (taken) takes.push(taken)
  }
  takes.sort((a, b) => a.position - b.position)
  return {
    pattern: 'deadlock',
    location: involved[0]?.waitsFor,
    locations: distinct(takes.map(a => a.access.location)),
    tasks,
    accesses: distinct(takes).map(at),
    sentence: deadlockSentence(order, graph, tasks),
  }
}

function deadlockSentence({ names, trace }: ExecutionOrder, graph: WaitForGraph, tasks: string[]): string {
  const [first] = graph.cycle
  if (first && tasks.length === 1) {
    return `Deadlock: ${names.one(first.task)} waits for ${first.waitsFor}, which it holds itself.`
  }
  if (first) return `Deadlock: ${names.many(tasks)} wait for each other${tasks.length > 2 ? ' in a circle' : ''}.`
  if (tasks.length === 0) return `Deadlock: ${trace.failure.message}`
  if (graph.tasks.length > 1) return `Deadlock: ${names.many(tasks)} wait, and nothing is left that could wake them.`
  const [{ task, waitsFor, heldBy = [] }] = graph.tasks
  const held =
    heldBy.length > 0
      ? `, held by ${names.many(heldBy)}, which will not release it`
      : ', and nobody is left to settle it'
  return `Deadlock: ${names.one(task)} waits for ${waitsFor}${held}.`
}

function endsWith(waitsFor: string, name: string): boolean {
  return waitsFor === name || waitsFor.endsWith(` ${name}`)
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}

function at({ step, index }: OrderedAccess): { step: number; access: number } {
  return { step, access: index }
}
