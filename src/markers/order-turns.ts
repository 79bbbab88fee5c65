import type { Task } from '../runtime/task.js'
import type { MarkerSearch } from './marker-search.js'
import { startOrder } from './schedule-turns.js'
import { Step } from './step.js'
import { MarkerTurns } from './turns.js'

/**
 * One execution of a search over the orders of the markers: whenever nobody can go on by itself, the search chooses who
 * passes its marker. Under a schedule, workers start in the order in which it names them first; so the search chooses how
 * they start, too, and then only among the orders that would start them so.
 */
export class OrderTurns extends MarkerTurns {
  /** Markers passed so far. */
  readonly steps: Step[] = []
  /** A worker that started before others does not come to a marker before theirs. */
  private stuck = false
  private readonly started: number[] = []
  private readonly appeared = new Set<number>()

  constructor(
    private readonly search: MarkerSearch,
    private readonly names: readonly string[],
  ) {
    super(names.length)
  }

  /** Whether a schedule of these steps leads here: it would have started the workers in this order. */
  get isFollowed(): boolean {
    const order = startOrder(this.steps, this.names)
    return !this.stuck && this.started.every((worker, index) => worker === order[index])
  }

  protected gates(): boolean {
    return true
  }

  protected start(workers: readonly number[]): number {
    const chosen = Number(this.search.choose(workers.map(String)))
    this.started.push(chosen)
    return chosen
  }

  protected open(standing: readonly Task[]): Task | undefined {
    const newcomer = this.started.find(worker => !this.appeared.has(worker))
    const allowed = new Map<string, Task>()
    for (const task of standing) {
      const worker = this.workerOf(task)
      const key = String(this.stepOf(task))
      if ((this.appeared.has(worker) || worker === newcomer) && !allowed.has(key)) allowed.set(key, task)
    }
    this.stuck = allowed.size === 0
    if (this.stuck) return undefined
    const chosen = allowed.get(this.search.choose([...allowed.keys()].sort())) as Task
    this.appeared.add(this.workerOf(chosen))
    this.steps.push(this.stepOf(chosen))
    return chosen
  }

  private stepOf(task: Task): Step {
    return new Step(this.names[this.workerOf(task)] as string, task.marker?.name as string)
  }
}
