import { RELEASE } from '../runtime/recorder.js'
import { declareConstruction, declareInstant } from './perform.js'
import { worldOf } from './primitive.js'
import { Semaphore } from './semaphore.js'

/**
 * A semaphore that never has more permits than at first, as Python's `threading.BoundedSemaphore`: giving back more than was
 * taken is a mistake.
 *
 * @example
 * const slots = new BoundedSemaphore(3)
 */
export class BoundedSemaphore extends Semaphore {
  readonly #most: number

  /** @param permits how many there are at first, and at most */
  constructor(permits = 1) {
    super(permits)
    this.#most = permits
  }

  /**
   * Gives permits back.
   *
   * @throws RangeError if there would be more than at first
   */
  override release(count = 1): void {
    const { core } = worldOf(this)
    core.touch(RELEASE)
    if (core.state + count > this.#most)
      throw new RangeError('frontrun: BoundedSemaphore.release: more permits given back than taken')
    super.release(count)
  }
}

declareConstruction(BoundedSemaphore)
declareInstant(BoundedSemaphore.prototype.release)
