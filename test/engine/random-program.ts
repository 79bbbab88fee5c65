import {
  acq,
  cancel,
  cas,
  down,
  join,
  loop,
  type Operation,
  type Program,
  r,
  rel,
  set,
  sleep,
  spawn,
  step,
  trylock,
  u,
  until,
  up,
  update,
  w,
  wake,
  when,
} from './program.js'

/** A small deterministic generator (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return below => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/**
 * A random program of 2–4 tasks with 1–4 operations each over 1–3 variables and up to two locks, with branches on what
 * was read, compare-exchanges, try-locks, started and joined tasks, timers, for `macro`, steps of several operations, and,
 * for `guards`, operations that wait for a condition.
 */
export function randomProgram(seed: number, macro: boolean, guards = false): Program {
  const below = randomNumbers(seed)
  const count = 2 + below(3)
  const budget = count === 2 ? 4 : count === 3 ? 3 : 2
  const variables = ['x', 'y', 'z'].slice(0, 1 + below(3))
  const locks = ['l', 'm'].slice(0, below(3))
  const variable = (): string => variables[below(variables.length)]
  const simple = (): Operation => {
    switch (below(7)) {
      case 0:
      case 1:
        return r(variable())
      case 2:
        return w(variable(), below(3))
      case 3: {
        const from = variable()
        return w(variable(), g => (g[from] ?? 0) + 1)
      }
      case 4:
        return u(variable())
      case 5:
        return !guards && below(2) ? update(variable()) : r(variable())
      default:
        return cas(variable(), below(2), 1 + below(2))
    }
  }
  const branch = (make: () => Operation): Operation => {
    const x = variable()
    const limit = below(2)
    return when(g => (g[x] ?? 0) > limit, [make()], below(2) ? [make()] : [])
  }
  const macroStep = (): Operation => {
    if (below(3) === 0) {
      const x = variable()
      const inner = (): Operation[] => (below(3) ? [withoutExchange(simple, variable)] : [])
      return step(
        r(x),
        when(g => g[x] === 0, inner(), inner()),
      )
    }
    const body = Array.from({ length: 1 + below(3) }, () =>
      below(3) ? withoutExchange(simple, variable) : branch(() => withoutExchange(simple, variable)),
    )
    return step(...body)
  }
  /**
   * Blocking reads, compare-and-sets that wait, and permits, on variables without commuting updates. Often nobody brings about what they wait
   * for.
   */
  const guarded = (): Operation[] => {
    const x = variable()
    const wanted = below(3)
    const kind = below(6)
    const first =
      kind < 2
        ? until(x, value => value === wanted)
        : kind === 2
          ? until(x, value => value !== wanted)
          : kind === 3
            ? until(
                x,
                value => value >= wanted,
                value => value - wanted,
              )
            : down('permits')
    const between = below(2) ? [simple()] : []
    if (kind < 4) return [macro && below(2) ? step(first, withoutExchange(simple, variable)) : first]
    if (macro && below(2)) return [step(first, withoutExchange(simple, variable)), ...between, step(up('permits'))]
    return [first, ...between, up('permits')]
  }
  const operation = (): Operation => {
    if (macro && below(2)) return macroStep()
    return below(5) === 0 ? branch(simple) : simple()
  }
  const locked = (): Operation[] => {
    const lock = locks[below(locks.length)]
    if (below(4) === 0)
      return [trylock(lock), when(g => g.locked === 1, [simple(), rel(lock)], below(2) ? [simple()] : [])]
    if (macro && below(2))
      return [step(acq(lock), withoutExchange(simple, variable)), step(withoutExchange(simple, variable), rel(lock))]
    if (macro && below(2)) return [step(acq(lock), withoutExchange(simple, variable), rel(lock))]
    if (below(4) === 0) {
      const other = locks[below(locks.length)]
      return other === lock ? [acq(lock), rel(lock)] : [acq(lock), acq(other), rel(other), rel(lock)]
    }
    if (below(8) === 0) return [acq(lock)]
    return [acq(lock), simple(), rel(lock)]
  }
  const tasks = Array.from({ length: count }, () => {
    const operations: Operation[] = []
    const target = 1 + Math.min(below(budget), below(budget))
    while (operations.length < target) {
      if (guards && below(2)) operations.push(...guarded())
      else if (locks.length && below(3) === 0) operations.push(...locked())
      else operations.push(operation())
    }
    return operations
  })
  const timers: number[] = []
  if (count > 2 && below(3) === 0) {
    const child = count - 1
    const parent = below(child)
    tasks[parent].splice(below(tasks[parent].length + 1), 0, spawn(child))
    if (below(3) === 0) {
      timers.push(child)
      // Threads know their next operation: firing is a step of its own.
      if (!macro) tasks[child].unshift(step())
      tasks[below(child)].push(cancel(child))
    } else if (below(2)) tasks[below(child)].push(join(child))
  } else if (below(6) === 0) {
    tasks[0].splice(below(tasks[0].length + 1), 0, sleep('q'))
    tasks[1].splice(below(tasks[1].length + 1), 0, wake('q'))
  } else if (below(5) === 0) {
    tasks[0].push(
      set('turns', 0),
      loop(g => g.turns < 2, [simple(), set('turns', g => g.turns + 1)]),
    )
  }
  return guards ? { tasks, timers, initial: { permits: 1 + below(2) } } : { tasks, timers }
}

/** The reversed footprint of an attempt inside a macro step isn't told to the strategies. */
function withoutExchange(make: () => Operation, variable: () => string): Operation {
  const operation = make()
  return operation.op === 'exchange' ? r(variable()) : operation
}
