/** Where the tasks get to when they run one after the other: what `serializable` holds each execution against. */
import { SourceDpor } from '../engine/index.js'
import { printValue } from '../explain/index.js'
import type { ExecutionResult, Fingerprint, RunOptions } from '../runtime/program.js'
import { FrontrunError } from './errors.js'
import { structuralHash } from './structural-hash.js'

/** Sequential orders that are run: all of up to seven tasks. */
const MOST_ORDERS = 5040
/** Of one sequential order, since what a task starts may interleave with itself. */
const MOST_EXECUTIONS = 200
/** Outcomes that a story names. */
const MOST_TOLD = 8

/** The state's hash: the user's, if a function was given. */
export function fingerprintOf(serializable: boolean | ((state: unknown) => unknown)): (state: unknown) => Fingerprint {
  if (typeof serializable !== 'function')
    return state => ({ hash: structuralHash(state), shown: printValue(state, 300) })
  return state => {
    const value = serializable(state)
    if (value instanceof Promise)
      throw new TypeError(
        "frontrun: the function given as 'serializable' returned a promise; it must hash the state at once",
      )
    return { hash: structuralHash(value), shown: printValue(value, 300) }
  }
}

type Execute = (strategy: SourceDpor, options: RunOptions) => Promise<ExecutionResult>

export class SerialOutcomes {
  /** By hash: what it looks like, and the order that led there first. */
  private readonly outcomes = new Map<string, { shown: string; order: string }>()
  private readonly orders: Generator<number[]>
  private tried = 0
  private all = false

  constructor(
    private readonly api: string,
    private readonly names: readonly string[],
    private readonly execute: Execute,
  ) {
    this.orders = permutations(names.map((_, index) => index))
  }

  /** Whether a sequential order ends so, as far as that is known. */
  knows({ hash }: Fingerprint): boolean {
    return this.outcomes.has(hash)
  }

  /** Whether a sequential order ends so. Runs as many as it takes to know. */
  async has(end: Fingerprint): Promise<boolean> {
    while (!this.outcomes.has(end.hash) && !this.all) {
      const next = this.tried < MOST_ORDERS ? this.orders.next() : undefined
      if (next === undefined || next.done) this.all = true
      else await this.run(next.value)
    }
    if (this.outcomes.size === 0)
      throw new FrontrunError(
        `${this.api}: 'serializable' compares with the tasks run one after the other, but in no order do they run to their end so: they wait for each other. Leave the option out, and say in 'invariant' what has to hold.`,
      )
    return this.outcomes.has(end.hash)
  }

  private async run(order: readonly number[]): Promise<void> {
    this.tried++
    const search = new SourceDpor()
    while (search.executions + search.redundant < MOST_EXECUTIONS && search.begin()) {
      const { complete, failure, blocked, fingerprint } = await this.execute(search, {
        serial: order,
        withoutInvariant: true,
      })
      if (!complete || failure !== null || blocked.length > 0 || fingerprint === undefined) continue
      const { hash, shown } = fingerprint
      if (!this.outcomes.has(hash))
        this.outcomes.set(hash, { shown, order: order.map(index => this.names[index]).join(', ') })
    }
  }

  /** Where the sequential orders end. */
  describe(): string[] {
    const lines: string[] = []
    for (const { shown: other, order } of [...this.outcomes.values()].slice(0, MOST_TOLD))
      lines.push(`One after the other (${order}): ${other}`)
    if (this.outcomes.size > MOST_TOLD) lines.push(`and ${this.outcomes.size - MOST_TOLD} other outcomes`)
    if (this.tried >= MOST_ORDERS && this.names.length > 7)
      lines.push(`Only ${MOST_ORDERS} of the sequential orders of ${this.names.length} tasks were run.`)
    return lines
  }
}

/** All orders of a list, in lexical order. */
function* permutations(list: readonly number[]): Generator<number[]> {
  if (list.length <= 1) {
    yield [...list]
    return
  }
  for (const first of list) for (const rest of permutations(list.filter(item => item !== first))) yield [first, ...rest]
}
