/**
 * Schedules that the random strategies need to the first failure: medians of 50 seeds, beside the figures that the design
 * took from the literature and its prototype. Run with `npm run bench:random`.
 */
import { randomSearch } from '../dist/engine/index.js'
import { type BenchProgram, run } from './random/machine.js'
import { bluetooth, philosophers, reorder, twostage } from './random/programs.js'

const SEEDS = Number(process.env.SEEDS ?? 50)
/** A seed that finds nothing in so many schedules counts as "never". */
const MOST = 3000

const STRATEGIES = ['random', 'walk', 'pct:3', 'pos', 'urw', 'surw', 'portfolio']
const NEVER = Number.POSITIVE_INFINITY

/** The published figures: walk, pct:3, pos, urw, surw. */
const PROGRAMS: [BenchProgram, number[]][] = [
  [philosophers(5), [36, 479, 35, 9, 682]],
  [bluetooth, [61, 27, 20, 77, 9]],
  [reorder(5), [194, 47, 33, 16, 7]],
  [reorder(10), [NEVER, 295, 2001, 113, 12]],
  [reorder(20), [NEVER, 1946, NEVER, 1563, 22]],
  [twostage(1, 1), [23, 9, 11, 34, 10]],
  [twostage(10, 10), [1761, 65, 44, 18, 7]],
]

function schedulesToFailure(program: BenchProgram, strategy: string, seed: number): number {
  const search = randomSearch(strategy, { seed, maxAttempts: MOST })
  while (search.begin()) if (run(program, search)) return search.attempts
  return NEVER
}

function median(program: BenchProgram, strategy: string): number {
  const results: number[] = []
  let never = 0
  for (let seed = 0; seed < SEEDS; seed++) {
    const schedules = schedulesToFailure(program, strategy, seed)
    results.push(schedules)
    // More than half never find it: so does the median.
    if (schedules === NEVER && ++never * 2 > SEEDS) return NEVER
  }
  results.sort((a, b) => a - b)
  return results[Math.floor(results.length / 2)]
}

const show = (schedules: number): string => (schedules === NEVER ? 'never' : String(schedules))
const row = (cells: string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(14))).join('')

console.log(`Schedules to the first failure, median of ${SEEDS} seeds (published); never: more than ${MOST}\n`)
console.log(row(['program', ...STRATEGIES]))
for (const [program, published] of PROGRAMS) {
  const cells = STRATEGIES.map((strategy, i) => {
    const reference = published[i - 1]
    return `${show(median(program, strategy))}${reference === undefined ? '' : ` (${show(reference)})`}`
  })
  console.log(row([program.name, ...cells]))
}
