// async-mutex 0.3.2: waitForUnlock() resolves while the mutex is locked (its issue 52); fixed in 0.4.0.
//
// Releasing the mutex resolves those who wait for the unlock first and hands the mutex to the next in the queue then.
// Who began to wait during the first of two jobs wakes up in the middle of the second.
// The package has no native `await`: it is compiled to generators that a promise chain drives.
//
// Run: frontrun node examples/packages/async-mutex.ts
import { Mutex as FixedMutex } from 'async-mutex-fixed'
import { Mutex as RacyMutex } from 'async-mutex-racy'
import { exploreDpor } from 'frontrun'

class Journal {
  closedWhileWriting = false
  readonly mutex: RacyMutex | FixedMutex

  constructor(mutex: RacyMutex | FixedMutex) {
    this.mutex = mutex
  }

  /** Two entries, one after the other; both are queued before anyone else runs. */
  async write(): Promise<void> {
    await Promise.all([this.mutex.runExclusive(() => this.flush()), this.mutex.runExclusive(() => this.flush())])
  }

  async flush(): Promise<void> {
    await null
  }

  async close(): Promise<void> {
    if (!this.mutex.isLocked()) return
    await this.mutex.waitForUnlock()
    this.closedWhileWriting = this.mutex.isLocked()
  }
}

function explore(Mutex: typeof RacyMutex | typeof FixedMutex) {
  return exploreDpor({
    setup: () => new Journal(new Mutex()),
    tasks: { writer: journal => journal.write(), closer: journal => journal.close() },
    invariant: journal => !journal.closedWhileWriting,
    tracePackages: ['async-mutex-racy', 'async-mutex-fixed'],
  })
}

const racy = await explore(RacyMutex)
console.log(`async-mutex 0.3.2\n\n${racy.explanation}`)

const fixed = await explore(FixedMutex)
console.log(`async-mutex 0.5.0\n\n${fixed.explanation ?? `Holds in all ${fixed.numExplored} interleavings.`}`)

process.exitCode = !racy.propertyHolds && fixed.propertyHolds && fixed.exhaustive ? 0 : 1
