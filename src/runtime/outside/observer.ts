import type { Execution } from '../execution.js'

/** Sees what code that is not instrumented has done to the outside world, when it has done it. */
export interface Observer {
  /** An execution begins: what happened before is none of its business. */
  begin(execution: Execution): void
  /** Such code is about to run, or the execution is over: whatever has happened until now, nobody saw its call. */
  expectNothing(execution: Execution): void
  /** Such code has run in the open step, called from `site`. */
  observe(execution: Execution, site: number): void
  /** What has happened since `observe` is known to a finer detector. */
  skip(): void
  /** A finer detector knows what happens to this descriptor, until it is closed. */
  claim(descriptor: number): void
}
