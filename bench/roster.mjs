/** Which contenders a worker process offers, by name. Each call does some work and says how much. */
import { workloads } from './workload.mjs'

const entries = (object, make) => Object.entries(object).map(([name, value]) => [name, make(value)])

const workloadEntries = entries(workloads, run => async () => {
  await run()
  return { executions: 1, steps: 0 }
}).map(([name, contender]) => [`workload: ${name}`, contender])

export async function contendersOf(kind) {
  const own = kind === 'instrumented' ? await instrumented() : await plain()
  return Object.fromEntries([...own, ...workloadEntries])
}

async function instrumented() {
  const { programs } = await import('./programs.ts')
  return entries(programs, program => () => program(20_000))
}

async function plain() {
  const { fastCheck, handWritten, RANDOM_RUNS } = await import('./contenders.mjs')
  const { enginePrograms, exploreEngine } = await import('./engine-programs.mjs')
  return [
    ...entries(enginePrograms, program => async () => exploreEngine(program, 200_000)).map(([name, contender]) => [
      `engine: ${name}`,
      contender,
    ]),
    ...[1, 2, 4].flatMap(times => [
      [`fast-check: ${times}`, () => fastCheck(times, RANDOM_RUNS)],
      [`hand-written: ${times}`, () => handWritten(times, RANDOM_RUNS)],
    ]),
  ]
}
