/** Files: what Node's `fs` does, on the real file system. */
import Module, { syncBuiltinESMExports } from 'node:module'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import type { Patches } from '../../runtime/patches.js'
import { FileGates } from './gates.js'
import { rememberBases } from './paths.js'

const NAME = 'files'

/** Files are being read that are none of the program's business: its modules, and their source maps. */
let loading = 0

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
    loading++
    try {
      return apply(original, this, args)
    } finally {
      loading--
    }
  }
  patches.replace(owner, name, replacement)
}

/**
 * Puts gates in the place of Node's file functions, for good: packages take functions out of `fs` when they are loaded.
 * Without an exploration that asks for them they do what the originals do.
 */
export function installFileGates(runtime: RuntimeHooks): void {
  new FileGates(runtime, () => loading === 0 && runtime.detectors.has(NAME)).install()
  syncBuiltinESMExports()
}
