import { AsyncLocalStorage } from 'node:async_hooks'

export interface NativeProgram<S> {
  setup(): S
  bodies: ((state: S) => unknown)[]
}

interface Timer {
  callback: () => unknown
  deadline: number
  sequence: number
}

/** The timers that one root task, and what it started, has set: they fire in the order of their deadlines. */
interface Family {
  now: number
  timers: Timer[]
}

/**
 * Runs a program natively, uninstrumented, on the real event loop, once for each way in which it can go there: which root
 * tasks begin in one macrotask, in which order those macrotasks and the timers come. `load` makes the program anew, with a
 * `setTimeout` that only collects callbacks. Returns how it ended each time; null if there are more ways than `most`.
 */
export async function nativeOutcomes<S>(
  load: (setTimeout: (callback: () => unknown, ms?: number) => void) => NativeProgram<S>,
  print: (state: S) => string,
  most: number,
): Promise<Set<string> | null> {
  const outcomes = new Set<string>()
  const path: { taken: number; of: number }[] = []
  for (let runs = 0; ; runs++) {
    if (runs === most) return null
    let depth = 0
    const choose = (of: number): number => {
      path[depth] ??= { taken: 0, of }
      if (path[depth].of !== of) throw new Error(`${of} ways to go on, earlier ${path[depth].of}`)
      return path[depth++].taken
    }
    outcomes.add(await runNatively(load, print, choose))
    while (path.length > 0 && path[path.length - 1].taken + 1 === path[path.length - 1].of) path.pop()
    if (path.length === 0) return outcomes
    path[path.length - 1].taken++
  }
}

/** One for all runs: Node hands each storage that there ever was on to every promise that is made. */
const family = new AsyncLocalStorage<Family>()

async function runNatively<S>(
  load: (setTimeout: (callback: () => unknown, ms?: number) => void) => NativeProgram<S>,
  print: (state: S) => string,
  choose: (of: number) => number,
): Promise<string> {
  let sequence = 0
  const families: Family[] = []
  const { setup, bodies } = load((callback, ms = 1) => {
    const own = family.getStore() as Family
    own.timers.push({ callback, deadline: own.now + ms, sequence: sequence++ })
    own.timers.sort((a, b) => a.deadline - b.deadline || a.sequence - b.sequence)
  })
  let failed = false
  let ended = 0
  const note = (): void => {
    failed = true
  }
  const others = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[]
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', note)
  process.on('rejectionHandled', ignore)
  try {
    const state = setup()
    const unstarted = bodies.map((_, index) => index)
    const goOn = (): boolean => {
      const starts = sequencesOf(unstarted)
      const due = families.filter(({ timers }) => timers.length > 0)
      if (starts.length + due.length === 0) return false
      const chosen = choose(starts.length + due.length)
      if (chosen >= starts.length) {
        const own = due[chosen - starts.length]
        const timer = own.timers.shift() as Timer
        own.now = timer.deadline
        family.run(own, timer.callback)
        return true
      }
      for (const index of starts[chosen]) {
        unstarted.splice(unstarted.indexOf(index), 1)
        const own: Family = { now: 0, timers: [] }
        families.push(own)
        const end = (): void => void ended++
        const result = family.run(own, () => bodies[index](state))
        Promise.resolve(result).then(end, note)
      }
      return true
    }
    while (await macrotask(goOn)) {}
    if (failed) return 'error'
    return ended < bodies.length ? 'deadlock' : print(state)
  } finally {
    process.off('unhandledRejection', note)
    process.off('rejectionHandled', ignore)
    for (const listener of others) process.on('unhandledRejection', listener)
  }
}

const ignore = (): void => {}

/** Runs it in a macrotask of its own: all microtasks of the one before are over. */
const macrotask = <T>(run: () => T): Promise<T> =>
  new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(run())
      } catch (error) {
        reject(error)
      }
    })
  })

/** All sequences of one or more of these, none twice. */
function sequencesOf(items: readonly number[]): number[][] {
  return items.flatMap(first => [
    [first],
    ...sequencesOf(items.filter(item => item !== first)).map(rest => [first, ...rest]),
  ])
}
