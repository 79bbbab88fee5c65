/**
 * Heap in use after a collection, while one exploration goes on to its millionth execution. Run by main.ts in a process
 * of its own with --expose-gc; prints [executions, bytes] pairs as JSON.
 */
import { programs } from './programs.js'

const collect = globalThis.gc as () => void
const samples: [number, number][] = []
const limit = Number(process.argv[2])

await programs['writers(10)'](limit, executions => {
  const next = limit / 10 ** (2 - samples.length)
  if (executions < next || samples.length === 3) return
  collect()
  samples.push([executions, process.memoryUsage().heapUsed])
})
console.log(JSON.stringify(samples))
