/** Gates for `fs.watch` and its promised form. */
import type { Execution } from '../../runtime/execution.js'
import { apply } from '../../runtime/natives.js'
import type { Detect } from '../../runtime/outside/gate.js'
import type { Phase } from '../../runtime/outside/operation.js'
import { FileNotes } from './file-notes.js'
import { fs, promises } from './natives.js'
import { optionsOf } from './opening.js'
import { absolute, textOf } from './paths.js'
import type { Watcher } from './watchers.js'

type Functions = Record<PropertyKey, Function>

/** @param replace puts a gate in the place of a function */
export function installWatcherGates(
  execution: () => Execution,
  replace: (owner: Functions, name: string, detect: Detect) => void,
): void {
  /** Null: not a call that can be followed. */
  const watch = (path: unknown, options: Record<string, any>): ((natively: () => unknown) => Phase) | null => {
    const text = textOf(path)
    if (text === null || options.encoding === 'buffer') return null
    return natively => {
      let watcher: Watcher | null = null
      return {
        note: notes => {
          watcher = new FileNotes(notes, execution()).watch(absolute(text), options.recursive === true)
        },
        // For the error that Node throws.
        perform: () => watcher ?? natively(),
      }
    }
  }
  replace(fs as unknown as Functions, 'watch', (self, args, original) => {
    const options = typeof args[1] === 'function' ? {} : optionsOf(args[1])
    const phase = watch(args[0], options)
    if (phase === null) return null
    const natively = phase(() => apply(original, self, args))
    const listener = args.find(argument => typeof argument === 'function')
    const perform = (): unknown => {
      const watcher = natively.perform() as Watcher
      if (listener !== undefined) watcher.on('change', listener)
      options.signal?.addEventListener('abort', () => watcher.close(), { once: true })
      return watcher
    }
    return { kind: 'sync', phase: { ...natively, perform } }
  })
  replace(promises as unknown as Functions, 'watch', (_, args) => {
    const options = optionsOf(args[1])
    const phase = watch(args[0], options)
    if (phase === null) return null
    const { outside } = execution()
    const start = (): Watcher =>
      outside.inPlace(
        phase(() => fs.watch(args[0], options)),
        outside.site,
      ) as Watcher
    return { kind: 'sync', phase: { perform: () => events(start, options.signal) } }
  })
}

/** What `fs.promises.watch` returns. */
async function* events(start: () => Watcher, signal?: AbortSignal): AsyncGenerator<object, void, undefined> {
  signal?.throwIfAborted()
  const queue: object[] = []
  let wake = (): void => {}
  const watcher = start()
  watcher.on('change', (eventType, filename) => {
    queue.push({ eventType, filename })
    wake()
  })
  signal?.addEventListener('abort', () => wake(), { once: true })
  try {
    for (;;) {
      signal?.throwIfAborted()
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) yield event
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  } finally {
    watcher.close()
  }
}
