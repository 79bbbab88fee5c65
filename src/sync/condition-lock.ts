/** What a condition needs of its lock: to give it up altogether, and to take it back as it was. */
import { RELEASE } from '../runtime/recorder.js'
import { type Core, ExploredCore } from './core.js'
import { currentOwner } from './explored.js'
import { Lock, Taking } from './lock.js'
import type { Operation } from './operation.js'
import { inside, worldOf } from './primitive.js'
import { Entering, type Ownership, ownsLock, type RLock } from './rlock.js'

/**
 * Whether the running code may wait on the condition, or notify: whether it holds the lock. A plain lock of tasks knows no
 * owner; there it is enough that it is held, as in Python. In threads it has to be by this one.
 */
export function isHeld(lock: Lock | RLock, byThread: boolean): boolean {
  if (!(lock instanceof Lock)) return ownsLock(lock)
  const { core } = worldOf(lock)
  if (byThread && core instanceof ExploredCore) return core.holders.includes(currentOwner())
  return core.state
}

export interface GivenUp {
  core: Core<any>
  by: object
  /** Takes the lock back, and goes on with what `result` then returns. */
  retake(result: () => boolean): Operation<any, boolean>
}

/** Gives the lock up, however often it was taken. */
export function giveUp(lock: Lock | RLock): GivenUp {
  if (lock instanceof Lock) {
    const { core } = worldOf(lock)
    core.touch(RELEASE)
    core.gaveBack(inside() ? currentOwner() : null)
    core.set(false)
    return { core, by: {}, retake: result => new Taking(core, result) }
  }
  const { core, data, execution } = worldOf(lock)
  const { owner } = core.state as Ownership
  const { count } = data
  core.touch(RELEASE)
  data.count = 0
  core.gaveBack(owner)
  core.set(null)
  return {
    core,
    by: owner,
    retake: result => new Entering(core, data, owner, () => execution?.step ?? -1, count, result),
  }
}
