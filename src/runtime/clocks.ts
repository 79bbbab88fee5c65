/** What tells the time: `Date`, `performance`, `process.hrtime`, in virtual time. */
import type { PerformanceMark, PerformanceMeasure } from 'node:perf_hooks'
import { noteConversions } from './builtins/conversions.js'
import { EPOCH } from './clock.js'
import { constructors, declare, infoOf } from './functions.js'
import { apply, construct, isObject, NativeDate } from './natives.js'
import type { PlatformFunctions } from './platform-functions.js'
import type { Recorder } from './recorder.js'

export function installClocks(functions: PlatformFunctions): void {
  /** Milliseconds since 1970, of the virtual clock. */
  const now = (site: number): number => functions.execution.clock.read(site, functions.task)
  const elapsed = (site: number): number => now(site) - EPOCH
  installDate(functions, now)
  installPerformance(functions, elapsed)
  functions.replace([[process, 'uptime']], site => elapsed(site) / 1000)

  const { hrtime } = process
  functions.replace([[process, 'hrtime']], (site, _, since) => {
    const milliseconds = elapsed(site)
    const seconds = Math.floor(milliseconds / 1000)
    const nanos = Math.round((milliseconds % 1000) * 1e6)
    if (since === undefined) return [seconds, nanos]
    // For the error that Node throws.
    if (!Array.isArray(since) || since.length !== 2) return apply(hrtime, process, [since])
    const difference = (seconds - since[0]) * 1e9 + (nanos - since[1])
    return [Math.floor(difference / 1e9), difference % 1e9]
  })
  if (process.hrtime !== hrtime)
    functions.replace([[process.hrtime, 'bigint']], site => BigInt(Math.round(elapsed(site) * 1e6)))
}

function installPerformance(functions: PlatformFunctions, elapsed: (site: number) => number): void {
  const { mark, measure } = performance
  const origin = performance.timeOrigin
  functions.replace([[performance, 'now']], elapsed)
  functions.patches.accessor(performance, 'timeOrigin', () => (functions.inside ? EPOCH : origin))

  // The entries stay in the process's timeline: those of an exploration are taken out again when it ends.
  const made = { mark: new Set<string>(), measure: new Set<string>() }
  const keep = <T extends PerformanceMark | PerformanceMeasure>(entry: T): T => {
    made[entry.entryType as 'mark' | 'measure'].add(entry.name)
    return entry
  }
  const known = new Set(performance.getEntries().map(({ name }) => name))
  functions.patches.onUndo(() => {
    for (const name of made.mark) if (!known.has(name)) performance.clearMarks(name)
    for (const name of made.measure) if (!known.has(name)) performance.clearMeasures(name)
  })
  functions.replace([[performance, 'mark']], (site, _, ...args) => {
    const [name, options] = args
    const given = typeof options === 'object' && options !== null ? options : {}
    if (args.length === 0 || given.startTime !== undefined) return keep(apply(mark, performance, args))
    return keep(apply(mark, performance, [name, { ...given, startTime: elapsed(site) }]))
  })
  functions.replace([[performance, 'measure']], (site, _, ...args) => {
    const [name, from, to] = args
    if (args.length === 0 || to !== undefined) return keep(apply(measure, performance, args))
    const options = typeof from === 'object' && from !== null ? from : { start: from ?? 0 }
    const endsItself = options.end !== undefined || (options.start !== undefined && options.duration !== undefined)
    return keep(apply(measure, performance, [name, endsItself ? options : { ...options, end: elapsed(site) }]))
  })
}

function installDate(functions: PlatformFunctions, now: (site: number) => number): void {
  const { runtime, patches } = functions
  const VirtualDate = function (this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return functions.inside ? new NativeDate(now(0)).toString() : NativeDate()
    const prototype = new.target === VirtualDate ? NativeDate : new.target
    return construct(NativeDate, args.length === 0 && functions.inside ? [now(0)] : args, prototype)
  } as unknown as DateConstructor
  for (const key of Reflect.ownKeys(NativeDate)) {
    const descriptor = Object.getOwnPropertyDescriptor(NativeDate, key) as PropertyDescriptor
    Object.defineProperty(VirtualDate, key, descriptor)
  }
  functions.replace([[VirtualDate, 'now']], now)
  for (const Constructor of [NativeDate, VirtualDate]) {
    constructors.set(Constructor, (_, __, args, site) => {
      const make = (): unknown => {
        noteConversions(runtime.recorder as Recorder, args, site)
        return runtime.identified(construct(NativeDate, args.length === 0 ? [now(site)] : args))
      }
      if (args.some(isObject)) return runtime.pointwise(site, make)
      runtime.value = make()
      return false
    })
    const before = infoOf(Constructor)
    declare(Constructor, (_, __, ___, site) => {
      runtime.value = new NativeDate(now(site)).toString()
      return false
    })
    patches.onUndo(() => {
      constructors.delete(Constructor)
      declare(Constructor, before)
    })
  }
  patches.replace(globalThis, 'Date', VirtualDate)
  patches.replace(NativeDate.prototype, 'constructor', VirtualDate)
}
