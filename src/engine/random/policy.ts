import type { Generator } from './generator.js'

/**
 * How one random strategy picks tasks. Everything it needs to know about the program it finds in the `Profile` that it was
 * made with; everything it draws comes from `random`.
 */
export interface Policy {
  /** Before each execution; executions are counted from 0. */
  begin(random: Generator, execution: number): void
  /** One of `enabled`, which are at least two. */
  choose(enabled: readonly number[]): number
  /** After each step, those without a choice included. */
  executed?(task: number, accesses: readonly number[]): void
}
