import { type Conflict, distinct, involved } from './conflict.js'
import type { ExecutionOrder, OrderedAccess } from './execution-order.js'
import { compareTasks } from './names.js'
import type { Candidate } from './patterns/candidate.js'
import { best } from './ranking.js'
import type { BlockedTask } from './trace.js'
import { isWaitingFor, type WaitForGraph, waitForGraph } from './wait-for-graph.js'

/**
 * The conflict of a deadlocked execution: a circle of tasks, or else tasks that wait for something nobody will do. In the
 * latter case a race often made it so (a lost wakeup: the flag was set between the check and the enqueueing), and the
 * best of `candidates` that misled a blocked task is told too.
 */
export function deadlockConflict(order: ExecutionOrder, candidates: readonly Candidate[]): Conflict {
  const graph = waitForGraph(order.trace.blocked)
  const stuck = graph.cycle.length > 0 ? graph.cycle : lastOnes(graph.tasks)
  const tasks = distinct(stuck.map(b => b.task)).sort(compareTasks)
  const waiting = new Set(graph.tasks.map(b => b.task))
  const reasons = candidates.filter(c => c.weight >= 30 && c.pattern !== 'write-write' && waiting.has(c.victim))
  const reason = graph.cycle.length > 0 ? undefined : best(reasons, order.trace)
  const sentence = deadlockSentence(order, graph, stuck)
  return {
    pattern: 'deadlock',
    location: stuck[0]?.waitsFor,
    ...involved([...takesOf(order, stuck), ...(reason?.accesses ?? [])]),
    tasks,
    sentence: reason ? `${sentence} ${reason.sentence}` : sentence,
  }
}

/** Those that don't wait for another blocked task; the others only follow them. */
function lastOnes(blocked: readonly BlockedTask[]): BlockedTask[] {
  const waiting = new Set(blocked.map(b => b.task))
  return blocked.filter(b => !b.heldBy?.some(holder => waiting.has(holder)))
}

/** For each stuck task, how the holder last took what it waits for. */
function takesOf(order: ExecutionOrder, stuck: readonly BlockedTask[]): OrderedAccess[] {
  return stuck.flatMap(({ waitsFor, resource, heldBy }) => {
    const take = order.accesses.findLast(
      ({ access, task }) =>
        access.kind === 'acquire' && heldBy?.includes(task) && isWaitingFor({ waitsFor, resource }, access.name),
    )
    return take ? [take] : []
  })
}

function deadlockSentence({ names, trace }: ExecutionOrder, { cycle }: WaitForGraph, stuck: BlockedTask[]): string {
  if (stuck.length === 0) return `Deadlock: ${trace.failure.message}`
  const tasks = distinct(stuck.map(b => b.task))
  const [{ task, waitsFor, heldBy = [] }] = stuck
  if (cycle.length > 0) {
    if (tasks.length === 1) return `Deadlock: ${names.one(task)} waits for ${waitsFor}, which it holds itself.`
    return `Deadlock: ${names.many(tasks)} wait for each other${tasks.length > 2 ? ' in a circle' : ''}.`
  }
  if (tasks.length > 1) return `Deadlock: ${names.many(tasks)} wait, and nothing is left that could wake them.`
  const held =
    heldBy.length > 0
      ? `, held by ${names.many(heldBy)}, which will not release it`
      : waitsFor.startsWith('a promise')
        ? ', and nobody is left to settle it'
        : ', and nobody is left to bring that about'
  return `Deadlock: ${names.one(task)} waits for ${waitsFor}${held}.`
}
