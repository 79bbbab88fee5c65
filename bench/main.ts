/**
 * `npm run bench`: how fast frontrun is, beside others that run the same program in the same minutes on the same machine.
 * Contenders take turns; time is the processor's; a figure is the median over the rounds, a ratio the median of the ratios of each round.
 * `--quick`: shorter turns, and a tenth of the executions for the memory figures.
 */
import { execFile } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { count, megabytes, table, times } from './table.js'
import { type Contender, median, type Rate, race, ratio, Worker } from './workers.js'

const quick = process.argv.includes('--quick')
const rounds = quick ? 3 : 5
const turn = quick ? 100 : 200

const executionsOf = (rates: Rate[]): string => count(median(rates.map(rate => rate.executions)))
const stepsOf = (rates: Rate[]): string => count(median(rates.map(rate => rate.steps)))

const instrumented = await Worker.start('instrumented')
const plain = await Worker.start('plain')
const real = (name: string): Contender => ({ worker: instrumented, name })
const engine = (name: string): Contender => ({ worker: plain, name: `engine: ${name}` })

async function comparePrograms(): Promise<void> {
  const rows: string[][] = []
  for (const name of ['read-modify-write ×4', 'philosophers 4', 'lastzero(10)', 'readers(13)']) {
    const [code, search] = await race([real(name), engine(name)], rounds, turn)
    rows.push([name, executionsOf(code), stepsOf(code), executionsOf(search), stepsOf(search)])
  }
  const head = ['program', 'executions/s', 'steps/s', 'engine alone', 'its steps/s']
  console.log(table('Every trace of a program of threads, as instrumented code and by the engine alone', head, rows))
}

async function compareSchedulers(): Promise<void> {
  const rows: string[][] = []
  for (const increments of [1, 2, 4]) {
    const others = ['fast-check', 'hand-written'].map(other => ({ worker: plain, name: `${other}: ${increments}` }))
    const name = `two tasks, ${increments} increment${increments === 1 ? '' : 's'}`
    const [ours, fastCheck, handWritten] = await race([real(name), ...others], rounds, turn)
    const ratios = [times(ratio(ours, fastCheck)), times(ratio(ours, handWritten))]
    rows.push([name, ...[ours, fastCheck, handWritten].map(executionsOf), ...ratios])
  }
  const head = ['executions/s', 'frontrun', 'fast-check', 'hand-written', 'to fast-check', 'to hand-written']
  console.log(table('The same two-task program under random schedules of three schedulers', head, rows))
}

async function measureInactive(): Promise<void> {
  const rows: string[][] = []
  for (const workload of ['recursion', 'methods', 'closures', 'parser', 'promises']) {
    const name = `workload: ${workload}`
    const [native, ours] = await race([{ worker: plain, name }, real(name)], rounds, turn)
    rows.push([workload, ...[native, ours].map(executionsOf), times(ratio(native, ours))])
  }
  const head = ['runs/s', 'as written', 'instrumented', 'time']
  console.log(table('Instrumented code while no exploration is active', head, rows))
}

async function measureMemory(): Promise<void> {
  const file = fileURLToPath(new URL('./memory.ts', import.meta.url))
  const limit = quick ? 100_000 : 1_000_000
  const rows: string[][] = []
  for (const name of ['writers(10)', 'two tasks, 8 increments']) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file, name, String(limit)])
    const samples = JSON.parse(stdout) as [number, number][]
    for (const [executions, bytes] of samples)
      rows.push([name, count(executions), megabytes(bytes), times(bytes / samples[0][1])])
  }
  const head = ['program', 'executions', 'heap', 'to first']
  console.log(table('Heap in use in the course of one exploration', head, rows))
}

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}`)
await comparePrograms()
await compareSchedulers()
await measureInactive()
instrumented.stop()
plain.stop()
await measureMemory()
