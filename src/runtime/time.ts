/** Timers, jobs and clocks of the platform, as far as code of an exploration uses them. */
import { createRequire } from 'node:module'
import { noteAbort } from './builtins/platform.js'
import { Cell } from './cell.js'
import { EPOCH, type Timer } from './clock.js'
import type { Execution } from './execution.js'
import { constructors, declare } from './functions.js'
import type { RuntimeHooks } from './iteration.js'
import { apply, construct, NativeDate } from './natives.js'
import type { Patches } from './patches.js'
import type { Task } from './task.js'

const require = createRequire(import.meta.url)
const timersModule = require('node:timers') as Record<string, unknown>
const timersPromises = require('node:timers/promises') as Record<string, any>

/** What `setTimeout` returns in an exploration. */
export class VirtualTimer {
  readonly #timer: Timer
  readonly #execution: Execution
  constructor(execution: Execution, timer: Timer) {
    this.#execution = execution
    this.#timer = timer
  }
  static clear(handle: unknown, site: number): boolean {
    if (!(typeof handle === 'object' && handle !== null && #timer in handle)) return false
    handle.#execution.clock.clear(handle.#timer, site, handle.#execution.step)
    return true
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
  close(): this {
    VirtualTimer.clear(this, 0)
    return this
  }
  refresh(): this {
    this.#execution.clock.refresh(this.#timer)
    return this
  }
  [Symbol.dispose ?? Symbol.for('nodejs.dispose')](): void {
    this.close()
  }
  [Symbol.toPrimitive](): number {
    return this.#timer.sequence + 1
  }
}

type AnyFunction = (...args: any[]) => any

export function installTime(runtime: RuntimeHooks, patches: Patches): void {
  const execution = (): Execution => runtime.execution as Execution
  const inside = (): boolean => runtime.on && runtime.enters()

  /** Replaces a function of the platform: `virtual` inside the exploration, the original outside. */
  const patch = (
    targets: [object, string, boolean?][],
    virtual: (site: number, foreign: boolean, ...args: any[]) => unknown,
  ): void => {
    const [owner, name] = targets[0] as [object, string]
    const original = (owner as Record<string, AnyFunction>)[name]
    if (typeof original !== 'function') return
    const replacement = function (this: unknown, ...args: unknown[]): unknown {
      if (!inside()) return apply(original, this, args)
      const outside = runtime.task === null
      if (outside) execution().beginForeign()
      try {
        return virtual(0, true, ...args)
      } finally {
        if (outside) execution().endForeign()
      }
    }
    Object.defineProperty(replacement, 'name', { value: name, configurable: true })
    for (const key of Reflect.ownKeys(original)) {
      const descriptor = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor
      if (key !== 'prototype' && key !== 'length' && key !== 'name') Object.defineProperty(replacement, key, descriptor)
    }
    const handler = (_: Function, __: unknown, args: unknown[], site: number): false => {
      runtime.value = virtual(site, false, ...args)
      return false
    }
    declare(replacement, handler)
    declare(original, handler)
    for (const [target, key, builtin] of targets) patches.replace(target, key, replacement, builtin)
  }

  const startTimer = (
    site: number,
    foreign: boolean,
    callback: Function,
    args: unknown[],
    delay: unknown,
    period: number | null,
  ): VirtualTimer => {
    if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function.')
    const task = execution().newTask('timer', runtime.task)
    task.site = site
    const milliseconds = Math.max(1, Math.trunc(Number(delay)) || 0)
    const record = execution().newRecord()
    const timer = execution().clock.add(
      task,
      record,
      callback,
      args,
      milliseconds,
      period === null ? null : milliseconds,
      foreign,
    )
    task.timer = timer
    task.start = () => execution().begin(callback, args)
    return new VirtualTimer(execution(), timer)
  }

  for (const [name, repeats] of [
    ['setTimeout', false],
    ['setInterval', true],
  ] as const)
    patch(
      [
        [globalThis, name],
        [timersModule, name, true],
      ],
      (site, foreign, callback, delay, ...args) => startTimer(site, foreign, callback, args, delay, repeats ? 0 : null),
    )
  patch(
    [
      [globalThis, 'setImmediate'],
      [timersModule, 'setImmediate', true],
    ],
    (site, foreign, callback, ...args) => startTimer(site, foreign, callback, args, 0, null),
  )
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
    const original = (globalThis as any)[name] as AnyFunction
    patch(
      [
        [globalThis, name],
        [timersModule, name, true],
      ],
      (site, _, handle) => {
        if (!VirtualTimer.clear(handle, site)) apply(original, undefined, [handle])
      },
    )
  }

  /** A job: it starts in the order in which its task queued it. */
  const queueJob = (site: number, callback: Function, args: unknown[]): void => {
    if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function.')
    const parent = runtime.task
    const task = execution().newTask('microtask', parent)
    task.site = site
    task.start = () => execution().begin(callback, args)
    if (task.parent !== null) {
      task.parent.jobs ??= []
      task.parent.jobs.push(task)
    }
  }
  patch([[globalThis, 'queueMicrotask']], (site, _, callback) => queueJob(site, callback, []))
  patch([[process, 'nextTick']], (site, _, callback, ...args) => queueJob(site, callback, args))

  /** A promise that a timer fulfils. */
  const sleep = (site: number, foreign: boolean, delay: unknown, value: unknown): Promise<unknown> => {
    const cell = new Cell()
    cell.site = site
    const wake = (): void => execution().resolve(cell, value, false)
    declare(wake, () => {
      wake()
      runtime.value = undefined
      return false
    })
    startTimer(site, foreign, wake, [], delay, null)
    return foreign ? cell.escape() : cell.promise
  }
  /** Options of `timers/promises` that take more than a timer: not modelled, refused rather than ignored. */
  const withoutSignal = (options: unknown): void => {
    if ((options as { signal?: unknown } | undefined)?.signal !== undefined)
      throw new Error('frontrun: timers/promises with an AbortSignal is not modelled yet in an exploration')
  }
  patch([[timersPromises, 'setTimeout', true]], (site, foreign, delay, value, options) => {
    withoutSignal(options)
    return sleep(site, foreign, delay, value)
  })
  patch([[timersPromises, 'setImmediate', true]], (site, foreign, value, options) => {
    withoutSignal(options)
    return sleep(site, foreign, 0, value)
  })
  const { scheduler } = timersPromises
  if (scheduler !== undefined) {
    patch([[scheduler, 'wait']], (site, foreign, delay, options) => {
      withoutSignal(options)
      return sleep(site, foreign, delay, undefined)
    })
    patch([[scheduler, 'yield']], (site, foreign) => sleep(site, foreign, 0, undefined))
  }
  patch([[AbortSignal, 'timeout']], (site, foreign, delay) => {
    const controller = new AbortController()
    const abort = (): void => {
      if (runtime.recorder !== null) noteAbort(runtime.recorder, controller.signal, site)
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    }
    startTimer(site, foreign, abort, [], delay, null)
    runtime.identify(controller.signal)
    return controller.signal
  })

  // --- clocks ----------------------------------------------------------------------------------------------------

  const now = (site: number): number => execution().clock.read(site, (runtime.task ?? execution().stepped) as Task)
  patch([[performance, 'now']], site => now(site) - EPOCH)
  const originalHrtime = process.hrtime
  const hrtime = (site: number, since?: [number, number]): [number, number] => {
    const elapsed = now(site) - EPOCH
    const seconds = Math.floor(elapsed / 1000)
    const nanos = Math.round((elapsed % 1000) * 1e6)
    if (since === undefined) return [seconds, nanos]
    const difference = (seconds - since[0]) * 1e9 + (nanos - since[1])
    return [Math.floor(difference / 1e9), difference % 1e9]
  }
  patch([[process, 'hrtime']], (site, _, since) => hrtime(site, since))
  if (process.hrtime !== originalHrtime) {
    const { bigint } = originalHrtime
    const replacement = (): bigint =>
      inside() ? BigInt(Math.round((now(0) - EPOCH) * 1e6)) : apply(bigint, originalHrtime, [])
    patches.replace(process.hrtime, 'bigint', replacement)
  }

  const VirtualDate = function (this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return inside() ? new NativeDate(now(0)).toString() : NativeDate()
    const prototype = new.target === VirtualDate ? NativeDate : new.target
    return construct(NativeDate, args.length === 0 && inside() ? [now(0)] : args, prototype)
  } as unknown as DateConstructor
  for (const key of Reflect.ownKeys(NativeDate)) {
    const descriptor = Object.getOwnPropertyDescriptor(NativeDate, key) as PropertyDescriptor
    if (key !== 'now') Object.defineProperty(VirtualDate, key, descriptor)
  }
  Object.defineProperty(VirtualDate, 'now', {
    value: function now_(): number {
      return inside() ? now(0) : apply(NativeDate.now, NativeDate, [])
    },
    writable: true,
    configurable: true,
  })
  declare(VirtualDate.now, (_, __, ___, site) => {
    runtime.value = now(site)
    return false
  })
  for (const Constructor of [NativeDate, VirtualDate])
    constructors.set(Constructor, (_, __, args, site) => {
      runtime.value = construct(NativeDate, args.length === 0 ? [now(site)] : args)
      runtime.identify(runtime.value)
      return false
    })
  patches.replace(globalThis, 'Date', VirtualDate)
  patches.replace(NativeDate.prototype, 'constructor', VirtualDate)
}
