/** Files: what Node's `fs` does, on the real file system. */
import Module, { syncBuiltinESMExports } from 'node:module'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import type { Patches } from '../../runtime/patches.js'
import { FileGates } from './gates.js'
import { isOverlooking, overlooking } from './natives.js'
import { rememberBases } from './paths.js'

const NAME = 'files'

/** Turns on, for one exploration, what `installFileGates` put in place. */
export function detectFiles(runtime: RuntimeHooks, patches: Patches): void {
  rememberBases()
  runtime.detectors.add(NAME)
  patches.onUndo(() => runtime.detectors.delete(NAME))
  // A module is read when it is first asked for, which is in one execution only.
  overlook(patches, Module, '_load')
  overlook(patches, Error, 'prepareStackTrace')
}

function overlook(patches: Patches, owner: object, name: string): void {
  const original = (owner as Record<string, unknown>)[name]
  if (typeof original !== 'function') return
  const replacement = function (this: unknown, ...args: unknown[]): unknown {
    return overlooking(() => apply(original, this, args))
  }
  patches.replace(owner, name, replacement)
}

/**
 * Puts gates in the place of Node's file functions, for good: packages take functions out of `fs` when they are loaded.
 * Without an exploration that asks for them they do what the originals do.
 */
export function installFileGates(runtime: RuntimeHooks): void {
  new FileGates(runtime, () => !isOverlooking() && runtime.detectors.has(NAME)).install()
  syncBuiltinESMExports()
}
