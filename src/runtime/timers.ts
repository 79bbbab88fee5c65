/** `setTimeout`, `setInterval`, `setImmediate` and what clears them, in virtual time. */
import { createRequire } from 'node:module'
import type { Timer } from './clock.js'
import type { Execution } from './execution.js'
import { declare, IN_PLACE } from './functions.js'
import { apply } from './natives.js'
import type { AnyFunction, FunctionPlace, PlatformFunctions } from './platform-functions.js'

const require = createRequire(import.meta.url)
const timersModule = require('node:timers') as Record<string, unknown>

/** Node takes longer delays for a mistake, and waits 1 ms. */
const LONGEST = 2 ** 31 - 1

/** Where a timer was set, and by whom. */
export interface TimerOrigin {
  site: number
  foreign: boolean
}

/** Sets a timer: a task whose first step is its firing. `period`: it fires again and again. */
export function startTimer(
  functions: PlatformFunctions,
  { site, foreign }: TimerOrigin,
  callback: Function,
  args: unknown[],
  delay: unknown,
  repeats: boolean,
): Timer {
  const { execution, runtime } = functions
  const task = execution.newTask('timer', runtime.task)
  task.site = site
  const asked = Number(delay)
  const milliseconds = asked >= 1 && asked <= LONGEST ? Math.trunc(asked) : 1
  const record = execution.newRecord()
  const period = repeats ? milliseconds : null
  const timer = execution.clock.add(task, record, callback, args, milliseconds, period, foreign)
  task.timer = timer
  task.start = () => execution.begin(callback, args)
  return timer
}

/** What all handles have in common. */
abstract class Handle {
  #timer: Timer
  #ref = true
  // Private to the language: whoever walks the program's state must not come into the scheduler's.
  readonly #functions: PlatformFunctions
  readonly #execution: Execution

  constructor(functions: PlatformFunctions, timer: Timer) {
    this.#functions = functions
    this.#execution = functions.execution
    this.#timer = timer
  }

  protected get functions(): PlatformFunctions {
    return this.#functions
  }
  protected get execution(): Execution {
    return this.#execution
  }
  protected get timer(): Timer {
    return this.#timer
  }
  protected set timer(timer: Timer) {
    this.#timer = timer
  }

  /** Does nothing once the execution is over: the handle belongs to it. */
  protected act(action: () => void): this {
    if (this.functions.runtime.execution === this.execution) this.functions.within(action)
    return this
  }

  clear(site: number): void {
    this.act(() => this.execution.clock.clear(this.#timer, site, this.execution.step))
  }
  ref(): this {
    this.#ref = true
    return this
  }
  unref(): this {
    this.#ref = false
    return this
  }
  hasRef(): boolean {
    return this.#ref && !this.#timer.cleared
  }
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')](): void {
    this.clear(0)
  }
}

/** What `setTimeout` and `setInterval` return in an exploration. */
export class Timeout extends Handle {
  close(): this {
    this.clear(0)
    return this
  }

  /** The whole delay once more; a timer that has fired is set again, one that was cleared is not. */
  refresh(): this {
    return this.act(() => {
      const { timer, execution, functions } = this
      execution.clock.touch(timer, 0)
      if (timer.pending) execution.clock.refresh(timer)
      else if (timer.period === null && !timer.cleared) {
        const origin = { site: timer.task.site, foreign: timer.foreign }
        this.timer = startTimer(functions, origin, timer.callback, timer.args, timer.delay, false)
      }
    })
  }

  /** The number that `clearTimeout` takes, too: the same in every execution in which the task behaves the same. */
  [Symbol.toPrimitive](): number {
    const { clock } = this.execution
    clock.numbered ??= new Map()
    const { numbered } = clock
    let id = numberOf(this.timer.label)
    for (let known = numbered.get(String(id)); known !== undefined && known !== this; known = numbered.get(String(id)))
      id++
    numbered.set(String(id), this)
    return id
  }
}

/** What `setImmediate` returns in an exploration. */
export class Immediate extends Handle {}

/** FNV-1a. */
function numberOf(label: string): number {
  let hash = 2166136261
  for (let index = 0; index < label.length; index++) hash = Math.imul(hash ^ label.charCodeAt(index), 16777619)
  return (hash >>> 2) + 1
}

const places = (name: string): FunctionPlace[] => [
  [globalThis, name],
  [timersModule, name, true],
]

export function installTimers(functions: PlatformFunctions): void {
  // Their methods record what they do; nothing of them goes on in the event loop.
  for (const { prototype } of [Handle, Timeout])
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(prototype)))
      if (value !== Handle && value !== Timeout) declare(value, IN_PLACE)
  const replaceSetter = (name: string, set: (origin: TimerOrigin, callback: Function, args: any[]) => Handle): void => {
    const original = (globalThis as any)[name] as AnyFunction
    functions.replace(places(name), (site, foreign, callback, ...args) => {
      // For the error that Node throws.
      if (typeof callback !== 'function') return apply(original, globalThis, [callback, ...args])
      return set({ site, foreign }, callback, args)
    })
  }
  for (const repeats of [false, true])
    replaceSetter(
      repeats ? 'setInterval' : 'setTimeout',
      (origin, callback, [delay, ...args]) =>
        new Timeout(functions, startTimer(functions, origin, callback, args, delay, repeats)),
    )
  functions.replacePuttingOff(
    places('setImmediate'),
    (site, foreign, callback, ...args) =>
      new Immediate(functions, startTimer(functions, { site, foreign }, callback, args, 0, false)),
  )

  const handleOf = (given: unknown): Timeout | undefined => {
    if (given instanceof Timeout) return given
    if (typeof given !== 'number' && typeof given !== 'string') return undefined
    return functions.execution.clock.numbered?.get(String(given)) as Timeout | undefined
  }
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
    const original = (globalThis as any)[name] as AnyFunction
    functions.replace(places(name), (site, _, given) => {
      const own = name === 'clearImmediate' ? (given instanceof Immediate ? given : undefined) : handleOf(given)
      if (own !== undefined) own.clear(site)
      else if (!(given instanceof Handle)) apply(original, globalThis, [given])
    })
  }
}
