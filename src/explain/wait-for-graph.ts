import type { BlockedTask } from './trace.js'

/** Who waits for whom when nothing can go on. */
export interface WaitForGraph {
  /** A shortest circle of tasks, each waiting for the next one and the last for the first; empty if there is none. */
  cycle: BlockedTask[]
  /** Every blocked task. */
  tasks: BlockedTask[]
}

/**
 * Finds the circle in the wait-for graph, by breadth first from each blocked task (a task has one entry for each thing
 * it waits for). Of several shortest ones it takes that of the first task, so equal traces give equal pictures.
 */
export function waitForGraph(blocked: readonly BlockedTask[]): WaitForGraph {
  let cycle: BlockedTask[] = []
  for (const start of blocked) {
    const found = shortestWayBack(start, blocked)
    if (found && (cycle.length === 0 || found.length < cycle.length)) cycle = found
  }
  return { cycle, tasks: [...blocked] }
}

function shortestWayBack(start: BlockedTask, blocked: readonly BlockedTask[]): BlockedTask[] | undefined {
  const ways: BlockedTask[][] = [[start]]
  const seen = new Set<BlockedTask>()
  for (const way of ways) {
    const at = way[way.length - 1]
    if (at.heldBy?.includes(start.task)) return way
    for (const next of blocked) {
      if (seen.has(next) || !at.heldBy?.includes(next.task)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
}

/** `forks[1]` of `lock forks[1]`: in the picture the kind of thing is clear. */
export function resourceName(waitsFor: string): string {
  return waitsFor.replace(/^(?:a |the )?(?:lock|mutex) /u, '')
}

/** `lock forks[1]` is a wait for the location `forks[1]`. */
export function isWaitingFor(
  { waitsFor, resource }: Pick<BlockedTask, 'waitsFor' | 'resource'>,
  name: string,
): boolean {
  return resource === name || waitsFor === name || waitsFor.endsWith(` ${name}`)
}
