/**
 * The program's own `AsyncLocalStorage` contexts. The platform carries them from an `await`, `.then` or timer to what
 * runs after it; coroutines are resumed by the scheduler, so here each task keeps the context it goes on in.
 */
import { declare } from './functions.js'
import { AsyncLocalStorage, apply } from './natives.js'
import type { Patches } from './patches.js'
import type { Runtime } from './runtime.js'

/** Runs a function in a context that was captured earlier. */
export type Context = <R>(run: () => R) => R

const snapshot = (): Context => AsyncLocalStorage.snapshot() as Context
const { run: enterStore } = AsyncLocalStorage.prototype

/** `storage.run(store, call)` which the program's use of contexts is not measured by. */
export const runWithStore = <S, R>(storage: AsyncLocalStorage<S>, store: S, call: () => R): R =>
  apply(enterStore, storage, [store, call]) as R

export class Contexts {
  /** The program uses contexts. Until it does, all tasks run in the one that the exploration began in, at no cost. */
  used = false
  private readonly ambient: Context = snapshot()

  capture(): Context | null {
    return this.used ? snapshot() : null
  }

  /** Runs a step of a task that was suspended in `context`. */
  run<R>(context: Context | null, step: () => R): R {
    // A context of its own also for what began in none: `enterWith` changes the one it is called in.
    return (context ?? this.ambient(snapshot))(step)
  }
}

/** Has the session's contexts carried along from the first use of a storage on. */
export function installContexts(runtime: Runtime, patches: Patches): void {
  const contexts = new Contexts()
  runtime.contexts = contexts
  const { prototype } = AsyncLocalStorage
  for (const name of ['run', 'exit', 'enterWith'] as const) {
    const original = prototype[name] as (...args: unknown[]) => unknown
    const replacement = function (this: unknown, ...args: unknown[]): unknown {
      contexts.used ||= runtime.on
      return apply(original, this, args)
    }
    Object.defineProperty(replacement, 'name', { value: name, configurable: true })
    // Not as a foreign call, which runs in a context of its own.
    declare(replacement, (target, self, args) => {
      runtime.callInPlace(target, self, args)
      return false
    })
    patches.replace(prototype, name, replacement)
  }
  declare(prototype.getStore, (target, self, args) => {
    runtime.value = apply(target, self, args)
    return false
  })
}
