import type { Execution } from '../runtime/execution.js'
import { Watched } from '../runtime/guard.js'
import { HELD } from '../runtime/identity.js'
import { runtime } from '../runtime/index.js'
import type { Recorder } from '../runtime/recorder.js'
import type { Task } from '../runtime/task.js'
import type { Doing } from './explored.js'
import type { RealWait } from './real.js'

let here = 0

/** Where the method was called that is running, if instrumented code called it. */
export const callSite = (): number => here

/** Runs a method that instrumented code called at `site`. */
export function at<T>(site: number, run: () => T): T {
  const before = here
  here = site
  try {
    return run()
  } finally {
    here = before
  }
}

/** The state of a primitive in one world: in one execution, or outside of explorations. */
export abstract class Core<S> {
  constructor(protected present: S) {}

  get state(): S {
    return this.present
  }
  abstract set(state: S): void
  /** Notes an access, in an exploration. */
  abstract touch(kind: number, site?: number): void
  /** Somebody has taken, or given back, what others wait for. */
  abstract took(owner: object): void
  abstract gaveBack(owner: object | null): void
}

/** In one execution. The search is told of every access. */
export class ExploredCore<S> extends Core<S> {
  readonly watched: Watched<S>
  /** Who has taken something and not given it back. */
  readonly holders: Task[] = []
  /** What each task asked for last without waiting, by kind: what it asks for afterwards comes after that. */
  private asked: Map<Function, Map<Task, Doing<S>>> | null = null

  constructor(
    primitive: object,
    initial: S,
    readonly execution: Execution,
  ) {
    super(initial)
    const record = (runtime.recorder as Recorder).record(primitive, 0)
    this.watched = new Watched(record, record.location(HELD), initial)
  }

  /** The operation of this kind that `owner` asked for last and that has not come about. */
  lastAsked(operation: object, owner: Task): Doing<S> | undefined {
    return this.asked?.get(operation.constructor)?.get(owner)
  }

  /** The operations of this kind that have not come about. */
  askedFor(operation: object): Map<Task, Doing<S>> {
    const kind = operation.constructor
    this.asked ??= new Map()
    let asked = this.asked.get(kind)
    if (asked === undefined) {
      asked = new Map()
      this.asked.set(kind, asked)
    }
    return asked
  }

  set(state: S): void {
    this.present = state
    this.watched.change(state, this.execution.step)
  }

  touch(kind: number, site = callSite()): void {
    ;(runtime.recorder as Recorder).touch(this.watched.location, kind, site)
  }

  took(owner: object): void {
    this.holders.push(owner as Task)
  }

  /** Where others than those who took may give back, it is the first one's. */
  gaveBack(owner: object | null): void {
    const at = owner === null ? -1 : this.holders.indexOf(owner as Task)
    this.holders.splice(Math.max(at, 0), 1)
  }
}

/** Outside of explorations: whoever waits is served in the order of asking, as far as the state allows. */
export class RealCore<S> extends Core<S> {
  readonly waiting: RealWait<S>[] = []
  private serving = false

  set(state: S): void {
    this.present = state
    if (this.serving) return
    this.serving = true
    try {
      for (let next = this.next(); next !== undefined; next = this.next()) next.serve()
    } finally {
      this.serving = false
    }
  }

  private next(): RealWait<S> | undefined {
    return this.waiting.find(wait => wait.operation.ready(this.present))
  }

  touch(): void {}
  took(): void {}
  gaveBack(): void {}
}
