/** Promise constructor, statics and prototype methods, on cells. */
import { Cell, CellState } from '../cell.js'
import { promiseCall, promiseConstruct } from '../event-loop/promises.js'
import type { Execution } from '../execution.js'
import { Frame } from '../frame.js'
import { type BuiltinHandler, constructors, declare } from '../functions.js'
import { SETTLE } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { isObject, isPromise, NativePromise, nativeThen } from '../natives.js'
import { READ, WRITE } from '../recorder.js'
import { type Task, TaskState } from '../task.js'
import { resolvers } from '../thenables.js'
import { hasNativeSpecies, hasNativeStatics, hasNativeThen } from './promise-protocol.js'

const { catch: nativeCatch, finally: nativeFinally } = NativePromise.prototype

function raise(reason: unknown): never {
  throw reason
}
const asyncGenerators = Object.getPrototypeOf(async function* () {}.prototype) as Record<string, Function>

export function installPromises(runtime: RuntimeHooks): void {
  const execution = (): Execution => runtime.execution as Execution
  const give = (value: unknown): false => {
    runtime.value = value
    return false
  }
  /** Runs the platform's own function: what it makes of the program's overrides is its affair. */
  const natively = (target: Function, self: unknown, args: unknown[]): false => {
    const { foreign } = execution()
    foreign.seen = true
    foreign.needsDrain = true
    runtime.callInPlace(target, self, args)
    return false
  }
  const isOurs = (value: unknown): value is Promise<unknown> =>
    isPromise(value) && (value as Promise<unknown>).constructor === NativePromise
  /** With `fidelity: 'engine'` the function itself does the work. */
  const declarePromise = (target: Function, handler: BuiltinHandler): void =>
    declare(target, (native, self, args, site) =>
      runtime.eventLoop === null
        ? handler(native, self, args, site)
        : give(promiseCall(runtime, runtime.eventLoop, native, self, args, site)),
    )
  /** A promise of the plain kind, whose reactions we may take over. */
  const plain = (value: unknown): value is Promise<unknown> =>
    isOurs(value) && hasNativeThen(value) && hasNativeSpecies()

  const fresh = (): Cell => {
    const cell = new Cell()
    cell.record = execution().newRecord()
    return cell
  }

  function* run(executor: Function, cell: Cell, site: number): Generator<unknown, unknown, unknown> {
    const { resolve, reject } = resolvers(execution(), cell)
    try {
      if (runtime.call(executor, undefined, [resolve, reject], site)) yield
    } catch (error) {
      reject(error)
    }
    return cell.promise
  }

  constructors.set(NativePromise, (_, __, [executor], site) => {
    if (runtime.eventLoop !== null) return give(promiseConstruct(runtime, runtime.eventLoop, executor, site))
    if (typeof executor !== 'function') throw new TypeError(`Promise resolver ${String(executor)} is not a function`)
    const cell = fresh()
    cell.site = site
    return runtime.push(new Frame(run(executor, cell, site), false, 0), site)
  })

  /** `.then`: the callback is a task of its own, enabled when the promise is settled. */
  const then = (
    promise: Promise<unknown>,
    onFulfilled: unknown,
    onRejected: unknown,
    site: number,
  ): Promise<unknown> => {
    const source = execution().cellOf(promise)
    const derived = new Cell()
    derived.site = site
    if (typeof onFulfilled !== 'function' && typeof onRejected !== 'function') {
      execution().whenSettled(source, () => execution().settle(derived, source.state, source.value, source.causes))
      return derived.promise
    }
    const task = execution().newTask('reaction', runtime.task)
    task.completion = derived
    task.site = site
    task.state = TaskState.Blocked
    task.cell = source
    derived.producer = task
    execution().whenSettled(source, () => react(task, source, onFulfilled, onRejected))
    return derived.promise
  }

  const react = (task: Task, source: Cell, onFulfilled: unknown, onRejected: unknown): void => {
    const handler = source.state === CellState.Fulfilled ? onFulfilled : onRejected
    task.cell = null
    if (typeof handler !== 'function') {
      task.state = TaskState.Done
      const { completion } = task
      if (completion !== null && !completion.resolved)
        execution().settle(completion, source.state, source.value, source.causes)
      return
    }
    task.state = TaskState.Ready
    for (const cause of source.causes) task.causes.push(cause)
    const { value } = source
    task.start = () => execution().begin(handler, [value])
  }

  declarePromise(nativeThen, (target, self, [onFulfilled, onRejected], site) =>
    isOurs(self) && hasNativeSpecies()
      ? give(then(self, onFulfilled, onRejected, site))
      : natively(target, self, [onFulfilled, onRejected]),
  )
  declarePromise(nativeCatch, (target, self, [onRejected], site) =>
    plain(self) ? give(then(self, undefined, onRejected, site)) : natively(target, self, [onRejected]),
  )

  function* after(
    callback: Function,
    value: unknown,
    isError: boolean,
    site: number,
  ): Generator<unknown, unknown, unknown> {
    const result = runtime.call(callback, undefined, [], site) ? yield : runtime.value
    if (!hasNativeStatics()) {
      const promise = NativePromise.resolve(result)
      const [pass] = [isError ? () => raise(value) : () => value]
      return runtime.call(promise.then, promise, [pass], site) ? yield : runtime.value
    }
    yield runtime.wait(result, site)
    if (isError) throw value
    return value
  }
  declarePromise(nativeFinally, (target, self, [callback], site) => {
    if (!plain(self)) return natively(target, self, [callback])
    if (typeof callback !== 'function') return give(then(self, callback, callback, site))
    const pass = (isError: boolean) => {
      const reaction = (): void => {}
      declare(reaction, (_, __, [value]) =>
        runtime.push(new Frame(after(callback, value, isError, site), true, 0), site),
      )
      return reaction
    }
    return give(then(self, pass(false), pass(true), site))
  })

  declarePromise(NativePromise.resolve, (target, self, [value], site) => {
    if (self !== NativePromise) return natively(target, self, [value])
    if (isOurs(value)) return give(value)
    const cell = new Cell()
    cell.site = site
    execution().resolve(cell, value, false)
    return give(cell.promise)
  })
  declarePromise(NativePromise.reject, (target, self, [reason], site) => {
    if (self !== NativePromise) return natively(target, self, [reason])
    const cell = new Cell()
    cell.site = site
    execution().resolve(cell, reason, true)
    return give(cell.promise)
  })

  /** The cell that stands for `Promise.resolve(value)`. */
  const cellFor = (value: unknown): Cell => {
    if (isOurs(value)) return execution().cellOf(value)
    const cell = new Cell()
    execution().resolve(cell, value, false)
    return cell
  }

  /** The cell whose settling a combinator is told of: by the program's own `then`, if the promise has one. */
  function* listen(value: unknown, site: number): Generator<unknown, Cell, unknown> {
    if (!isOurs(value) || hasNativeThen(value)) return cellFor(value)
    const cell = new Cell()
    const settle = (state: CellState) => [
      (given?: unknown) => cell.resolved || execution().settle(cell, state, given, []),
    ]
    const told = [...settle(CellState.Fulfilled), ...settle(CellState.Rejected)]
    if (runtime.call(value.then, value, told, site)) yield
    return cell
  }

  type Combine = (cells: Cell[], result: Cell) => void
  const combinator = (target: Function, combine: Combine): void => {
    declarePromise(target, (_, self, [iterable], site) => {
      if (self !== NativePromise || !hasNativeStatics()) return natively(target, self, [iterable])
      const result = fresh()
      result.site = site
      return runtime.push(new Frame(collect(iterable, result, combine, site), false, 0), site)
    })
  }
  function* collect(
    iterable: unknown,
    result: Cell,
    combine: Combine,
    site: number,
  ): Generator<unknown, unknown, unknown> {
    try {
      const iteration = runtime.iterate(iterable, site) ? yield : runtime.value
      const cells: Cell[] = []
      for (;;) {
        const turn = (runtime.next(iteration as never, site) ? yield : runtime.value) as IteratorResult<unknown>
        if (turn.done) break
        const { value } = turn
        try {
          cells.push(yield* listen(value, site))
        } catch (error) {
          try {
            if (runtime.close(iteration as never, site)) yield
          } catch {}
          throw error
        }
      }
      combine(cells, result)
    } catch (error) {
      execution().resolve(result, error, true)
    }
    return result.promise
  }
  /** Settles the result of a combinator; that values have a `then` is what programs do to prototypes. */
  const conclude = (result: Cell, state: CellState, value: unknown, causes: readonly number[]): void => {
    if (state === CellState.Fulfilled && isObject(value) && 'then' in value) execution().resolve(result, value, false)
    else execution().settle(result, state, value, causes)
  }
  /** One of several settles the result: the first one does, the others look. */
  const first = (result: Cell, settle: () => void): void => {
    const { recorder } = execution()
    if (result.record !== null)
      recorder.touch(result.record.location(SETTLE), result.resolved ? READ : WRITE, result.site)
    if (!result.resolved) settle()
  }
  /** All have to come in: what they settle is ordered after each of them. */
  const all = (
    each: (source: Cell, index: number, values: unknown[]) => boolean,
    finish: (values: unknown[], result: Cell, causes: number[]) => void,
  ): Combine => {
    return (cells, result) => {
      const values: unknown[] = new Array(cells.length)
      const causes: number[] = []
      let missing = cells.length
      if (missing === 0) return finish(values, result, causes)
      cells.forEach((source, index) =>
        execution().whenSettled(source, () => {
          causes.push(...source.causes)
          if (!each(source, index, values))
            return first(result, () => execution().settle(result, source.state, source.value, source.causes))
          if (--missing === 0 && !result.resolved) finish(values, result, causes)
        }),
      )
    }
  }
  const made = <T extends object>(value: T): T => runtime.made(value)
  combinator(
    NativePromise.all,
    all(
      (source, index, values) => {
        values[index] = source.value
        return source.state === CellState.Fulfilled
      },
      (values, result, causes) => conclude(result, CellState.Fulfilled, made(values), causes),
    ),
  )
  combinator(
    NativePromise.allSettled,
    all(
      (source, index, values) => {
        values[index] = made(
          source.state === CellState.Fulfilled
            ? { status: 'fulfilled', value: source.value }
            : { status: 'rejected', reason: source.value },
        )
        return true
      },
      (values, result, causes) => conclude(result, CellState.Fulfilled, made(values), causes),
    ),
  )
  combinator(
    NativePromise.any,
    all(
      (source, index, values) => {
        values[index] = source.value
        return source.state === CellState.Rejected
      },
      (values, result, causes) =>
        execution().settle(
          result,
          CellState.Rejected,
          new AggregateError(values, 'All promises were rejected'),
          causes,
        ),
    ),
  )
  combinator(NativePromise.race, (cells, result) => {
    for (const source of cells)
      execution().whenSettled(source, () =>
        first(result, () => conclude(result, source.state, source.value, source.causes)),
      )
  })

  // The queue of an async generator is the engine's, and so are the promises of its turns.
  for (const name of ['next', 'return', 'throw'] as const)
    declare(asyncGenerators[name], (target, self, args, site) => {
      runtime.awaits = false
      if (runtime.eventLoop === null) runtime.callForeign(target, self, args, site)
      else {
        execution().foreign.touched(target, self, site)
        runtime.callInPlace(target, self, args)
      }
      return false
    })

  // Newer than Node 20, where they exist.
  const { withResolvers, try: tryMethod } = NativePromise as unknown as Record<string, Function | undefined>
  if (withResolvers !== undefined) {
    declarePromise(withResolvers, (target, self) => {
      if (self !== NativePromise) return natively(target, self, [])
      const cell = fresh()
      return give(runtime.made({ promise: cell.promise, ...resolvers(execution(), cell) }))
    })
  }
  if (tryMethod !== undefined) {
    function* attempt(callback: Function, args: unknown[], site: number): Generator<unknown, unknown, unknown> {
      const cell = new Cell()
      try {
        execution().resolve(cell, runtime.call(callback, undefined, args, site) ? yield : runtime.value, false)
      } catch (error) {
        execution().resolve(cell, error, true)
      }
      return cell.promise
    }
    declarePromise(tryMethod, (target, self, [callback, ...args], site) =>
      self === NativePromise
        ? runtime.push(new Frame(attempt(callback, args, site), false, 0), site)
        : natively(target, self, [callback, ...args]),
    )
  }
}
