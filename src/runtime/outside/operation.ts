/** What a detector tells of an operation on the outside world. */
import type { Execution } from '../execution.js'
import type { Key } from '../identity.js'
import { given, NO_VALUE, READ, UPDATE, WRITE } from '../recorder.js'
import type { NameOf, Resource } from './resource.js'

/** Notes the accesses of an operation in the step that runs. */
export class Notes {
  constructor(
    private readonly execution: Execution,
    /** Where the operation was called. */
    readonly site: number,
  ) {
    // What an operation touches depends on the state of the world: the next time it may touch something else.
    execution.recorder.vary()
  }

  resource(id: string, nameOf: NameOf): Resource {
    return this.execution.resources.get(id, nameOf)
  }

  /** `value`: for the story; left out if there is none to show. */
  read(resource: Resource, key: Key, value: unknown = NO_VALUE): void {
    this.touch(resource, key, READ, value)
  }

  write(resource: Resource, key: Key, value: unknown = NO_VALUE): void {
    this.touch(resource, key, WRITE, value)
  }

  /** A read that goes without saying: the story doesn't list it. */
  alsoRead(resource: Resource, key: Key): void {
    this.execution.recorder.add(resource.location(key), READ)
  }

  /** Changes that commute with each other, but not with reads and writes. */
  update(resource: Resource, key: Key): void {
    this.touch(resource, key, UPDATE, NO_VALUE)
  }

  /** A part comes or goes: commutes with others that do, unless somebody looks at their order. */
  change(resource: Resource): void {
    this.execution.recorder.addKeyChange(resource)
  }

  /** A look at which parts there are; `ordered`: also at their order. */
  list(resource: Resource, ordered: boolean): void {
    this.execution.recorder.addKeysReadOf(resource, this.site, ordered)
  }

  private touch(resource: Resource, key: Key, kind: number, value: unknown): void {
    const shown = value === NO_VALUE ? NO_VALUE : given(value)
    this.execution.recorder.touch(resource.location(key), kind, this.site, shown)
  }
}

/** What an operation does in one go: a step. */
export interface Phase {
  /** Called just before. */
  note?(notes: Notes): void
  /**
   * Does it, where all detectors are silent. A promise tells when it is over: the step stays open until then. Nothing
   * else may tell: no sleep, no event that may come without it.
   */
  perform(): unknown
  /** Called when it is over, in the same step: accesses that depend on the outcome. After a failure, `error` is set. */
  noted?(notes: Notes, result: unknown, error?: unknown): void
  /** Called instead of `noted` when the execution had ended before it was over: gives back what nobody will use. */
  discard?(result: unknown): void
  /**
   * It may be over only after another task has done something (a blocking pop, a request that the program itself
   * serves). The step doesn't wait for it; the task is blocked until it is over and then goes on in a step of its own,
   * to which `noted` belongs. Whoever brings it about must hold its own step open until this is over, see
   * `Outside.expect`.
   */
  blocks?: boolean
}

/** An asynchronous operation: its phases, each a step of its own, which get what the one before resulted in. */
export interface Operation {
  /** For people: `write data/config.json`. */
  readonly name: string
  /** Each `yield` gives the result of the phase, or throws its error. The operation ends as the generator does. */
  phases(): Generator<Phase, unknown, unknown>
}

/** An operation of one phase. */
export function single(name: string, phase: Phase): Operation {
  return {
    name,
    *phases() {
      return yield phase
    },
  }
}

/**
 * What a detector makes of a call. `sync`: done in place, in threads as a step of its own. `promise`: the caller gets a
 * promise of the result. `callback`: the caller gets `returns`, and the callback is called with `toArguments(error,
 * result)`, by default `(error)` or `(null, result)`, in a step of its own.
 */
export type Plan =
  | { kind: 'sync'; phase: Phase }
  | { kind: 'promise'; operation: Operation; returns?: (promise: Promise<unknown>) => unknown }
  | {
      kind: 'callback'
      operation: Operation
      callback: Function
      toArguments?: (error: unknown, result: unknown) => unknown[]
      returns?: unknown
    }
