import type {
  AccessKind,
  BlockedTask,
  FailureKind,
  LocationSort,
  RecordedFailure,
  RecordedStep,
  RecordedTrace,
  SourcePosition,
} from './trace.js'
import { printValue } from './values.js'

/** `bank.ts:7`, `bank.ts:7:12`, or the whole position. */
export type Site = string | SourcePosition

export interface TraceRecorderOptions {
  /** Default `'task'`. */
  unit?: 'task' | 'thread'
  /** Names of tasks by id, for `Task alice` instead of `Task 0`. */
  names?: Record<string, string>
  /** The invariant, or its source text. */
  invariant?: string | ((...args: never[]) => unknown)
  /** `false` records nothing. Default `true`. */
  enabled?: boolean
}

export interface StepOptions {
  /** Default: `Task 0`, or by `names`. */
  label?: string
  /** Indices of earlier steps that happen before this one, besides those of its own task. */
  causes?: number[]
  suspendedAt?: Site
  kind?: RecordedStep['kind']
}

export interface AccessOptions {
  /** The value read or written; it is printed at once and not kept. */
  value?: unknown
  site?: Site
  /** Callers, innermost first. */
  stack?: Site[]
  object?: LocationSort
  /** Number of the location. Default: one number for each name. */
  location?: number
}

/**
 * Records an execution by hand, for `classifyConflict`, `condenseTrace` and `formatTrace`: from a log of your own, from
 * a scheduler of your own, or in tests.
 *
 * @example
 * const recorder = new TraceRecorder({ invariant: a => a.balance === 200 })
 * recorder.read('0', 'account.balance', { value: 100, site: 'bank.ts:7' })
 * recorder.read('1', 'account.balance', { value: 100, site: 'bank.ts:7' })
 * recorder.write('0', 'account.balance', { value: 150, site: 'bank.ts:9' })
 * recorder.write('1', 'account.balance', { value: 150, site: 'bank.ts:9' })
 * console.log(formatTrace(recorder.trace()))
 */
export class TraceRecorder {
  readonly enabled: boolean
  readonly #unit: 'task' | 'thread'
  readonly #names: Record<string, string>
  readonly #invariant: string
  readonly #steps: RecordedStep[] = []
  readonly #blocked: BlockedTask[] = []
  readonly #locations = new Map<string, number>()
  #failure: RecordedFailure = { kind: 'invariant', message: 'the invariant does not hold' }

  constructor({ unit = 'task', names = {}, invariant = '', enabled = true }: TraceRecorderOptions = {}) {
    this.enabled = enabled
    this.#unit = unit
    this.#names = names
    this.#invariant = typeof invariant === 'string' ? invariant : Function.prototype.toString.call(invariant)
  }

  /** Begins a step of the task. The accesses recorded next, until another step begins, are its accesses. */
  step(task: string | number, { label, causes = [], suspendedAt, kind }: StepOptions = {}): this {
    if (!this.enabled) return this
    const step: RecordedStep = { task: String(task), label: label ?? this.#label(task), causes, accesses: [] }
    if (suspendedAt !== undefined) step.suspendedAt = position(suspendedAt)
    if (kind) step.kind = kind
    this.#steps.push(step)
    return this
  }

  /** Adds an access to the current step. Throws if there is none. */
  access(kind: AccessKind, name: string, options: AccessOptions = {}): this {
    if (!this.enabled) return this
    const step = this.#steps.at(-1)
    if (!step) throw new Error(`TraceRecorder: access to ${name} before any step. Call step(task) first.`)
    const { value, site, stack = [], object, location = this.#location(name) } = options
    step.accesses.push({
      kind,
      location,
      name,
      stack: stack.map(position),
      ...(site === undefined ? {} : { site: position(site) }),
      ...('value' in options ? { value: printValue(value) } : {}),
      ...(object ? { object } : {}),
    })
    return this
  }

  /** A step of its own that reads. */
  read(task: string | number, name: string, options?: AccessOptions): this {
    return this.step(task).access('read', name, options)
  }

  /** A step of its own that writes. */
  write(task: string | number, name: string, options?: AccessOptions): this {
    return this.step(task).access('write', name, options)
  }

  /** The task can't go on. */
  blocked(
    task: string | number,
    waitsFor: string,
    { site, heldBy }: { site?: Site; heldBy?: (string | number)[] } = {},
  ): this {
    if (!this.enabled) return this
    this.#blocked.push({
      task: String(task),
      label: this.#label(task),
      waitsFor,
      ...(site === undefined ? {} : { site: position(site) }),
      ...(heldBy ? { heldBy: heldBy.map(String) } : {}),
    })
    return this
  }

  /** How the execution failed. Default: the invariant does not hold. */
  fail(kind: FailureKind, message: string, details: Omit<Partial<RecordedFailure>, 'kind' | 'message'> = {}): this {
    if (this.enabled) this.#failure = { ...details, kind, message }
    return this
  }

  /** What was recorded so far. */
  trace(): RecordedTrace {
    return {
      unit: this.#unit,
      steps: [...this.#steps],
      blocked: [...this.#blocked],
      failure: this.#failure,
      invariant: this.#invariant,
    }
  }

  #label(task: string | number): string {
    return `${this.#unit === 'thread' ? 'Thread' : 'Task'} ${this.#names[task] ?? task}`
  }

  #location(name: string): number {
    const known = this.#locations.get(name)
    if (known !== undefined) return known
    this.#locations.set(name, this.#locations.size)
    return this.#locations.size - 1
  }
}

function position(site: Site): SourcePosition {
  if (typeof site !== 'string') return site
  const [, file, line = '1', column = '1'] = /^(.*?)(?::(\d+))?(?::(\d+))?$/u.exec(site) as RegExpExecArray
  return { file, line: Number(line), column: Number(column), functionName: '' }
}
