import type { Task } from '../runtime/task.js'
import type { Step } from './step.js'
import { MarkerTurns } from './turns.js'

/**
 * The order in which workers run up to their first markers: that in which the schedule names them first, so that the one
 * it needs first gets what they compete for; then those it does not name.
 */
export function startOrder(steps: readonly Step[], names: readonly string[]): number[] {
  return [...new Set([...steps.map(({ worker }) => names.indexOf(worker)), ...names.keys()])]
}

/** Markers open in the order of a schedule; once it is used up they gate nothing any more. */
export class ScheduleTurns extends MarkerTurns {
  private taken = 0
  private readonly order: readonly number[]

  constructor(
    private readonly schedule: readonly Step[],
    private readonly names: readonly string[],
  ) {
    super(names.length)
    this.order = startOrder(schedule, names)
  }

  /** The steps taken so far. */
  get steps(): readonly Step[] {
    return this.schedule.slice(0, this.taken)
  }

  /** The step waited for; undefined once the schedule is used up. */
  get awaited(): Step | undefined {
    return this.schedule[this.taken]
  }

  get isFollowed(): boolean {
    return this.taken === this.schedule.length
  }

  protected gates(): boolean {
    return !this.isFollowed
  }

  protected start(workers: readonly number[]): number {
    return this.order.find(worker => workers.includes(worker)) as number
  }

  protected open(standing: readonly Task[]): Task | undefined {
    const step = this.awaited
    if (step === undefined) return standing[0]
    const next = standing.find(
      task => this.names[this.workerOf(task)] === step.worker && task.marker?.name === step.marker,
    )
    if (next !== undefined) this.taken++
    return next
  }
}
