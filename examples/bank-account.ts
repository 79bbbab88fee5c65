// A lost update across an await: both deposits read the balance before either writes it back.
// Run: frontrun node examples/bank-account.ts
import { exploreDpor } from 'frontrun'

async function feeFor(amount: number): Promise<number> {
  return amount > 1000 ? 1 : 0
}

class BankAccount {
  balance = 100

  async deposit(amount: number): Promise<void> {
    const current = this.balance
    const fee = await feeFor(amount)
    this.balance = current + amount - fee
  }
}

class CarefulBankAccount extends BankAccount {
  override async deposit(amount: number): Promise<void> {
    const fee = await feeFor(amount)
    this.balance += amount - fee // no await between the read and the write: one task can't get in between
  }
}

function explore(Account: typeof BankAccount) {
  return exploreDpor({
    setup: () => new Account(),
    tasks: [account => account.deposit(50), account => account.deposit(50)],
    invariant: account => account.balance === 200,
  })
}

const racy = await explore(BankAccount)
console.log(racy.explanation)

const careful = await explore(CarefulBankAccount)
console.log(careful.explanation ?? `CarefulBankAccount holds in all ${careful.numExplored} interleavings.`)

process.exitCode = !racy.propertyHolds && careful.propertyHolds && careful.exhaustive ? 0 : 1
