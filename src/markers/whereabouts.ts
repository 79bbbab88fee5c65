import { displayPath } from '../explain/index.js'
import { LocationNames } from '../explore/location-names.js'
import { runtime } from '../runtime/index.js'
import type { ExecutionResult } from '../runtime/program.js'
import type { Scheduler } from '../runtime/scheduler.js'
import { type Task, TaskState } from '../runtime/task.js'

/** Where each worker stands at the end of a run, by name: `stands at its marker 'write' (account.ts:12)`. */
export function whereabouts(
  run: ExecutionResult,
  scheduler: Scheduler,
  names: readonly string[],
): Record<string, string> {
  const recordNames = new LocationNames(scheduler, run.state)
  const workerOf = (task: Task): string => {
    const { root, number } = task.identity
    return names[(root ?? { number }).number] ?? 'setup'
  }
  const found: Record<string, string> = {}
  for (const [index, root] of run.roots.entries()) {
    const worker = names[index] as string
    const tasks = run.execution.live.filter(task => workerOf(task) === worker && task.state !== TaskState.Done)
    const parts = tasks.map(describe).filter(part => part !== '')
    found[worker] = root.failed ? 'has thrown' : parts.length > 0 ? parts.join(', and ') : 'has ended'
  }
  return found

  function describe(task: Task): string {
    const { marker, guard, cell } = task
    if (marker !== null) return `stands at its marker '${marker.name}'${place(marker.site)}`
    if (guard !== null) {
      const holders = guard.holders().map(workerOf)
      const holder = holders.length === 0 ? '' : ` that ${holders.join(' and ')} hold${holders.length === 1 ? 's' : ''}`
      const what = guard.describe((guard.record === null ? undefined : recordNames.ofRecord(guard.record)) ?? '')
      return `waits for the ${what.trimEnd()}${holder}${place(task.site)}`
    }
    if (cell !== null) return task.timer === null ? `waits for a promise${place(task.site)}` : ''
    if (task.timer !== null) return task.kind === 'timer' && task.frame === null ? '' : `runs${place(task.site)}`
    return task.state === TaskState.Ready ? `runs on${place(task.site)}` : `waits${place(task.site)}`
  }
}

export function place(site: number): string {
  const position = runtime.sites.describe(site)
  return position === undefined ? '' : ` (${displayPath(position.file)}:${position.line})`
}
