import { Queue, type Store } from './queue.js'

/** Which of two items comes out first: negative: the first one. As for `Array.prototype.sort`. */
export type Compare<T> = (a: T, b: T) => number

/**
 * A queue of which the smallest item comes out first, as Python's `queue.PriorityQueue`. Of equal items the one that was put
 * in first.
 *
 * @example
 * const jobs = new PriorityQueue<[number, string]>()
 * jobs.putNowait([2, 'later'])
 * jobs.putNowait([1, 'sooner'])
 * jobs.getNowait() // [1, 'sooner']
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /**
   * @param maxsize how many items there may be; 0 (the default) or less: any number
   * @param compare default: numbers, strings and the like by `<`, arrays element by element. Called natively: it is not
   *   interrupted
   */
  constructor(maxsize = 0, compare: Compare<T> = byValue) {
    super(maxsize, () => new Heap(compare))
  }
}

function byValue(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const order = byValue(a[i], b[i])
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
}

interface Entry<T> {
  readonly item: T
  readonly number: number
}

/** A binary heap. */
class Heap<T> implements Store<T> {
  private readonly entries: Entry<T>[] = []
  private count = 0

  constructor(private readonly compare: Compare<T>) {}

  get size(): number {
    return this.entries.length
  }

  add(item: T): void {
    const { entries } = this
    const entry = { item, number: this.count++ }
    let at = entries.length
    for (
      let parent = (at - 1) >> 1;
      at > 0 && this.isBefore(entry, entries[parent] as Entry<T>);
      parent = (at - 1) >> 1
    ) {
      entries[at] = entries[parent] as Entry<T>
      at = parent
    }
    entries[at] = entry
  }

  take(): T {
    const { entries } = this
    const first = entries[0] as Entry<T>
    const last = entries.pop() as Entry<T>
    if (entries.length === 0) return first.item
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && this.isBefore(entries[child + 1] as Entry<T>, entries[child] as Entry<T>))
        child++
      if (!this.isBefore(entries[child] as Entry<T>, last)) break
      entries[at] = entries[child] as Entry<T>
      at = child
    }
    entries[at] = last
    return first.item
  }

  private isBefore(a: Entry<T>, b: Entry<T>): boolean {
    return (this.compare(a.item, b.item) || a.number - b.number) < 0
  }
}
