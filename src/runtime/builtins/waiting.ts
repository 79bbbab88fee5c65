/**
 * `Atomics.wait`, `waitAsync` and `notify`. Each element that somebody waits on has a list of who waits, in the order in
 * which they came; it is a location of its own. To wait is to compare the element and to join the list, in one step; the
 * notification that lets a waiter go on happens before what it does next.
 */
import { Cell } from '../cell.js'
import type { Timer } from '../clock.js'
import type { Execution } from '../execution.js'
import { declare } from '../functions.js'
import { Parked, Watched } from '../guard.js'
import { type ObjectRecord, waitersKey } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isSharedArrayBuffer } from '../natives.js'
import { NO_VALUE, READ, type Recorder, WRITE } from '../recorder.js'
import { comparison, noteAtomic, type Prepared, prepare } from './atomics.js'
import { viewType } from './integer-views.js'

type Outcome = 'ok' | 'timed-out'

interface Waiter {
  wake(outcome: Outcome, step: number): void
  timer: Timer | null
}

/** Who waits on one element, in one execution. */
class WaiterList {
  readonly waiters: Waiter[] = []
  private readonly count: Watched<number>

  constructor(
    readonly execution: Execution,
    record: ObjectRecord,
    location: number,
  ) {
    this.count = new Watched(record, location, 0)
  }

  get location(): number {
    return this.count.location
  }

  wasEmptyBefore(step: number): boolean {
    return this.count.before(step) === 0
  }

  add(waiter: Waiter): void {
    this.waiters.push(waiter)
    this.changed()
  }

  remove(waiter: Waiter): void {
    this.waiters.splice(this.waiters.indexOf(waiter), 1)
    this.changed()
  }

  shift(): Waiter {
    const first = this.waiters.shift() as Waiter
    this.changed()
    return first
  }

  private changed(): void {
    this.count.change(this.waiters.length, this.execution.step)
  }
}

