/**
 * `npm run bench:native`: what the preload library costs a C program for each call of `pread` and `pwrite` of one byte,
 * the shortest there are. Figures are medians of rounds in turn, in nanoseconds of processor time.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { preloadEnvironment, preloadLibrary } from '../src/io/index.js'
import { table, times } from './table.js'
import { median } from './workers.js'

const ROUNDS = 7
const library = fileURLToPath(new URL(`../dist/native/linux-${process.arch}/libfrontrun_io.so`, import.meta.url))
const preload = (options = {}) => preloadEnvironment(options, { FRONTRUN_PRELOAD_LIB: library })
if (preloadLibrary({ FRONTRUN_PRELOAD_LIB: library }) === null)
  throw new Error('Build the library: npm run build:native')

const folder = mkdtempSync(join(tmpdir(), 'frontrun-bench-'))
try {
  const program = join(folder, 'native')
  execFileSync('cc', ['-O2', '-o', program, fileURLToPath(new URL('./native.c', import.meta.url))])
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  const pipe = openSync(fifo, 'r+')
  const ways: [string, NodeJS.ProcessEnv][] = [
    ['without the library', {}],
    ['loaded, nobody listens', preload()],
    ['told to a log', preload({ log: join(folder, 'log') })],
    ['told to a full pipe', preload({ fd: 3 })],
  ]
  const figures = ways.map(() => ({ pwrite: [] as number[], pread: [] as number[] }))
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, [, env]] of ways.entries()) {
      const stdio: ('ignore' | 'pipe' | 'inherit' | number)[] = ['ignore', 'pipe', 'inherit', pipe]
      const figure = JSON.parse(execFileSync(program, [join(folder, 'bytes')], { env, stdio }).toString())
      figures[at].pwrite.push(figure.pwrite)
      figures[at].pread.push(figure.pread)
    }
  const [plain] = figures.map(({ pwrite, pread }) => ({ pwrite: median(pwrite), pread: median(pread) }))
  const rows = ways.map(([name], at) => {
    const [write, read] = [median(figures[at].pwrite), median(figures[at].pread)]
    return [name, write.toFixed(0), times(write / plain.pwrite), read.toFixed(0), times(read / plain.pread)]
  })
  console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}`)
  console.log(table('One byte of a file, in C', ['ns per call', 'pwrite', '', 'pread', ''], rows))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
