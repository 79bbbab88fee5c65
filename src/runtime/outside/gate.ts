/** Functions of the platform that a detector looks at. */
import type { Execution } from '../execution.js'
import { type BuiltinHandler, declare } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply } from '../natives.js'
import { nodesOwn } from '../node-functions.js'
import type { Plan } from './operation.js'

/** What a call is going to do; null: nothing that this detector knows, so that it runs as if it were not there. */
export type Detect = (self: any, args: any[], original: Function) => Plan | null

/**
 * A function to put in the place of `original`: in an exploration it does what `detect` plans, elsewhere it is the
 * original. Calls of the original itself by instrumented code count, too, so that it may have been taken earlier.
 *
 * @param isActive whether the present exploration wants this detector
 * @param unwanted given the result of a call in an exploration that does not
 */
export function gate(
  runtime: RuntimeHooks,
  original: Function,
  isActive: () => boolean,
  detect: Detect,
  unwanted?: (result: unknown) => void,
): Function {
  const replacement = function (this: unknown, ...args: unknown[]): unknown {
    if (!runtime.on || !runtime.enters()) return apply(original, this, args)
    if (!isActive()) {
      const result = apply(original, this, args)
      unwanted?.(result)
      return result
    }
    const execution = runtime.execution as Execution
    const plan = detect(this, args, original)
    if (plan === null) return apply(original, this, args)
    const outside = runtime.task === null
    if (outside) execution.beginForeign()
    try {
      const { site } = execution.outside
      return plan.kind === 'sync'
        ? execution.outside.inPlace(plan.phase, site)
        : execution.outside.start(plan, site, true)
    } finally {
      if (outside) execution.endForeign()
    }
  }
  const handler: BuiltinHandler = (target, self, args, site) => {
    const { foreignSite } = runtime
    runtime.foreignSite = site
    let plan: Plan | null
    try {
      plan = isActive() ? detect(self, args, original) : null
    } finally {
      runtime.foreignSite = foreignSite
    }
    if (plan === null) {
      runtime.awaits = false
      runtime.callForeign(target === replacement ? original : target, self, args, site)
      if (!isActive()) unwanted?.(runtime.value)
      return false
    }
    const { outside, polling } = runtime.execution as Execution
    // What is outside may change by itself.
    polling.changed(runtime.task)
    if (plan.kind === 'sync') return runtime.pointwise(site, () => outside.inPlace(plan.phase, site))
    runtime.value = outside.start(plan, site, false)
    return false
  }
  copyProperties(original, replacement)
  declare(replacement, handler)
  declare(original, handler)
  nodesOwn.add(original)
  nodesOwn.add(replacement)
  return replacement
}

function copyProperties(original: Function, replacement: Function): void {
  for (const key of Reflect.ownKeys(original)) {
    if (key === 'prototype' || key === 'arguments' || key === 'caller') continue
    const descriptor = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor
    // A detector may have something of its own to put there.
    Object.defineProperty(replacement, key, { ...descriptor, configurable: true })
  }
}
