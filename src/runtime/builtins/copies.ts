/** What copies, prints or compares whole structures of objects: JSON, structuredClone, the console, Node's util and assert. */
import { createRequire } from 'node:module'
import { types } from 'node:util'
import type { Execution } from '../execution.js'
import { declare } from '../functions.js'
import { INSIDE } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, isObject, isProxy } from '../natives.js'
import { peek } from '../peek.js'
import { READ, type Recorder } from '../recorder.js'
import { operation } from './operations.js'

const require = createRequire(import.meta.url)

export function installCopies(runtime: RuntimeHooks): void {
  installJson(runtime)
  operation(
    runtime,
    structuredClone,
    (recorder, _, [value], site) => recorder.addReachableRead(value, site, true),
    'tree',
    true,
  )
  installPrinting(runtime)
}

function installJson(runtime: RuntimeHooks): void {
  const perform = (native: Function, self: unknown, args: unknown[], site: number): unknown => {
    const recorder = runtime.recorder as Recorder
    const [value, replacer, space] = args
    if (!isObject(value) || isObject(replacer) !== (typeof replacer === 'function')) {
      // A list of keys decides what is written, and in which order: everything may be read.
      for (const each of [value, replacer]) if (isObject(each)) recorder.addReachableRead(each, site, true, false)
      return apply(native, self, args)
    }
    /** As the result is written, so the objects are read: what a toJSON leaves out is not. */
    const note = (holder: object, key: string, item: unknown): void => {
      if (recorder.knows(holder)) {
        const held = isProxy(holder) ? undefined : peek(holder, key)
        if (types.isDate(held)) recorder.touch(recorder.record(held, site).location(INSIDE), READ, site)
        recorder.addRead(holder, key, site)
      }
      if (isObject(item) && typeof item !== 'function' && recorder.knows(item)) recorder.addKeysRead(item, site)
    }
    return apply(native, self, [
      value,
      function (this: object, key: string, item: unknown): unknown {
        const result = typeof replacer === 'function' ? apply(replacer, this, [key, item]) : item
        note(this, key, result)
        return result
      },
      space,
    ])
  }
  declare(JSON.stringify, (native, self, args, site) => {
    if (isObject(args[0]) && runtime.points && runtime.nested === 0)
      return runtime.declare(site, () => perform(native, self, args, site))
    runtime.value = perform(native, self, args, site)
    return false
  })
  declare(JSON.parse, (native, self, args, site) => {
    runtime.value = apply(native, self, args)
    if (isObject(runtime.value)) (runtime.execution as Execution).foreignResult(runtime.value, site)
    return false
  })
}

/** How far `console.log` and `util.inspect` look into objects by themselves. */
const USUAL_DEPTH = 2

/** What is printed goes nowhere in the program but through `util`: there, the order of keys matters too. */
function installPrinting(runtime: RuntimeHooks): void {
  const looksAtAll = (target: unknown, ordered: boolean, depthOf: (args: unknown[]) => number | undefined): void =>
    operation(
      runtime,
      target,
      (recorder, _, args, site) => {
        const depth = depthOf(args)
        for (const value of args)
          if (isObject(value) && typeof value !== 'function')
            recorder.addReachableRead(value, site, ordered, true, depth)
      },
      false,
      true,
    )
  const printed = (args: unknown[]): number | undefined =>
    args.some(value => typeof value === 'string' && value.includes('%')) ? undefined : USUAL_DEPTH
  const inspected = ([, options, depth]: unknown[]): number | undefined => {
    const asked = isObject(options)
      ? (options as { depth?: number | null }).depth
      : (depth as number | null | undefined)
    return asked === undefined ? USUAL_DEPTH : asked === null || asked === Number.POSITIVE_INFINITY ? undefined : asked
  }
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table', 'assert', 'group'] as const)
    looksAtAll(console[name], false, printed)
  const util = require('node:util') as Record<string, unknown>
  looksAtAll(util.inspect, true, inspected)
  for (const name of ['format', 'formatWithOptions']) looksAtAll(util[name], true, printed)
  looksAtAll(util.isDeepStrictEqual, false, () => undefined)
  const assert = require('node:assert') as Record<string, unknown> & { strict: Record<string, unknown> }
  for (const owner of [assert, assert.strict])
    for (const name of Object.keys(owner))
      if (/deep|match|^equal|notEqual|strictEqual/i.test(name) && typeof owner[name] === 'function')
        looksAtAll(owner[name], false, () => (/deep|match/i.test(name) ? undefined : 0))
}
