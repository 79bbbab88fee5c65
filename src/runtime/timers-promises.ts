/** `node:timers/promises` in virtual time, with the checks and the signals of Node's own. */
import { createRequire } from 'node:module'
import { Cell } from './cell.js'
import type { Timer } from './clock.js'
import { declare } from './functions.js'
import { apply, functionToString, isObject } from './natives.js'
import type { AnyFunction, PlatformFunctions } from './platform-functions.js'
import { READ, WRITE } from './recorder.js'
import { startTimer, type TimerOrigin } from './timers.js'

const require = createRequire(import.meta.url)
const timersPromises = require('node:timers/promises') as Record<string, any>

interface Options {
  signal?: AbortSignal
  ref?: boolean
}

/** As Node makes it: code `ABORT_ERR`, the signal's reason as its cause. */
class AbortError extends Error {
  readonly code = 'ABORT_ERR'
  constructor(signal: AbortSignal) {
    super('The operation was aborted', { cause: signal.reason })
    this.name = 'AbortError'
  }
}

/** What Node's own function accepts. For anything else it is called, since it then sets no timer but fails. */
function accepts(original: AnyFunction, delay: unknown, options: unknown): options is Options | undefined {
  const checksDelay = (apply(functionToString, original, []) as string).includes('validateNumber')
  if (checksDelay && delay !== undefined && typeof delay !== 'number') return false
  if (options === undefined) return true
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return false
  const { signal, ref } = options as Options
  const isSignal = signal === undefined || (typeof signal === 'object' && isObject(signal) && 'aborted' in signal)
  return isSignal && (ref === undefined || typeof ref === 'boolean')
}

/** Whether the signal is aborted by now: an access, since somebody may abort it. */
function isAborted(functions: PlatformFunctions, signal: AbortSignal | undefined, site: number): boolean {
  if (signal === undefined) return false
  functions.runtime.recorder?.addElement(signal, 'aborted', READ, site)
  return signal.aborted
}

