/** Files: what Node's `fs` does, on the real file system. */
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import { gate } from '../../runtime/outside/gate.js'
import { type Phase, type Plan, single } from '../../runtime/outside/operation.js'
import type { Patches } from '../../runtime/patches.js'
import { FileNotes } from './file-notes.js'
import { type Meaning, meanings } from './meanings.js'
import { fs, promises } from './natives.js'
import { rememberBases } from './paths.js'

const NAME = 'files'

/** Turns on, for one exploration, what `installFileGates` put in place. */
export function detectFiles(runtime: RuntimeHooks, patches: Patches): void {
  rememberBases()
  runtime.detectors.add(NAME)
  patches.onUndo(() => runtime.detectors.delete(NAME))
}

/**
 * Puts gates in the place of Node's file functions, for good: packages take functions out of `fs` when they are loaded.
 * Without an exploration that asks for them they do what the originals do.
 */
export function installFileGates(runtime: RuntimeHooks): void {
  const isActive = (): boolean => runtime.detectors.has(NAME)
  const functions = fs as unknown as Record<string, Function>
  const promised = promises as unknown as Record<string, Function>
  for (const [name, meaningOf] of Object.entries(meanings)) {
    const plan =
      (style: (meaning: Meaning, self: unknown, args: any[], original: Function) => Plan | null) =>
      (self: unknown, args: any[], original: Function): Plan | null => {
        const meaning = meaningOf(args)
        return meaning === null ? null : style(meaning, self, args, original)
      }
    install(
      functions,
      name,
      plan((meaning, self, args, original) => withCallback(runtime, meaning, self, args, original)),
    )
    install(
      functions,
      `${name}Sync`,
      plan((meaning, self, args, original) => ({
        kind: 'sync',
        phase: phase(runtime, meaning, () => apply(original, self, args)),
      })),
    )
    install(
      promised,
      name,
      plan((meaning, self, args, original) => ({
        kind: 'promise',
        operation: single(
          meaning.name,
          phase(runtime, meaning, () => apply(original, self, args)),
        ),
      })),
    )
  }

  function install(
    owner: Record<string, Function>,
    name: string,
    detect: (self: unknown, args: any[], original: Function) => Plan | null,
  ): void {
    const original = owner[name]
    if (typeof original === 'function') owner[name] = gate(runtime, original, isActive, detect)
  }
}

function phase(runtime: RuntimeHooks, meaning: Meaning, perform: () => unknown): Phase {
  let files: FileNotes | null = null
  return {
    note(notes) {
      files = new FileNotes(notes, runtime.execution as Execution)
      meaning.note?.(files)
    },
    perform,
    noted(_, result, error) {
      if (files === null) return
      if (error === undefined) files.succeeded()
      meaning.noted?.(files, result, error)
    },
  }
}

function withCallback(
  runtime: RuntimeHooks,
  meaning: Meaning,
  self: unknown,
  args: any[],
  original: Function,
): Plan | null {
  const callback = args.at(-1)
  if (typeof callback !== 'function') return null
  const given = args.slice(0, -1)
  let values: unknown[] = []
  const perform = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      apply(original, self, [
        ...given,
        (error: unknown, ...results: unknown[]) => {
          // `exists` has no error to give.
          if (original === exists) return resolve(error)
          values = results
          if (error !== null && error !== undefined) reject(error)
          else resolve(results[0])
        },
      ])
    })
  return {
    kind: 'callback',
    operation: single(meaning.name, phase(runtime, meaning, perform)),
    callback,
    toArguments: (error, result) => (original === exists ? [result] : error !== null ? [error] : [null, ...values]),
  }
}

const { exists } = fs
