import { READ, WRITE } from '../runtime/recorder.js'
import { cannotBlock, declareArriving, parkedIn, wouldWaitForever } from './arriving.js'
import { timeoutOf, type WaitOptions } from './operation.js'
import { type Arrival, Parties, promiseOf } from './parties.js'
import { declareConstruction, declareInstant } from './perform.js'
import { inside, Primitive, worldOf } from './primitive.js'

/**
 * A flag to wait for, as Python's `threading.Event`. `set` wakes everybody who waits, also those who get to run only after
 * the flag has been cleared again.
 *
 * @example
 * const ready = new Event()
 * // one task:            // another:
 * await ready.wait()      ready.set()
 */
export class Event extends Primitive<boolean, Parties<boolean>> {
  constructor() {
    super(() => ({ state: false, data: new Parties() }))
  }

  /** Whether the flag is set. */
  isSet(): boolean {
    const { core } = worldOf(this)
    core.touch(READ)
    return core.state
  }

  /** Sets the flag, and wakes everybody who waits. */
  set(): void {
    const { core, data } = worldOf(this)
    core.touch(WRITE)
    core.set(true)
    for (const party of data.take()) party.wake(() => true)
  }

  /** Clears the flag. */
  clear(): void {
    const { core } = worldOf(this)
    core.touch(WRITE)
    core.set(false)
  }

  /**
   * Waits until the flag is set. `true`, or `false` if the time-out (milliseconds; virtual in an exploration) has passed
   * before that.
   */
  wait(options?: WaitOptions): Promise<boolean> {
    return promiseOf(arrive(this, options))
  }

  /**
   * Blocks the thread until the flag is set.
   *
   * @throws Error outside an exploration if it is not: on one thread nobody could ever set it. With a time-out, the answer is
   *   `false` at once
   */
  waitSync(options?: WaitOptions): boolean {
    const timeout = timeoutOf('Event.waitSync', options)
    if (this.isSet()) return true
    if (inside() && timeout !== 0) throw cannotBlock()
    if (timeout === undefined) throw wouldWaitForever('Event.waitSync')
    return false
  }
}

function arrive(event: Event, options: WaitOptions | undefined): Arrival<boolean> {
  const timeout = timeoutOf('Event.wait', options)
  const { core, data } = worldOf(event)
  // Those who come to wait don't conflict with each other, only with whoever sets or clears it.
  core.touch(READ)
  if (core.state || timeout === 0) {
    const { state } = core
    return { give: () => state }
  }
  const describe = (name: string): string => `event ${name} to be set`
  return { party: data.add(core, describe, timeout, party => party.wake(() => false)) }
}

const { isSet, set, clear, wait, waitSync } = Event.prototype
declareConstruction(Event)
declareInstant(isSet, set, clear)
declareArriving<Event, boolean>(wait, waitSync, (event, [options]) => {
  const arrival = arrive(event, options)
  return { arrival, guard: parkedIn(arrival) }
})