export function installWaiting(runtime: RuntimeHooks): void {
  const lists = new WeakMap<object, Map<number, WaiterList>>()

  function listOf({ view, index }: Prepared, site: number): WaiterList {
    const execution = runtime.execution as Execution
    const byte = view.byteOffset + index * view.BYTES_PER_ELEMENT
    // By its record: the same memory may be reached through several objects.
    const record = (runtime.recorder as Recorder).record(view.buffer, site)
    let ofMemory = lists.get(record)
    if (ofMemory === undefined) {
      ofMemory = new Map()
      lists.set(record, ofMemory)
    }
    let list = ofMemory.get(byte)
    if (list === undefined || list.execution !== execution) {
      list = new WaiterList(execution, record, record.location(waitersKey(byte)))
      ofMemory.set(byte, list)
    }
    return list
  }

  /** Compares; if the element is as expected, and there is time, joins those who wait. */
  function join(operation: Prepared, timeout: number, waiter: Waiter, site: number): 'not-equal' | 'timed-out' | null {
    const recorder = runtime.recorder as Recorder
    const { view, index, scratch, values } = operation
    const [expected] = values
    const equal = view[index] === expected
    noteAtomic(recorder, view, index, site, true, false, () =>
      recorder.addElement(view, index, READ, site, recorder.log === null ? NO_VALUE : view[index]),
    )
    if (timeout === 0) return equal ? 'timed-out' : 'not-equal'
    const list = listOf(operation, site)
    const { locations, ...attempt } = comparison(
      recorder,
      view,
      index,
      scratch as NonNullable<typeof scratch>,
      expected,
      site,
    )
    const reads = locations.map(location => location * 8 + READ)
    recorder.attempt = { ...attempt, footprints: [[...reads, list.location * 8 + WRITE], reads] }
    if (!equal) return 'not-equal'
    recorder.add(list.location, WRITE)
    list.add(waiter)
    if (timeout !== Number.POSITIVE_INFINITY)
      waiter.timer = runtime.startTimeout(list.location, timeout, site, step => {
        list.remove(waiter)
        waiter.wake('timed-out', step)
      })
    return null
  }

  function* waiting(operation: Prepared, timeout: number, site: number): Generator<unknown, unknown, unknown> {
    const { view, index } = operation
    const record = (runtime.recorder as Recorder).record(view.buffer, site)
    const parked = new Parked(record, name => `Atomics.notify on ${name || 'shared memory'}[${index}]`)
    const waiter: Waiter = { timer: null, wake: (outcome, step) => parked.wake(outcome, step) }
    const refused = runtime.pointwise(site, () => join(operation, timeout, waiter, site)) ? yield : runtime.value
    if (refused !== null) return refused
    runtime.block(parked, site)
    return yield
  }

  /** On the thread of the event loop nothing else can run meanwhile, so nobody can notify. */
  function waitAlone(operation: Prepared, timeout: number, site: number): string {
    const { view, index, values } = operation
    ;(runtime.recorder as Recorder).addElement(view, index, READ, site)
    if (view[index] !== values[0]) return 'not-equal'
    if (timeout !== Number.POSITIVE_INFINITY) return 'timed-out'
    throw new Error(
      'frontrun: Atomics.wait would block the event loop for ever: tasks share one thread, and nothing else of it could notify. Explore these functions as threads, or use Atomics.waitAsync.',
    )
  }

  declare(Atomics.wait, (native, self, args, site) => {
    const operation = prepareWait(args)
    // What the language does not accept: let it complain.
    if (operation.scratch === null) {
      runtime.value = apply(native, self, operation.args)
      return false
    }
    if (runtime.points) return runtime.coroutine(waiting(operation, operation.timeout, site), false, site)
    runtime.value = waitAlone(operation, operation.timeout, site)
    return false
  })

  const { waitAsync } = Atomics as unknown as Record<string, Function | undefined>
  declare(waitAsync, (native, self, args, site) => {
    const operation = prepareWait(args)
    if (operation.scratch === null) {
      runtime.value = apply(native, self, operation.args)
      return false
    }
    return runtime.pointwise(site, () => {
      const execution = runtime.execution as Execution
      const cell = new Cell()
      cell.site = site
      const waiter: Waiter = { timer: null, wake: outcome => execution.resolve(cell, outcome, false) }
      const refused = join(operation, operation.timeout, waiter, site)
      return runtime.made(refused === null ? { async: true, value: cell.promise } : { async: false, value: refused })
    })
  })

  declare(Atomics.notify, (native, self, [view, position, most], site) => {
    const operation = prepare([view, position], 0)
    const count = most === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Math.trunc(+most) || 0)
    if (operation.scratch === null || !isWaitable(view) || !isSharedArrayBuffer(operation.view.buffer)) {
      runtime.value = apply(native, self, [...operation.args, count])
      return false
    }
    if (count === 0) {
      runtime.value = 0
      return false
    }
    return runtime.pointwise(site, () => {
      const list = listOf(operation, site)
      runtime.attempt(list.location, list.waiters.length > 0, step => !list.wasEmptyBefore(step), site)
      const { step } = runtime.execution as Execution
      let woken = 0
      while (woken < count && list.waiters.length > 0) {
        const { wake, timer } = list.shift()
        if (timer !== null) runtime.endTimeout(timer)
        wake('ok', step)
        woken++
      }
      return woken
    })
  })
}

const isWaitable = (view: unknown): boolean => ['Int32Array', 'BigInt64Array'].includes(viewType(view) as string)

/** As `Atomics.wait` converts what it is given. What it refuses, the native operation refuses as well, and does not block. */
function prepareWait([view, position, expected, limit]: unknown[]): Prepared & { timeout: number } {
  if (!isWaitable(view) || !isSharedArrayBuffer((view as Int32Array).buffer))
    return { view: view as Int32Array, index: 0, scratch: null, values: [], args: [view, 0, 0, 0], timeout: 0 }
  const operation = prepare([view, position, expected], 1)
  const milliseconds = operation.scratch === null ? 0 : +(limit as number)
  return { ...operation, timeout: Number.isNaN(milliseconds) ? Number.POSITIVE_INFINITY : Math.max(0, milliseconds) }
}
