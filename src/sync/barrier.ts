import { READ, WRITE } from '../runtime/recorder.js'
import { cannotBlock, declareArriving, parkedIn, wouldWaitForever } from './arriving.js'
import { BrokenBarrierError } from './errors.js'
import { timeoutOf, type WaitOptions } from './operation.js'
import { type Arrival, Parties, promiseOf } from './parties.js'
import { declareInstant } from './perform.js'
import { inside, Primitive, worldOf } from './primitive.js'

export interface BarrierOptions {
  /** Called by the last one to come, before anybody goes on. Synchronous. If it throws, the barrier breaks. */
  action?: () => void
  /** Time-out of every `wait` that gives none, in milliseconds. */
  timeout?: number
}

/**
 * A point that a number of tasks or threads pass together, as Python's `threading.Barrier`: `wait` waits until all have come.
 * It can be used again and again. When somebody's time runs out, or it is aborted, it breaks: everybody who waits or comes
 * later gets a `BrokenBarrierError`, until `reset`.
 *
 * @example
 * const start = new Barrier(3)
 * await start.wait()
 */
export class Barrier extends Primitive<boolean, Parties<number>> {
  /** How many have to come. */
  readonly parties: number
  readonly #action: (() => void) | undefined
  readonly #timeout: number | undefined

  /**
   * @param parties how many have to come; a whole number from 1 up
   * @throws RangeError if it is anything else
   */
  constructor(parties: number, { action, timeout }: BarrierOptions = {}) {
    if (!Number.isInteger(parties) || parties < 1)
      throw new RangeError(`frontrun: a barrier is for a whole number of parties from 1 up, not ${String(parties)}`)
    super(() => ({ state: false, data: new Parties() }))
    this.parties = parties
    this.#action = action
    this.#timeout = timeoutOf('Barrier', { timeout })
  }

  /** Whether it is broken. */
  get broken(): boolean {
    const { core } = worldOf(this)
    core.touch(READ)
    return core.state
  }

  /** How many wait. */
  get nWaiting(): number {
    const { core, data } = worldOf(this)
    core.touch(READ)
    return data.size
  }

  /**
   * Waits until all have come; returns who this one was, from 0 for the first to come.
   *
   * @throws BrokenBarrierError if the barrier is broken or breaks, or the time-out (milliseconds; virtual in an exploration)
   *   has passed
   */
  async wait(options?: WaitOptions): Promise<number> {
    return promiseOf(Barrier.arrive(this, options))
  }

  /**
   * The same, blocking the thread.
   *
   * @throws Error outside an exploration if others have still to come: on one thread nobody could
   */
  waitSync(options?: WaitOptions): number {
    const { core, data } = worldOf(this)
    if (!core.state && data.size + 1 < this.parties) {
      if (inside()) throw cannotBlock()
      if ((timeoutOf('Barrier.waitSync', options) ?? this.#timeout) === undefined)
        throw wouldWaitForever('Barrier.waitSync')
      this.abort()
    }
    const arrival = Barrier.arrive(this, options)
    return (arrival as { give: () => number }).give()
  }

  /** Breaks it. */
  abort(): void {
    const { core, data } = worldOf(this)
    core.touch(WRITE)
    core.set(true)
    for (const party of data.take()) party.wake(fail)
  }

  /** Makes it as it was at first; those who wait get a `BrokenBarrierError`. */
  reset(): void {
    const { core, data } = worldOf(this)
    core.touch(WRITE)
    core.set(false)
    for (const party of data.take()) party.wake(fail)
  }

  /** @internal */
  static arrive(barrier: Barrier, options: WaitOptions | undefined): Arrival<number> {
    const timeout = timeoutOf('Barrier.wait', options) ?? barrier.#timeout
    const { core, data } = worldOf(barrier)
    core.touch(WRITE)
    if (core.state) return { give: fail }
    const index = data.size
    const breakIt = (): void => {
      core.set(true)
      for (const party of data.take()) party.wake(fail)
    }
    if (index + 1 === barrier.parties) {
      try {
        barrier.#action?.()
      } catch (error) {
        breakIt()
        return {
          give: () => {
            throw error
          },
        }
      }
      data.take().forEach((party, place) => {
        party.wake(() => place)
      })
      return { give: () => index }
    }
    if (timeout === 0) {
      breakIt()
      return { give: fail }
    }
    const describe = (name: string): string => `barrier ${name}`
    const expired = (party: { wake(give: () => number): void }): void => {
      party.wake(fail)
      breakIt()
    }
    return { party: data.add(core, describe, timeout, expired) }
  }
}

function fail(): never {
  throw new BrokenBarrierError('frontrun: the barrier is broken')
}

const { wait, waitSync, abort, reset } = Barrier.prototype
declareInstant(abort, reset)
declareArriving<Barrier, number>(wait, waitSync, (barrier, [options]) => {
  const arrival = Barrier.arrive(barrier, options)
  return { arrival, guard: parkedIn(arrival) }
})
