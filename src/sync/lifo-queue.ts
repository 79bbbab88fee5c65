import { Queue } from './queue.js'

/**
 * A queue of which the last item put in comes out first, as Python's `queue.LifoQueue`.
 *
 * @example
 * const undo = new LifoQueue<Change>()
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  /** @param maxsize how many items there may be; 0 (the default) or less: any number */
  constructor(maxsize = 0) {
    super(maxsize, () => {
      const items: T[] = []
      return {
        get size() {
          return items.length
        },
        add: item => void items.push(item),
        take: () => items.pop() as T,
      }
    })
  }
}
