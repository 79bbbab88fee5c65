/**
 * `new` of an instrumented class: the object and its fields are made natively, then the constructor hands over the
 * coroutine of its body instead of running it.
 */
import { construct, getPrototypeOf } from './natives.js'
import type { Runtime } from './runtime.js'

/** Bits of the kind that a head passes: the constructor of a base class, or of a derived one, after its `super`. */
export const BASE = 8
export const DERIVED = 16

export class Construction {
  private target: Function | null = null
  private derived = false
  private nested = 0
  private runtime: Runtime | null = null

  /** What `new target(...args)` gives, unless the constructor hands over its coroutine. */
  run(runtime: Runtime, target: Function, args: unknown[]): unknown {
    const { target: before, derived, nested } = this
    const { supers } = runtime
    this.runtime = runtime
    this.target = target
    this.derived = getPrototypeOf(target) !== Function.prototype
    this.nested = runtime.nested
    runtime.supers = 0
    try {
      return construct(target, args)
    } finally {
      runtime.supers = supers
      this.target = before
      this.derived = derived
      this.nested = nested
    }
  }

  /** Asked by the head of a constructor: whether it is the one; those of its base classes run natively. */
  hands(target: Function | undefined, derived: boolean, nested: number): boolean {
    if (target === undefined || target !== this.target || derived !== this.derived || nested !== this.nested)
      return false
    if (this.runtime?.supers !== 0) return false
    this.target = null
    return true
  }
}
