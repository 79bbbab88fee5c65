export interface MatcherOptions {
  /** Whether a search that was cut short (`maxExecutions`, `preemptionBound`, …) fails although it found nothing. Default: true. */
  exhaustive?: boolean
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: must repeat the type parameter that Vitest declares
  interface Matchers<T = any> {
    /**
     * Explores every interleaving of `{ setup, tasks | threads, invariant, … }`, the options of `exploreDpor`, and fails
     * with the story of the first that breaks. Takes the result of an exploration as well.
     *
     * @example
     * await expect({ setup, tasks: [a => a.deposit(1), a => a.deposit(2)], invariant }).toHoldInAllInterleavings()
     */
    toHoldInAllInterleavings(options?: MatcherOptions): Promise<void>
  }
}

interface Exploration {
  propertyHolds: boolean
  exhaustive: boolean
  stoppedBy: string
  numExplored: number
  explanation?: string
}

/** The matcher behind `expect(…).toHoldInAllInterleavings()`; `not` asks for a failing interleaving. */
export async function toHoldInAllInterleavings(
  this: { isNot?: boolean },
  received: unknown,
  { exhaustive = true }: MatcherOptions = {},
): Promise<{ pass: boolean; message: () => string }> {
  const result = isExploration(received) ? received : await explore(received)
  const unproven = exhaustive && !result.exhaustive && this.isNot !== true
  return { pass: result.propertyHolds && !unproven, message: () => describe(result) }
}

function isExploration(value: unknown): value is Exploration {
  return typeof value === 'object' && value !== null && 'propertyHolds' in value && 'exhaustive' in value
}

async function explore(options: unknown): Promise<Exploration> {
  const { exploreDpor } = await import('../index.js')
  return exploreDpor(options as Parameters<typeof exploreDpor>[0])
}

function describe({ propertyHolds, exhaustive, stoppedBy, numExplored, explanation }: Exploration): string {
  const count = `${numExplored} interleaving${numExplored === 1 ? '' : 's'}`
  if (!propertyHolds) return explanation ?? `The invariant fails (${count} explored).`
  if (exhaustive) return `The invariant holds in all of ${count}; an interleaving that breaks it was expected.`
  return `The invariant holds in ${count}, but the search was not exhaustive: it was stopped by ${stoppedBy}. Raise that limit, or pass { exhaustive: false } to accept this.`
}
