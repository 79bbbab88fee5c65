// Everybody takes the left fork, nobody gets the right one: a deadlock, found without a time-out.
// Run: frontrun node examples/dining-philosophers.ts
import { exploreDpor } from 'frontrun'
import { Lock } from 'frontrun/sync'

const seats = [0, 1, 2]

class Table {
  readonly forks = seats.map(() => new Lock())
  readonly meals = seats.map(() => 0)

  dine(seat: number): void {
    const [first, second] = this.forksOf(seat)
    first.acquireSync()
    second.acquireSync()
    this.meals[seat]++
    second.release()
    first.release()
  }

  forksOf(seat: number): [Lock, Lock] {
    return [this.forks[seat], this.forks[(seat + 1) % seats.length]]
  }
}

class OrderedTable extends Table {
  // Everybody takes the fork with the lower number first: the last philosopher starts on the right.
  override forksOf(seat: number): [Lock, Lock] {
    const neighbour = (seat + 1) % seats.length
    return [this.forks[Math.min(seat, neighbour)], this.forks[Math.max(seat, neighbour)]]
  }
}

function explore(AnyTable: typeof Table) {
  return exploreDpor({
    setup: () => new AnyTable(),
    threads: seats.map(seat => (table: Table) => table.dine(seat)),
    invariant: table => table.meals.every(meals => meals === 1),
  })
}

const greedy = await explore(Table)
console.log(greedy.explanation)

const ordered = await explore(OrderedTable)
console.log(ordered.explanation ?? `OrderedTable feeds everybody in all ${ordered.numExplored} interleavings.`)

process.exitCode = greedy.failureKind === 'deadlock' && ordered.propertyHolds && ordered.exhaustive ? 0 : 1
