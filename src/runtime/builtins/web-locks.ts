/**
 * `navigator.locks` (Node 24 and later) in an exploration, as the Web Locks specification says: requests of one name are
 * granted in the order in which they came, shared ones together. The callback of each runs as a task of its own.
 */
import { Cell } from '../cell.js'
import type { Execution } from '../execution.js'
import { Frame } from '../frame.js'
import { declare } from '../functions.js'
import { Parked } from '../guard.js'
import { HELD, type LocationTable, ObjectRecord } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { READ, type Recorder, UPDATE, WRITE } from '../recorder.js'
import { type Task, TaskState } from '../task.js'

type Mode = 'exclusive' | 'shared'

/** What a callback is given. */
class Lock {
  constructor(
    readonly name: string,
    readonly mode: Mode,
  ) {
    Object.freeze(this)
  }
}

interface Request {
  readonly task: Task
  readonly lock: Lock
  readonly cell: Cell
  readonly parked: Parked
  /** What the callback gets; null: it was not available. */
  given: Lock | null
}

interface Options {
  mode?: Mode
  ifAvailable?: boolean
  steal?: boolean
  signal?: AbortSignal
}

/** The requests of one name, in one execution. */
class Name {
  held: Request[] = []
  pending: Request[] = []
  constructor(
    readonly record: ObjectRecord,
    readonly execution: Execution,
  ) {}

  available(mode: Mode): boolean {
    if (this.pending.length > 0) return false
    return mode === 'exclusive' ? this.held.length === 0 : this.held.every(({ lock }) => lock.mode === 'shared')
  }

  /** Grants what can be granted, in order. */
  process(): void {
    for (;;) {
      const [next, ...rest] = this.pending
      if (next === undefined) return
      this.pending = []
      if (!this.available(next.lock.mode)) {
        this.pending = [next, ...rest]
        return
      }
      this.pending = rest
      this.grant(next)
    }
  }

  grant(request: Request): void {
    this.held.push(request)
    request.given = request.lock
    request.parked.wake(undefined, this.execution.step)
  }
}

/** Waits for its turn. */
class Waiting extends Parked {
  constructor(private readonly name: Name) {
    super(name.record, () => `${name.record.label} of navigator.locks`)
  }
  override holders(): readonly Task[] {
    return this.name.held.map(({ task }) => task)
  }
}

