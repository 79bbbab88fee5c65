/**
 * What a task or thread waits for, other than a promise: an operation that can run only while its condition holds, and is
 * then performed, as the beginning of the step with which the task goes on.
 */
import type { Execution } from './execution.js'
import type { ObjectRecord } from './identity.js'
import type { Task } from './task.js'

export interface Guard {
  /**
   * What the condition depends on. Whatever may change it accesses this location, other than by an UPDATE. -1: nothing that
   * could be taken back: what makes it true is among the causes (see `Parked`).
   */
  readonly location: number
  /** How `perform` accesses the location. */
  readonly kind: number
  /** Whose location that is: its name is told. */
  readonly record: ObjectRecord | null
  enabled(): boolean
  /** Whether the condition held immediately before this earlier step of the execution. */
  heldBefore(step: number): boolean
  /** Does the operation, and records its accesses. The task goes on with the result, or with what is thrown. */
  perform(task: Task, execution: Execution): unknown
  /** The tasks of which one has to do something, for the wait-for graph; none if it could be anybody. */
  holders(): readonly Task[]
  /** Steps that happen before `perform`, besides those in the causes of the task. */
  readonly causes?: readonly number[]
  /** Somebody has to give back what is waited for: even a task that nobody waits for may not be left waiting for it. */
  readonly owned: boolean
  /** `lock forks[1]`, given `forks[1]`. */
  describe(name: string): string
}

/** A state that guards depend on, and how it came about: a search asks what it was earlier in the execution. */
export class Watched<S> {
  private readonly steps: number[] = []
  private readonly values: S[] = []

  constructor(
    readonly record: ObjectRecord,
    readonly location: number,
    private readonly initial: S,
  ) {}

  get now(): S {
    const { values } = this
    return values.length === 0 ? this.initial : (values[values.length - 1] as S)
  }

  /** To be called by a step that accesses the location. */
  change(value: S, step: number): void {
    const { steps, values } = this
    if (steps[steps.length - 1] === step) values[values.length - 1] = value
    else {
      steps.push(step)
      values.push(value)
    }
  }

  /** What it was when the step began. */
  before(step: number): S {
    for (let at = this.steps.length - 1; at >= 0; at--)
      if ((this.steps[at] as number) < step) return this.values[at] as S
    return this.initial
  }
}

/** Waits until a watched state is as wanted. */
export abstract class Awaiting<S> implements Guard {
  /** `first`: has to be let go on before any of this counts. */
  constructor(
    readonly watched: Watched<S>,
    readonly first: Parked | null = null,
  ) {}

  abstract readonly kind: number
  abstract readonly owned: boolean
  protected abstract ready(state: S): boolean
  abstract perform(task: Task, execution: Execution): unknown
  abstract holders(): readonly Task[]
  abstract describe(name: string): string

  get location(): number {
    return this.watched.location
  }
  get record(): ObjectRecord {
    return this.watched.record
  }

  /** Whether the state is as wanted. */
  get possible(): boolean {
    return this.ready(this.watched.now)
  }

  get causes(): readonly number[] | undefined {
    return this.first?.causes
  }

  enabled(): boolean {
    return (this.first === null || this.first.woken) && this.possible
  }

  /** What let it go on in the first place is a cause: steps before that are not asked about. */
  heldBefore(step: number): boolean {
    return (this.first === null || this.first.woken) && this.wasPossible(step)
  }

  wasPossible(step: number): boolean {
    return this.ready(this.watched.before(step))
  }
}

/** Waits until somebody lets it go on. That comes about once and for all, so its order with other steps can't be reversed. */
export class Parked implements Guard {
  readonly location = -1
  readonly kind = 0
  readonly owned = false
  readonly causes: number[] = []
  private give: () => unknown = () => undefined
  woken = false

  constructor(
    readonly record: ObjectRecord,
    private readonly description: (name: string) => string,
  ) {}

  /** Lets it go on after this step, with this value. */
  wake(value: unknown, step: number): void {
    this.wakeWith(() => value, step)
  }

  /** The same, with what `give` then returns or throws. */
  wakeWith(give: () => unknown, step: number): void {
    if (this.woken) return
    this.woken = true
    this.give = give
    if (step >= 0) this.causes.push(step)
  }

  enabled(): boolean {
    return this.woken
  }
  heldBefore(): boolean {
    return this.woken
  }
  perform(): unknown {
    return this.give()
  }
  holders(): readonly Task[] {
    return []
  }
  describe(name: string): string {
    return this.description(name)
  }
}
