/**
 * Who owns a re-entrant lock. In threads a thread, with all that it started; in tasks a task, and what it started while it
 * owned the lock: what runs on behalf of the owner must not wait for the owner. Outside of explorations that is what an
 * `AsyncLocalStorage` tells.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Task } from '../runtime/task.js'

/** Tokens of the acquisitions within which the code runs, innermost first. */
interface Within {
  readonly token: object
  readonly outer: Within | undefined
}

/** Made when first needed: until Node 24 a storage in use makes every promise of the process more expensive. */
let storage: AsyncLocalStorage<Within> | undefined

/** Outside of explorations: what `run` does, and starts, is within the acquisition. */
export function runWithin<T>(token: object, run: () => T): T {
  storage ??= new AsyncLocalStorage()
  return storage.run({ token, outer: storage.getStore() }, run)
}

/** Outside of explorations: whether the running code is within the acquisition. */
export function isWithin(token: object): boolean {
  for (let within = storage?.getStore(); within !== undefined; within = within.outer)
    if (within.token === token) return true
  return false
}

/** In an exploration: whether `task` is `owner`, or was started on its behalf in or after the step `since`. */
export function actsFor(task: Task, owner: Task, since: number): boolean {
  for (let one: Task | null = task; one !== null; one = one.parent) {
    if (one === owner) return true
    if (one.born < since) return false
  }
  return false
}
