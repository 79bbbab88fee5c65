/** How functions of the platform are replaced while an exploration is under way. */
import type { Execution } from './execution.js'
import { declare, INSTRUMENTED, infoOf } from './functions.js'
import type { RuntimeHooks } from './iteration.js'
import { apply } from './natives.js'
import { isOfNode, nodesOwn } from './node-functions.js'
import type { Patches } from './patches.js'
import type { Task } from './task.js'

export type AnyFunction = (...args: any[]) => any

/** What a function of the platform does inside an exploration; `foreign`: code that is not instrumented calls it. */
export type VirtualFunction = (site: number, foreign: boolean, ...args: any[]) => unknown

/** An owner and the name of its function; true for modules of Node, whose named imports must follow. */
export type FunctionPlace = readonly [owner: object, name: string, builtin?: boolean]

export class PlatformFunctions {
  constructor(
    readonly runtime: RuntimeHooks,
    readonly patches: Patches,
  ) {}

  get execution(): Execution {
    return this.runtime.execution as Execution
  }

  get inside(): boolean {
    return this.runtime.on && this.runtime.enters()
  }

  /** The task that runs, or the one whose step native code belongs to. */
  get task(): Task {
    return (this.runtime.task ?? this.execution.stepped) as Task
  }

  /** Runs `action` as part of the open step, if native code called in between steps. */
  within<T>(action: () => T): T {
    const outside = this.runtime.task === null
    if (outside) this.execution.beginForeign()
    try {
      return action()
    } finally {
      if (outside) this.execution.endForeign()
    }
  }

  /** Replaces one function, wherever it can be found: `virtual` inside the exploration, the original outside. */
  replace(places: readonly FunctionPlace[], virtual: VirtualFunction): void {
    const [owner, name] = places[0] as FunctionPlace
    const original = (owner as Record<string, AnyFunction>)[name]
    if (typeof original !== 'function') return
    const functions = this
    const replacement = function (this: unknown, ...args: unknown[]): unknown {
      if (!functions.inside) return apply(original, this, args)
      return functions.within(() => virtual(0, true, ...args))
    }
    for (const key of Reflect.ownKeys(original)) {
      const descriptor = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor
      if (key !== 'prototype') Object.defineProperty(replacement, key, descriptor)
    }
    // Another exploration may leave this function alone.
    const before = infoOf(original)
    this.patches.onUndo(() => declare(original, before))
    this.handle(original, virtual)
    this.handle(replacement, virtual)
    if (isOfNode(original)) nodesOwn.add(replacement)
    for (const [target, key, builtin] of places) this.patches.replace(target, key, replacement, builtin)
  }

  /**
   * Replaces a function that puts a callback off until the event loop is free. What code that is not instrumented puts
   * off (a socket of Node, say) is part of the step that is open: the event loop runs to quiescence before the next one.
   */
  replacePuttingOff(places: readonly FunctionPlace[], virtual: VirtualFunction): void {
    const [owner, name] = places[0] as FunctionPlace
    const original = (owner as Record<string, AnyFunction>)[name] as AnyFunction
    this.replace(places, (site, foreign, callback, ...args) => {
      // For the error that Node throws.
      if (typeof callback !== 'function') return apply(original, owner, [callback, ...args])
      if (!foreign || infoOf(callback) === INSTRUMENTED) return virtual(site, foreign, callback, ...args)
      this.execution.foreign.needsDrain = true
      return apply(original, owner, [callback, ...args])
    })
  }

  /** Instrumented code that calls `target` calls `virtual`. */
  handle(target: Function, virtual: VirtualFunction): void {
    const { runtime } = this
    declare(target, (_, __, args, site) => {
      runtime.value = virtual(site, false, ...args)
      return false
    })
  }
}
