/** Who listens to a port, in the order in which they came. */
export interface Listener {
  type: string
  callback: unknown
  capture: boolean
  once: boolean
  /** It gets the message itself (`on`) rather than an event (`addEventListener`). */
  takesValue: boolean
  /** The one that `onmessage` stands for. */
  isHandler: boolean
  removed: boolean
}

export class Listeners {
  private readonly all: Listener[] = []

  of(type: string): Listener[] {
    return this.all.filter(listener => listener.type === type)
  }

  get types(): string[] {
    return [...new Set(this.all.map(({ type }) => type))]
  }

  find(type: string, callback: unknown, capture: boolean): Listener | undefined {
    return this.all.find(
      listener =>
        !listener.isHandler && listener.type === type && listener.callback === callback && listener.capture === capture,
    )
  }

  handler(type: string): Listener | undefined {
    return this.all.find(listener => listener.isHandler && listener.type === type)
  }

  /** False: it was there before. */
  add(listener: Listener): boolean {
    if (!listener.isHandler && this.find(listener.type, listener.callback, listener.capture)) return false
    this.all.push(listener)
    return true
  }

  clear(): void {
    for (const listener of this.all.splice(0)) listener.removed = true
  }

  remove(listener: Listener): void {
    listener.removed = true
    this.all.splice(this.all.indexOf(listener), 1)
  }
}
