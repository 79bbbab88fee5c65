// A lock-free queue for one producer and one consumer, in shared memory, after Lamport, "Proving the Correctness of
// Multiprocess Programs", 1977; and one that announces an item before it is there.
// Run: frontrun node examples/ring-buffer.ts
import { exploreDpor } from 'frontrun'

const HEAD = 0 // how many items were taken
const TAIL = 1 // how many were put in

class RingBuffer {
  readonly counts = new Int32Array(new SharedArrayBuffer(8))
  readonly items: Int32Array

  constructor(readonly capacity: number) {
    this.items = new Int32Array(new SharedArrayBuffer(4 * capacity))
  }

  /** For the producer only. */
  push(item: number): boolean {
    const tail = Atomics.load(this.counts, TAIL)
    if (tail - Atomics.load(this.counts, HEAD) === this.capacity) return false
    this.items[tail % this.capacity] = item
    Atomics.store(this.counts, TAIL, tail + 1)
    return true
  }

  /** For the consumer only. */
  pop(): number | undefined {
    const head = Atomics.load(this.counts, HEAD)
    if (Atomics.load(this.counts, TAIL) === head) return undefined
    const item = this.items[head % this.capacity]
    Atomics.store(this.counts, HEAD, head + 1)
    return item
  }
}

/** Two lines have changed places: the item is announced before it is written. */
class HastyRingBuffer extends RingBuffer {
  override push(item: number): boolean {
    const tail = Atomics.load(this.counts, TAIL)
    if (tail - Atomics.load(this.counts, HEAD) === this.capacity) return false
    Atomics.store(this.counts, TAIL, tail + 1)
    this.items[tail % this.capacity] = item
    return true
  }
}

const explore = (Queue: typeof RingBuffer, errorOnAnyRace: boolean) =>
  exploreDpor({
    setup: () => ({ queue: new Queue(2), refused: 0, received: [] as number[] }),
    threads: {
      producer: ({ queue }) => {
        for (let item = 1; item <= 3; item++) queue.push(item)
      },
      consumer: ({ queue, received }) => {
        for (let i = 0; i < 3; i++) {
          const item = queue.pop()
          if (item !== undefined) received.push(item)
        }
      },
    },
    // What came out went in, in the order in which it went in, and nothing twice.
    invariant: ({ received }) => received.every((item, i) => item === i + 1),
    errorOnAnyRace,
  })

const hasty = await explore(HastyRingBuffer, false)
console.log(hasty.explanation)

const right = await explore(RingBuffer, true)
console.log(right.explanation ?? `RingBuffer holds in all ${right.numExplored} interleavings, without a data race.`)

process.exitCode = !hasty.propertyHolds && right.propertyHolds && right.exhaustive ? 0 : 1
