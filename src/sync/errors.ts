/** What waits at a barrier that breaks, or comes to a broken one, gets. */
export class BrokenBarrierError extends Error {
  override readonly name = 'BrokenBarrierError'
}

/** A queue has no item, and it was not to be waited for, or not any longer. */
export class Empty extends Error {
  override readonly name = 'Empty'
}

/** A queue has no room, and it was not to be waited for, or not any longer. */
export class Full extends Error {
  override readonly name = 'Full'
}

/** A queue was shut down. */
export class ShutDown extends Error {
  override readonly name = 'ShutDown'
}
