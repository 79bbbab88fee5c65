// Check-then-act on a Map: both requests miss the cache, and both open a connection.
// Run: frontrun node examples/check-then-act-map.ts
import { exploreDpor } from 'frontrun'

interface Connection {
  user: string
}

class Pool {
  readonly connections = new Map<string, Connection>()
  opened = 0

  async open(user: string): Promise<Connection> {
    this.opened++
    return { user }
  }

  async get(user: string): Promise<Connection> {
    const cached = this.connections.get(user)
    if (cached) return cached
    const connection = await this.open(user)
    this.connections.set(user, connection)
    return connection
  }
}

class SharingPool extends Pool {
  readonly pending = new Map<string, Promise<Connection>>()

  // What is cached is the promise: it is in the map before anyone else can look.
  override get(user: string): Promise<Connection> {
    let connection = this.pending.get(user)
    if (!connection) {
      connection = this.open(user)
      this.pending.set(user, connection)
    }
    return connection
  }
}

function explore(AnyPool: typeof Pool) {
  return exploreDpor({
    setup: () => new AnyPool(),
    tasks: { page: pool => pool.get('ada'), api: pool => pool.get('ada') },
    invariant: pool => pool.opened === 1,
  })
}

const racy = await explore(Pool)
console.log(racy.explanation)

const sharing = await explore(SharingPool)
console.log(sharing.explanation ?? `SharingPool opens one connection in all ${sharing.numExplored} interleavings.`)

process.exitCode = !racy.propertyHolds && sharing.propertyHolds && sharing.exhaustive ? 0 : 1
