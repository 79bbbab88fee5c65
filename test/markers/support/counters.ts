import { Lock } from 'frontrun/sync'

export class BankAccount {
  constructor(public balance = 0) {}

  transfer(amount: number): void {
    const current = this.balance // frontrun: read_balance
    const changed = current + amount
    this.balance = changed // frontrun: write_balance
  }
}

export class Counter {
  value = 0

  increment(): void {
    let temp = this.value // frontrun: read_value
    temp += 1
    this.value = temp // frontrun: write_value
  }
}

export class AsyncCounter {
  value = 0

  async getValue(): Promise<number> {
    return this.value
  }
  async setValue(value: number): Promise<void> {
    this.value = value
  }
  async increment(): Promise<void> {
    // frontrun: read_value
    const temp = await this.getValue()
    // frontrun: write_value
    await this.setValue(temp + 1)
  }
}

/** The markers are inside the methods. */
export class AsyncCounterAlt {
  value = 0

  async getValue(): Promise<number> {
    // frontrun: read_value
    return this.value
  }
  async setValue(value: number): Promise<void> {
    // frontrun: write_value
    this.value = value
  }
  async increment(): Promise<void> {
    const current = await this.getValue()
    await this.setValue(current + 1)
  }
}

export class ResourceManager {
  resource: string | null = null
  usedBeforeInit = false

  initResource(): void {
    this.resource = 'ready' // frontrun: init_resource
  }
  useResource(): void {
    if (this.resource === null) this.usedBeforeInit = true // frontrun: use_resource
  }
}

export class AsyncResourceManager extends ResourceManager {
  async init(): Promise<void> {
    await null
    this.initResource()
  }
  async use(): Promise<void> {
    await null
    this.useResource()
  }
}

export class BankWithDeadlock {
  readonly a = new Lock()
  readonly b = new Lock()
  transfers = 0

  transferAToB(): void {
    this.a.acquireSync() // frontrun: lock_a_first
    this.b.acquireSync() // frontrun: lock_b_second
    this.transfers++
    this.b.release()
    this.a.release()
  }
  transferBToA(): void {
    this.b.acquireSync() // frontrun: lock_b_first
    this.a.acquireSync() // frontrun: lock_a_second
    this.transfers++
    this.a.release()
    this.b.release()
  }
}
