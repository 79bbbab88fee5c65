/** Tells that something has come about. */
export class Signal {
  readonly promise: Promise<void>
  raise!: () => void
  constructor() {
    this.promise = new Promise(resolve => {
      this.raise = resolve
    })
  }
}
