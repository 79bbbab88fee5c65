import { expect, test } from 'vitest'
import { exploreDpor } from 'frontrun'
import { runEverySchedule } from '../support/every-schedule.js'
import { clearNotes, note, readNotes } from '../support/notebook.js'
import { countTraces } from './support/count.js'

interface State {
  cells: Int32Array
}
type Body = (s: State) => unknown

const setup = (): State => {
  clearNotes()
  return { cells: new Int32Array(new SharedArrayBuffer(32)) }
}
const print = ({ cells }: State): string => `${cells.slice(0, 2).join()} ${readNotes()}`
const { wait, notify, store, load, add } = Atomics

async function compare(threads: Body[]): Promise<Record<string, number>> {
  const counted = await countTraces({ setup, threads, outcome: print })
  const all = await runEverySchedule({ setup, threads }, print, 20_000)
  if (all === null) throw new Error('too many schedules')
  const expected: Record<string, number> = {}
  let deadlocks = 0
  for (const ending of all.endings.values()) {
    if (ending.startsWith('deadlock')) deadlocks++
    else expected[ending] = (expected[ending] ?? 0) + 1
  }
  expect({ deadlocks: counted.deadlocks, outcomes: counted.outcomes, redundant: counted.redundant }).toEqual({ deadlocks, outcomes: expected, redundant: 0 })
  return { ...counted.outcomes, ...(deadlocks > 0 ? { deadlock: deadlocks } : {}) }
}

const waits = (thread: number, timeout?: number): Body => ({ cells }) => note(thread, wait(cells, 0, 0, timeout))

test('x', async () => {
  const wakes = (most?: number): Body => ({ cells }) => {
    store(cells, 0, 1)
    note(3, String(notify(cells, 0, most)))
  }
  console.log(await compare([waits(0), wakes()]))
  console.log(await compare([waits(0), ({ cells }) => note(3, String(notify(cells, 0)))]))
  console.log(await compare([waits(0), waits(1), wakes(1)]))
  console.log(await compare([waits(0, 10), wakes()]))
  console.log(await compare([waits(0, 10), waits(1, 5)]))
  console.log(await compare([waits(0, 0), wakes()]))
  const result = await exploreDpor({ setup, threads: [waits(0), ({ cells }) => notify(cells, 0)], invariant: () => true })
  console.log(result.explanation)
})
