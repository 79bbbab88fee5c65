/**
 * The programs for the engine alone: threads are lists of instructions, an instruction is one access, and an interpreter
 * of a few lines runs them as the strategy says. What is measured is the search.
 */
import { OptimalDpor, STOP } from '../dist/engine/index.js'

const [READ, WRITE, ACQUIRE, RELEASE] = [0, 1, 3, 4]

/** `run` does the access and says which instruction comes next. `lock`: only possible while that location is free. */
const read = x => ({
  access: () => x * 8 + READ,
  run: (machine, thread) => {
    machine.registers[thread] = machine.memory[x]
    return 1
  },
})
const write = (x, value) => ({
  access: () => x * 8 + WRITE,
  run: (machine, thread) => {
    machine.memory[x] = value(machine.registers[thread])
    return 1
  },
})
const acquire = x => ({
  lock: x,
  access: () => x * 8 + ACQUIRE,
  run: machine => {
    machine.memory[x] = 1
    return 1
  },
})
const release = x => ({
  access: () => x * 8 + RELEASE,
  run: machine => {
    machine.memory[x] = 0
    return 1
  },
})
/** Reads the element that the register points to; stays here, one element further down, until it is zero. */
const searchDown = {
  access: (machine, thread) => machine.registers[thread] * 8 + READ,
  run: (machine, thread) => {
    if (machine.memory[machine.registers[thread]] === 0) return 1
    machine.registers[thread]--
    return 0
  },
}

const range = count => Array.from({ length: count }, (_, index) => index)
const plusOne = value => value + 1

const readModifyWrite = count => ({ threads: range(count).map(() => [read(0), write(0, plusOne)]) })
const philosophers = count => ({
  threads: range(count).map(seat => {
    const neighbour = (seat + 1) % count
    const [first, second] = [Math.min(seat, neighbour), Math.max(seat, neighbour)]
    return [acquire(first), acquire(second), release(second), release(first)]
  }),
})
const lastZero = count => ({
  threads: [[searchDown], ...range(count).map(index => [read(index), write(index + 1, plusOne)])],
  registers: [count],
})
const readers = count => ({ threads: [[write(0, () => 1)], ...range(count).map(() => [read(0)])] })
const writers = count => ({ threads: range(count).map(index => [write(0, () => index)]) })

const NOTHING = []

class Machine {
  constructor({ threads, registers = [] }) {
    this.threads = threads
    this.initial = threads.map((_, thread) => registers[thread] ?? 0)
    this.memory = new Array(32).fill(0)
    this.registers = new Array(threads.length).fill(0)
    this.at = new Array(threads.length).fill(0)
    this.enabled = []
    /** How each step accesses its location. */
    this.kinds = []
  }

  reset() {
    this.memory.fill(0)
    this.at.fill(0)
    for (let thread = 0; thread < this.threads.length; thread++) this.registers[thread] = this.initial[thread]
  }

  collectEnabled(last) {
    const { enabled } = this
    enabled.length = 0
    if (last >= 0 && this.isEnabled(last)) enabled.push(last)
    for (let thread = 0; thread < this.threads.length; thread++)
      if (thread !== last && this.isEnabled(thread)) enabled.push(thread)
    return enabled
  }

  isEnabled(thread) {
    const instruction = this.threads[thread][this.at[thread]]
    return instruction !== undefined && (instruction.lock === undefined || this.memory[instruction.lock] === 0)
  }

  pending() {
    const pending = []
    for (let task = 0; task < this.threads.length; task++) {
      const instruction = this.threads[task][this.at[task]]
      if (instruction === undefined) continue
      pending.push({
        task,
        accesses: [instruction.access(this, task)],
        causes: NOTHING,
        guard: this.guard(instruction),
      })
    }
    return pending
  }

  /** A lock is free before it is taken, and not before it is given back. */
  guard({ lock }) {
    return lock === undefined ? undefined : { location: lock, heldBefore: step => this.kinds[step] === ACQUIRE }
  }

  /** One execution; its number of steps. */
  run(strategy) {
    const accesses = [0]
    let steps = 0
    let last = -1
    this.reset()
    for (;;) {
      const enabled = this.collectEnabled(last)
      if (enabled.length === 0) break
      const thread = strategy.choose(enabled)
      if (thread === STOP) break
      const instruction = this.threads[thread][this.at[thread]]
      accesses[0] = instruction.access(this, thread)
      this.kinds[steps] = accesses[0] & 7
      this.at[thread] += instruction.run(this, thread)
      strategy.executed(thread, accesses, NOTHING, undefined, this.guard(instruction))
      steps++
      last = thread
    }
    strategy.end(this.pending(), true)
    return steps
  }
}

/** Explores a program once, or up to so many executions; `sample` sees how many there were so far. */
export function exploreEngine(program, maxExecutions = Number.POSITIVE_INFINITY, sample = undefined) {
  const machine = new Machine(program)
  const search = new OptimalDpor()
  let steps = 0
  while (search.executions < maxExecutions && search.begin()) {
    steps += machine.run(search)
    sample?.(search.executions)
  }
  return { executions: search.executions, steps }
}

export const enginePrograms = {
  'read-modify-write ×4': readModifyWrite(4),
  'philosophers 4': philosophers(4),
  'lastzero(10)': lastZero(10),
  'readers(13)': readers(13),
  'writers(10)': writers(10),
}
