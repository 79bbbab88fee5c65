/** Those who wait to be woken by somebody, in the order in which they came. */
import type { Timer } from '../runtime/clock.js'
import { Parked } from '../runtime/guard.js'
import { runtime } from '../runtime/index.js'
import { type Core, callSite, ExploredCore } from './core.js'

export type Give<T> = () => T

/** Somebody who waits. */
export interface Party<T> {
  /** Lets it go on with what `give` returns or throws. Of several calls the first counts. */
  wake(give: Give<T>): void
}

/** In an exploration: the task or thread is parked. Waking it is a step that writes the location of the primitive. */
export class ParkedParty<T> implements Party<T> {
  readonly parked: Parked
  private readonly timer: Timer | null

  /** @param expire called when the time has passed, in a step of its own that writes the location; wakes the party */
  constructor(
    private readonly core: ExploredCore<any>,
    description: (name: string) => string,
    timeout: number | undefined,
    expire: (party: ParkedParty<T>) => void,
  ) {
    const { watched } = core
    this.parked = new Parked(watched.record, description)
    this.timer =
      timeout === undefined ? null : runtime.startTimeout(watched.location, timeout, callSite(), () => expire(this))
  }

  wake(give: Give<T>): void {
    if (this.timer !== null) runtime.endTimeout(this.timer)
    this.parked.wakeWith(give, this.core.execution.step)
  }
}

/** Outside of explorations: a promise. */
class RealParty<T> implements Party<T> {
  readonly promise: Promise<T>
  private settle!: (give: Give<T>) => void
  private timer: NodeJS.Timeout | undefined

  constructor(timeout: number | undefined, expire: (party: RealParty<T>) => void) {
    this.promise = new Promise((resolve, reject) => {
      this.settle = give => {
        try {
          resolve(give())
        } catch (error) {
          reject(error)
        }
      }
    })
    if (timeout !== undefined) this.timer = setTimeout(() => expire(this), timeout)
  }

  wake(give: Give<T>): void {
    clearTimeout(this.timer)
    this.settle(give)
  }
}

/** Result of an arrival: it is clear at once, or somebody has to wait. */
export type Arrival<T> = { readonly give: Give<T> } | { readonly party: Party<T> }

export class Parties<T> {
  private waiting: Party<T>[] = []

  get size(): number {
    return this.waiting.length
  }

  /** @param expired what happens when the time of one has passed, who is no longer among them; wakes it */
  add(
    core: Core<any>,
    description: (name: string) => string,
    timeout: number | undefined,
    expired: (party: Party<T>) => void,
  ): Party<T> {
    const expire = (party: Party<T>): void => {
      const at = this.waiting.indexOf(party)
      if (at < 0) return
      this.waiting.splice(at, 1)
      expired(party)
    }
    const party =
      core instanceof ExploredCore
        ? new ParkedParty<T>(core, description, timeout, expire)
        : new RealParty<T>(timeout, expire)
    this.waiting.push(party)
    return party
  }

  /** Those who have waited longest; all without a number. */
  take(count = Number.POSITIVE_INFINITY): Party<T>[] {
    const taken = this.waiting.slice(0, count)
    this.waiting = this.waiting.slice(count)
    return taken
  }
}

/** The promise of an arrival, outside of explorations or from code that is not instrumented. */
export function promiseOf<T>(arrival: Arrival<T>): Promise<T> {
  if ('give' in arrival)
    return new Promise(resolve => {
      resolve(arrival.give())
    })
  const { party } = arrival
  if (party instanceof RealParty) return party.promise as Promise<T>
  return runtime.later((party as ParkedParty<T>).parked, callSite()) as Promise<T>
}