export function installWebLocks(runtime: RuntimeHooks): void {
  const manager: unknown = Reflect.get((globalThis as { navigator?: object }).navigator ?? {}, 'locks')
  if (typeof manager !== 'object' || manager === null) return
  const { request, query } = manager as Record<string, Function>
  const names = new WeakMap<LocationTable, Map<string, Name>>()

  function namesNow(): Map<string, Name> {
    const { locations } = runtime.recorder as Recorder
    let known = names.get(locations)
    if (known === undefined) {
      known = new Map()
      names.set(locations, known)
    }
    return known
  }
  function nameOf(text: string): Name {
    const all = namesNow()
    const execution = runtime.execution as Execution
    const known = all.get(text)
    if (known?.execution === execution) return known
    const record = known?.record ?? new ObjectRecord(`lock '${text}'`, (runtime.recorder as Recorder).locations)
    const name = new Name(record, execution)
    all.set(text, name)
    return name
  }
  /** The requests of a name change; who asks about all of them sees it. */
  function note(name: Name, site: number): void {
    const recorder = runtime.recorder as Recorder
    recorder.touch(name.record.location(HELD), WRITE, site)
    recorder.add((runtime.execution as Execution).opaque.location('locks'), UPDATE)
  }

  function* run(name: Name, asked: Request, callback: Function, site: number): Generator<unknown, void, unknown> {
    let value: unknown
    let failed = false
    try {
      runtime.callAwait(callback, undefined, [asked.given], site)
      value = yield
    } catch (error) {
      value = error
      failed = true
    }
    const at = name.held.indexOf(asked)
    if (at >= 0) {
      note(name, site)
      name.held.splice(at, 1)
      name.process()
    }
    name.execution.settleOnce(asked.cell, value, failed)
  }

  function ask(
    text: string,
    { mode = 'exclusive', ifAvailable, steal, signal }: Options,
    callback: Function,
    site: number,
  ) {
    const execution = runtime.execution as Execution
    const name = nameOf(text)
    note(name, site)
    const cell = new Cell()
    cell.record = execution.newRecord()
    cell.site = site
    const parked = new Waiting(name)
    const task = execution.newTask('callback', runtime.task)
    const asked: Request = { task, lock: new Lock(text, mode), cell, parked, given: null }
    task.site = site
    task.guard = parked
    task.state = TaskState.Blocked
    task.start = () => new Frame(run(name, asked, callback, site), true, 0)
    cell.producer = task
    if (steal) {
      for (const { cell: robbed } of name.held.splice(0))
        execution.settleOnce(robbed, new DOMException('The operation was aborted', 'AbortError'), true)
      name.grant(asked)
    } else if (name.available(mode)) name.grant(asked)
    else if (ifAvailable) parked.wake(undefined, execution.step)
    else name.pending.push(asked)
    const abort = (): void => {
      const at = name.pending.indexOf(asked)
      if (at < 0 || runtime.execution !== execution) return
      note(name, site)
      name.pending.splice(at, 1)
      task.state = TaskState.Done
      name.process()
      execution.settleOnce(cell, signal?.reason, true)
    }
    signal?.addEventListener('abort', abort, { once: true })
    return cell.promise
  }

  const rejected = (error: unknown): Promise<unknown> => {
    const cell = new Cell()
    ;(runtime.execution as Execution).resolve(cell, error, true)
    return cell.promise
  }
  const unsupported = (message: string): Error => new DOMException(message, 'NotSupportedError')

  declare(request, (_, __, args, site) => {
    const [text, given] = [String(args[0]), args.length > 2 ? args[1] : undefined]
    const callback: unknown = args.length > 2 ? args[2] : args[1]
    const options = (given ?? {}) as Options
    const { mode = 'exclusive', ifAvailable, steal, signal } = options
    const problem = (): unknown => {
      if (typeof callback !== 'function')
        return new TypeError(`The "callback" argument must be of type function. Received ${String(callback)}`)
      if (mode !== 'exclusive' && mode !== 'shared')
        return new TypeError(`mode '${String(mode)}' is not a valid enum value of type LockMode.`)
      if (text.startsWith('-')) return unsupported('Lock name may not start with hyphen')
      if (ifAvailable && steal) return unsupported('ifAvailable and steal are mutually exclusive')
      if (steal && mode === 'shared') return unsupported('mode: "shared" and steal are mutually exclusive')
      if (signal?.aborted) return signal.reason
      if (signal !== undefined && (steal || ifAvailable))
        return unsupported('signal and steal or ifAvailable are mutually exclusive')
      return undefined
    }
    const wrong = problem()
    if (wrong !== undefined) {
      runtime.value = rejected(wrong)
      return false
    }
    return runtime.pointwise(site, () => ask(text, options, callback as Function, site))
  })

  declare(query, (_, __, ___, site) =>
    runtime.pointwise(site, () => {
      const execution = runtime.execution as Execution
      ;(runtime.recorder as Recorder).touch(execution.opaque.location('locks'), READ, site)
      const list = (part: 'held' | 'pending') =>
        [...namesNow().values()]
          .filter(name => name.execution === execution)
          .flatMap(name => name[part].map(({ lock }) => ({ name: lock.name, mode: lock.mode, clientId: 'frontrun' })))
      const cell = new Cell()
      execution.resolve(cell, runtime.made({ held: list('held'), pending: list('pending') }), false)
      return cell.promise
    }),
  )
}
