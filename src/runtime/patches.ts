/**
 * Globals that an exploration replaces. Every replacement does what the original does when something outside the
 * exploration calls it; all are put back in reverse order, whatever happens.
 */
import { syncBuiltinESMExports } from 'node:module'

export class Patches {
  private undo: (() => void)[] = []
  private builtins = false

  /** Replaces `target[key]`. `builtin`: the target is a module of Node, whose named imports must follow. */
  replace(target: object, key: PropertyKey, value: unknown, builtin = false): void {
    const descriptor = Object.getOwnPropertyDescriptor(target, key)
    if (descriptor !== undefined && !descriptor.configurable && !descriptor.writable) return
    this.undo.push(() => {
      if (descriptor === undefined) delete (target as Record<PropertyKey, unknown>)[key]
      else Object.defineProperty(target, key, descriptor)
    })
    this.builtins ||= builtin
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: descriptor?.enumerable ?? true,
      configurable: descriptor?.configurable ?? true,
    })
  }

  /** Puts a getter in the place of a property that only can be read. */
  accessor(target: object, key: PropertyKey, get: () => unknown): void {
    const descriptor = Object.getOwnPropertyDescriptor(target, key)
    if (descriptor !== undefined && !descriptor.configurable) return
    this.undo.push(() => {
      if (descriptor === undefined) delete (target as Record<PropertyKey, unknown>)[key]
      else Object.defineProperty(target, key, descriptor)
    })
    Object.defineProperty(target, key, { get, enumerable: descriptor?.enumerable ?? true, configurable: true })
  }

  onUndo(action: () => void): void {
    this.undo.push(action)
  }

  /** Call once everything is replaced. */
  commit(): void {
    if (this.builtins) syncBuiltinESMExports()
  }

  restore(): void {
    for (let action = this.undo.pop(); action !== undefined; action = this.undo.pop()) action()
    if (this.builtins) syncBuiltinESMExports()
    this.builtins = false
  }
}