/** Calls `action` when the signal is aborted while this execution goes on. Returns what takes the listener off. */
function onAbort(functions: PlatformFunctions, signal: AbortSignal | undefined, action: () => void): () => void {
  if (signal === undefined) return () => {}
  const { execution, runtime } = functions
  const listener = (): void => {
    if (runtime.execution === execution) functions.within(action)
  }
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

/** A function that the scheduler itself calls, without effects that code which is not instrumented could have. */
function ownCallback(functions: PlatformFunctions, action: () => void): () => void {
  functions.handle(action, action)
  return action
}

/** A promise that a timer fulfils, unless the signal comes first. */
function sleep(
  functions: PlatformFunctions,
  origin: TimerOrigin,
  delay: unknown,
  value: unknown,
  { signal }: Options,
): Promise<unknown> {
  const { execution } = functions
  const { site, foreign } = origin
  const cell = new Cell()
  cell.site = site
  const promise = (): Promise<unknown> => (foreign ? cell.escape() : cell.promise)
  if (isAborted(functions, signal, site)) {
    execution.resolve(cell, new AbortError(signal as AbortSignal), true)
    return promise()
  }
  // Two may settle it.
  if (signal !== undefined) cell.record = execution.newRecord()
  let forget = (): void => {}
  const wake = ownCallback(functions, () => {
    forget()
    execution.settleOnce(cell, value, false)
  })
  const timer: Timer = startTimer(functions, origin, wake, [], delay, false)
  forget = onAbort(functions, signal, () => {
    execution.clock.clear(timer, site, execution.step)
    execution.settleOnce(cell, new AbortError(signal as AbortSignal), true)
  })
  return promise()
}

interface Request {
  kind: 'next' | 'return' | 'throw'
  value: unknown
  cell: Cell
}

/** What `setInterval` of `timers/promises` returns: it behaves as an async generator does, requests waiting in line. */
class Ticks {
  static {
    Object.defineProperty(Ticks.prototype, Symbol.toStringTag, { value: 'AsyncGenerator', configurable: true })
  }
  readonly #functions: PlatformFunctions
  readonly #value: unknown
  readonly #signal: AbortSignal | undefined
  readonly #start: () => void
  readonly #requests: Request[] = []
  #started = false
  #over = false
  /** Turns that nobody has asked for yet. */
  #ticks = 0
  #stop = (): void => {}
  #touch: (site: number) => void = () => {}

  constructor(
    functions: PlatformFunctions,
    origin: TimerOrigin,
    delay: unknown,
    value: unknown,
    signal: AbortSignal | undefined,
  ) {
    this.#functions = functions
    this.#value = value
    this.#signal = signal
    this.#start = () => {
      const { execution, runtime } = functions
      const record = execution.newRecord()
      this.#touch = site => runtime.recorder?.touch(record.location('ticks'), WRITE, site)
      const tick = ownCallback(functions, () => {
        this.#touch(0)
        this.#ticks++
        this.#serve()
      })
      const timer = startTimer(functions, origin, tick, [], delay, true)
      const stop = (): void => execution.clock.clear(timer, origin.site, execution.step)
      const forget = onAbort(functions, signal, () => {
        this.#touch(0)
        stop()
        this.#serve()
      })
      this.#stop = () => {
        stop()
        forget()
      }
    }
  }

  request(kind: Request['kind'], value: unknown, site: number): Promise<unknown> {
    const cell = new Cell()
    cell.site = site
    this.#requests.push({ kind, value, cell })
    this.#touch(site)
    this.#serve(site)
    return cell.promise
  }

  #serve(site = 0): void {
    while (this.#requests.length > 0) {
      const { kind, value, cell } = this.#requests[0] as Request
      const settle = (outcome: unknown, isError = false): void => {
        this.#requests.shift()
        this.#functions.execution.resolve(cell, outcome, isError)
      }
      const give = (given: unknown, done: boolean): void => settle(this.#functions.runtime.made({ value: given, done }))
      if (kind !== 'next') {
        this.#end()
        if (kind === 'throw') settle(value, true)
        else give(value, true)
      } else if (this.#over) give(undefined, true)
      else {
        const aborted = isAborted(this.#functions, this.#signal, site)
        if (!this.#started && !aborted) {
          this.#started = true
          this.#start()
        }
        if (this.#ticks > 0) {
          this.#ticks--
          give(this.#value, false)
        } else if (aborted) {
          this.#end()
          settle(new AbortError(this.#signal as AbortSignal), true)
        } else return
      }
    }
  }

  #end(): void {
    this.#over = true
    this.#ticks = 0
    this.#stop()
    this.#stop = () => {}
  }
}

/** Puts the methods on: seen by the scheduler when instrumented code calls them, and within the step when native code does. */
function completeTicks(functions: PlatformFunctions): void {
  const { runtime } = functions
  const prototype = Ticks.prototype as unknown as Record<PropertyKey, unknown>
  const define = (key: PropertyKey, method: (ticks: Ticks, value: unknown, site: number) => unknown): void => {
    const native = function (this: Ticks, value?: unknown): unknown {
      return functions.inside ? functions.within(() => method(this, value, 0)) : new Promise(() => {})
    }
    declare(native, (_, self, [value], site) => {
      runtime.value = method(self, value, site)
      return false
    })
    Object.defineProperty(prototype, key, { value: native, configurable: true, writable: true })
  }
  for (const kind of ['next', 'return', 'throw'] as const)
    define(kind, (ticks, value, site) => ticks.request(kind, value, site))
  if (Symbol.asyncDispose !== undefined)
    define(Symbol.asyncDispose, (ticks, _, site) => ticks.request('return', undefined, site))
  const itself = function (this: Ticks): Ticks {
    return this
  }
  declare(itself, (_, self) => {
    runtime.value = self
    return false
  })
  Object.defineProperty(prototype, Symbol.asyncIterator, { value: itself, configurable: true, writable: true })
}

export function installTimersPromises(functions: PlatformFunctions): void {
  const { setTimeout, setImmediate, setInterval, scheduler } = timersPromises
  completeTicks(functions)
  functions.replace([[timersPromises, 'setTimeout', true]], (site, foreign, delay, value, options) =>
    accepts(setTimeout, delay, options)
      ? sleep(functions, { site, foreign }, delay, value, options ?? {})
      : setTimeout(delay, value, options),
  )
  functions.replace([[timersPromises, 'setImmediate', true]], (site, foreign, value, options) =>
    accepts(setImmediate, undefined, options)
      ? sleep(functions, { site, foreign }, 0, value, options ?? {})
      : setImmediate(value, options),
  )
  functions.replace([[timersPromises, 'setInterval', true]], (site, foreign, delay, value, options) =>
    accepts(setInterval, delay, options)
      ? new Ticks(functions, { site, foreign }, delay, value, options?.signal)
      : setInterval(delay, value, options),
  )
  if (scheduler === undefined) return
  const { wait } = scheduler
  functions.replace([[scheduler, 'wait']], (site, foreign, delay, options) =>
    accepts(setTimeout, delay, options)
      ? sleep(functions, { site, foreign }, delay, undefined, options ?? {})
      : apply(wait, scheduler, [delay, options]),
  )
  functions.replace([[scheduler, 'yield']], (site, foreign) => sleep(functions, { site, foreign }, 0, undefined, {}))
}
