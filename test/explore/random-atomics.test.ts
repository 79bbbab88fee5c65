import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { evaluate } from './support/random-check.js'
import { randomNumbers } from './support/random-numbers.js'

/** More of them, or others, by hand: `FRONTRUN_SEED=5000 FRONTRUN_PROGRAMS=5000 npx vitest run test/explore/random-atomics`. */
const FIRST = Number(process.env.FRONTRUN_SEED ?? 1)
const PROGRAMS = Number(process.env.FRONTRUN_PROGRAMS ?? 80)
const MOST_SCHEDULES = 400

/** Two or three threads that work on two integers of shared memory, by Atomics, plainly, and on single bytes of them. */
function source(seed: number): string {
  const below = randomNumbers(seed)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]
  const cell = (): number => below(2)
  const small = (): string => pick(['0', '1', '1', '2', 'v', '256', '257'])
  const operation = (): string => {
    const [i, value] = [cell(), small()]
    return pick([
      () => `v=Atomics.load(c,${i});`,
      () => `Atomics.store(c,${i},${value});`,
      () => `v=Atomics.add(c,${i},1);`,
      () => `v=Atomics.exchange(c,${i},${value});`,
      () => `v=Atomics.compareExchange(c,${i},${small()},${value});`,
      () => `v=Atomics.compareExchange(c,${i},0,${value});`,
      () => `v=Atomics.compareExchange(b,${4 * i + below(2)},${below(2)},1);`,
      () => `Atomics.store(b,${4 * i + 1},1);`,
      () => `c[${i}]=${value};`,
      () => `v=c[${i}];`,
      () => `if(Atomics.wait(c,${i},${below(2)}${below(3) ? ',5' : ''})==='ok')v=2;`,
      () => `v=Atomics.notify(c,${i}${below(2) ? ',1' : ''});`,
    ])()
  }
  const threads = below(3) === 0 ? 3 : 2
  const bodies = Array.from({ length: threads }, () => {
    const count = 1 + below(threads === 2 ? 3 : 2)
    const operations = Array.from({ length: count }, operation)
    if (count > 1 && below(3) === 0) operations.splice(1, 0, `if(v===${below(2)})`)
    return `s=>{const{c,b}=s;let v=0;${operations.join('')}}`
  })
  return [
    'exports.setup=()=>{const m=new SharedArrayBuffer(8);return{c:new Int32Array(m),b:new Int8Array(m)}};',
    `exports.bodies=[${bodies.join(',\n')}];`,
    'exports.print=({c})=>c.join();',
  ].join('\n')
}

const tally = (endings: Iterable<string>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const ending of [...endings].sort()) counts[ending] = (counts[ending] ?? 0) + 1
  return counts
}

test('random programs over shared memory: executions = traces = brute force, none redundant', {
  timeout: 3_600_000,
}, async () => {
  let compared = 0
  for (let seed = FIRST; seed < FIRST + PROGRAMS; seed++) {
    const text = source(seed)
    const { setup, bodies, print } = evaluate(text, seed)
    const all = await runEverySchedule({ setup, threads: bodies }, print, MOST_SCHEDULES)
    if (all === null) continue
    compared++
    const result = await exploreDpor({
      setup,
      threads: bodies,
      stopOnFirst: false,
      reproduceOnFailure: 0,
      invariant: state => {
        throw new Error(print(state))
      },
    })
    const found = result.failures.map(({ kind, message }) => (kind === 'invariant' ? message : `${kind}: ${message}`))
    expect({ found: tally(found), redundant: result.redundantRuns }, `seed ${seed}\n${text}`).toEqual({
      found: tally(all.endings.values()),
      redundant: 0,
    })
  }
  expect(compared).toBeGreaterThan(PROGRAMS / 3)
})
