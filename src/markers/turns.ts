import { mustFire, type Timer } from '../runtime/clock.js'
import type { Execution } from '../runtime/execution.js'
import type { MarkerGate } from '../runtime/marker-gate.js'
import { type Task, type TaskIdentity, TaskState } from '../runtime/task.js'

/** A worker that has taken so many steps without coming to a marker or an end, a polling one say, lets others go on. */
const PATIENCE = 10_000

const rootOf = ({ root, number }: TaskIdentity): number => (root ?? { number }).number

/**
 * Whose turn it is between two markers. A worker, with all that it started, runs without interruption until it stands at a
 * marker, has ended, or waits for what only others can bring about; what it awaits takes the time it takes, so its timers
 * fire meanwhile. Then the others go on that can: those that have not begun first, then the one that has waited longest. Only when nobody can go on by
 * itself, a marker opens. So what happens depends on the order of the markers alone.
 */
export abstract class MarkerTurns implements MarkerGate {
  /** A worker came to a marker. */
  met = false
  private current = -1
  private inRow = 0
  private turns = 0
  /** The number of its last turn, by worker. */
  private readonly lastTurn: number[] = []

  /** @param workers how many root tasks are workers; setup and invariant, which come after them, are not gated */
  constructor(private readonly workers: number) {}

  stops(task: Task): boolean {
    if (rootOf(task.identity) >= this.workers) return false
    this.met = true
    return this.gates()
  }

  /** Whether workers stop at markers at all. */
  protected abstract gates(): boolean

  /** Which of the workers that have not begun runs up to its first marker next. */
  protected abstract start(workers: readonly number[]): number

  /** Nobody can go on by itself: which of the tasks that stand at a marker, in the order in which they came, passes it. */
  protected abstract open(standing: readonly Task[]): Task | undefined

  protected workerOf(task: Task): number {
    return rootOf(task.identity)
  }

  next(ready: readonly Task[], execution: Execution): Task | undefined {
    const own = ready.find(task => this.workerOf(task) === this.current)
    const patient = this.inRow < PATIENCE
    const goOn = own ?? this.ownTimer(execution)
    if (goOn !== undefined && patient) return this.take(goOn)
    const other = this.longestWaiting(ready)
    if (other !== undefined) return this.take(other)
    const standing = execution.live.filter(task => task.marker !== null).sort(byArrival)
    const opened = standing.length > 0 ? this.open(standing) : undefined
    if (opened !== undefined) {
      opened.marker = null
      this.inRow = 0
      return this.take(opened)
    }
    return goOn === undefined ? undefined : this.take(goOn)
  }

  private take(task: Task): Task {
    const worker = this.workerOf(task)
    this.inRow = worker === this.current ? this.inRow + 1 : 0
    this.current = worker
    this.lastTurn[worker] = ++this.turns
    return task
  }

  private longestWaiting(ready: readonly Task[]): Task | undefined {
    const fresh = ready.filter(task => task.kind === 'root' && task.start !== null)
    if (fresh.length > 0) {
      const chosen = this.start(fresh.map(task => this.workerOf(task)))
      return fresh.find(task => this.workerOf(task) === chosen)
    }
    let first: Task | undefined
    for (const task of ready) {
      if (this.workerOf(task) === this.current) continue
      if (first === undefined || this.waitsLonger(task, first)) first = task
    }
    return first
  }

  private waitsLonger(one: Task, other: Task): boolean {
    const [a, b] = [this.workerOf(one), this.workerOf(other)]
    const since = (this.lastTurn[a] ?? 0) - (this.lastTurn[b] ?? 0)
    return since !== 0 ? since < 0 : a < b
  }

  /** The next timer of the worker whose turn it is, if it waits in the middle of its way rather than at a marker. */
  private ownTimer(execution: Execution): Task | undefined {
    const isOwn = (task: Task): boolean => this.workerOf(task) === this.current
    const own = execution.live.filter(isOwn)
    const underWay = own.some(task => task.kind === 'root' && task.state !== TaskState.Done)
    if (!underWay || own.some(task => task.marker !== null)) return undefined
    const usable = (timer: Timer): boolean => isOwn(timer.task) && (mustFire(timer) || (timer.foreign && !timer.turns))
    return execution.clock.earliest(usable)?.task
  }
}

const byArrival = (one: Task, other: Task): number => (one.marker?.arrival ?? 0) - (other.marker?.arrival ?? 0)
