/** In which order the alternatives of one state are taken. Every order reaches the same set of traces. */
export interface SearchOrder {
  readonly name: string
  /** Index of the alternative to take next among `count` pending ones (`count` ≥ 1), which are listed oldest first. */
  pick(count: number): number
}

export const SEARCH_ORDERS = ['dfs', 'bit-reversal', 'round-robin', 'stride', 'conflict-first'] as const

/**
 * Reads the `search` option. The seeded orders take a number after a colon, as in `'stride:7'` (default 0).
 *
 * - `dfs` takes the oldest alternative first; the only order for which Optimal-DPOR never needs a redundant run.
 * - `bit-reversal`, `round-robin` and `stride` spread over the alternatives, by the van der Corput sequence, a counter, and a fixed stride.
 * - `conflict-first` takes the alternative of the race that was found last.
 *
 * Throws a TypeError for anything else.
 */
export function searchOrder(search = 'dfs'): SearchOrder {
  const [name, seedText, ...rest] = search.split(':')
  const seed = seedText === undefined ? 0 : Number(seedText)
  const seeded = name === 'bit-reversal' || name === 'round-robin' || name === 'stride'
  const known = (SEARCH_ORDERS as readonly string[]).includes(name)
  if (!known || rest.length > 0 || (seedText !== undefined && (!seeded || !/^\d+$/.test(seedText)))) {
    throw new TypeError(
      `frontrun: unknown search '${search}'. Use one of ${SEARCH_ORDERS.map(order => `'${order}'`).join(', ')}; ` +
        `bit-reversal, round-robin and stride take a seed, as in 'stride:7'.`,
    )
  }
  let turn = seed
  switch (name) {
    case 'bit-reversal':
      return { name, pick: count => Math.floor((reverseBits(turn++) / 2 ** 32) * count) }
    case 'round-robin':
      return { name, pick: count => turn++ % count }
    case 'stride':
      return { name, pick: count => (turn++ * coprimeStride(count, seed)) % count }
    case 'conflict-first':
      return { name, pick: count => count - 1 }
    default:
      return { name, pick: () => 0 }
  }
}

/** As an unsigned 32-bit number. */
function reverseBits(value: number): number {
  let reversed = 0
  for (let i = 0; i < 32; i++) reversed = (reversed << 1) | ((value >>> i) & 1)
  return reversed >>> 0
}

/** About 0.618 of `count`, moved by the seed, and without a common divisor with it, so that every index has its turn. */
function coprimeStride(count: number, seed: number): number {
  let stride = Math.max(1, (Math.floor(count * 0.618) + seed) % count)
  while (greatestCommonDivisor(stride, count) !== 1) stride++
  return stride
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}
