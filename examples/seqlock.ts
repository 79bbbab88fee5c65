// A seqlock: readers never block the writer; they look at a counter before and after, and try again if a write came
// between. Here a reader that does not look again reads half of a write.
// Run: frontrun node examples/seqlock.ts
import { exploreDpor } from 'frontrun'

const SEQUENCE = 0 // odd while a write is under way
const X = 1
const Y = 2

class SeqLock {
  readonly cells = new Int32Array(new SharedArrayBuffer(12))

  /** For one writer only. */
  write(x: number, y: number): void {
    Atomics.add(this.cells, SEQUENCE, 1)
    Atomics.store(this.cells, X, x)
    Atomics.store(this.cells, Y, y)
    Atomics.add(this.cells, SEQUENCE, 1)
  }

  /** A pair that was there at one moment; undefined if a write came between, and one has to try again. */
  tryRead(): [x: number, y: number] | undefined {
    const before = Atomics.load(this.cells, SEQUENCE)
    if (before % 2 === 1) return undefined
    const x = Atomics.load(this.cells, X)
    const y = Atomics.load(this.cells, Y)
    return Atomics.load(this.cells, SEQUENCE) === before ? [x, y] : undefined
  }
}

class CarelessSeqLock extends SeqLock {
  override tryRead(): [x: number, y: number] | undefined {
    if (Atomics.load(this.cells, SEQUENCE) % 2 === 1) return undefined
    return [Atomics.load(this.cells, X), Atomics.load(this.cells, Y)]
  }
}

const explore = (Lock: typeof SeqLock) =>
  exploreDpor({
    setup: () => ({ lock: new Lock(), x: 0, y: 0 }),
    threads: {
      writer: ({ lock }) => {
        lock.write(1, -1)
        lock.write(2, -2)
      },
      reader: state => {
        const pair = state.lock.tryRead()
        if (pair !== undefined) [state.x, state.y] = pair
      },
    },
    invariant: ({ x, y }) => x === -y,
  })

const careless = await explore(CarelessSeqLock)
console.log(careless.explanation)

const right = await explore(SeqLock)
console.log(right.explanation ?? `SeqLock holds in all ${right.numExplored} interleavings.`)

process.exitCode = !careless.propertyHolds && right.propertyHolds && right.exhaustive ? 0 : 1
