/**
 * Heap in use after a collection, while one exploration goes on to its millionth execution. Run by main.ts in a process
 * of its own with --expose-gc; prints [executions, bytes] pairs as JSON.
 */
import { programs } from './programs.js'

const collect = globalThis.gc as () => void
const [, , name, limit] = process.argv
const wanted = [10_000, 100_000, 1_000_000].filter(executions => executions <= Number(limit))
const samples: [number, number][] = []

await programs[name](Number(limit), executions => {
  if (!(executions >= wanted[samples.length])) return
  collect()
  samples.push([executions, process.memoryUsage().heapUsed])
})
console.log(JSON.stringify(samples))
