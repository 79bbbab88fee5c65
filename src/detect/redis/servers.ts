import type { Overseers } from './overseers.js'
import type { Subscriptions } from './subscriptions.js'

/** What is known of the servers that a process talks to, by whichever client. */
export interface Servers {
  readonly overseers: Overseers
  readonly subscriptions: Subscriptions
}
