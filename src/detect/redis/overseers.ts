import { type Address, Overseer } from './blocking.js'

/** One overseer for each server, as long as an exploration lasts. */
export class Overseers {
  private readonly byAddress = new Map<string, Overseer>()

  of(address: Address): Overseer {
    const place = `${address.host}:${address.port}`
    let overseer = this.byAddress.get(place)
    if (overseer === undefined) {
      overseer = new Overseer(address)
      this.byAddress.set(place, overseer)
    }
    return overseer
  }

  close(): void {
    for (const overseer of this.byAddress.values()) overseer.close()
    this.byAddress.clear()
  }
}
