// Threads are preempted anywhere, so even `balance += amount` loses updates; a lock makes it safe.
// Run: frontrun node examples/bank-account-threads.ts
import { exploreDpor } from 'frontrun'
import { Lock } from 'frontrun/sync'

class BankAccount {
  balance = 100

  deposit(amount: number): void {
    this.balance += amount // a read and a write: another thread fits in between
  }
}

class LockedBankAccount extends BankAccount {
  readonly lock = new Lock()

  override deposit(amount: number): void {
    this.lock.withLockSync(() => super.deposit(amount))
  }
}

function explore(Account: typeof BankAccount) {
  return exploreDpor({
    setup: () => new Account(),
    threads: { alice: account => account.deposit(50), bob: account => account.deposit(50) },
    invariant: account => account.balance === 200,
  })
}

const racy = await explore(BankAccount)
console.log(racy.explanation)

const locked = await explore(LockedBankAccount)
console.log(locked.explanation ?? `LockedBankAccount holds in all ${locked.numExplored} interleavings.`)

process.exitCode = !racy.propertyHolds && locked.propertyHolds && locked.exhaustive ? 0 : 1
