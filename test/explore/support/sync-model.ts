import { PERMITS, ROOM, type SyncOperation, valueAt } from './sync-program.js'

/** Where a task stands in its operation: waiting to be woken, or woken with a result. */
type Phase = { parked: true } | { result: string; retakes?: boolean } | null

interface State {
  at: number[]
  results: string[]
  phases: Phase[]
  x: number
  lock: number
  reentrant: { owner: number; count: number }
  permits: number
  flag: boolean
  /** Who waits, first come first: for the event, the condition, the barrier, the end of all items. */
  waiting: { e: number[]; c: number[]; b: number[]; j: number[] }
  broken: boolean
  items: number[]
  unfinished: number
}

const NOBODY = -1

/**
 * All ways in which a program can end, by trying every order of its operations on a model of a few lines: written from
 * what Python's documentation says of its primitives, and knowing nothing of how ours are made.
 */
export function possibleEndings(program: SyncOperation[][]): Set<string> {
  const seen = new Set<string>()
  const endings = new Set<string>()
  const visit = (state: State): void => {
    const name = JSON.stringify(state)
    if (seen.has(name)) return
    seen.add(name)
    const next = program.flatMap((operations, i) => steps(state, i, operations[state.at[i]]))
    for (const other of next) visit(other)
    if (next.length > 0) return
    const ended = program.every((operations, i) => state.at[i] === operations.length)
    endings.add(ended ? state.results.join() : 'deadlock')
  }
  visit({
    at: program.map(() => 0),
    results: program.map(() => ''),
    phases: program.map(() => null),
    x: 0,
    lock: NOBODY,
    reentrant: { owner: NOBODY, count: 0 },
    permits: PERMITS,
    flag: false,
    waiting: { e: [], c: [], b: [], j: [] },
    broken: false,
    items: [],
    unfinished: 0,
  })
  return endings
}

/** The states to which task `i` can go. */
function steps(state: State, i: number, operation: SyncOperation | undefined): State[] {
  if (operation === undefined) return []
  const next: State[] = []
  /** It does this, and its operation is over. */
  const over = (change: (s: State) => unknown): void => {
    const copy = structuredClone(state)
    const result = change(copy)
    if (typeof result === 'string') copy.results[i] += result
    copy.phases[i] = null
    copy.at[i]++
    next.push(copy)
  }
  const goOn = (change: (s: State) => void): void => {
    const copy = structuredClone(state)
    change(copy)
    next.push(copy)
  }
  const phase = state.phases[i]
  if (phase !== null && 'result' in phase) {
    if (!phase.retakes) over(() => phase.result)
    else if (state.lock === NOBODY)
      over(s => {
        s.lock = i
        return phase.result
      })
    return next
  }
  const wake = (s: State, list: number[], result: (place: number) => string, retakes = false): void =>
    list.forEach((task, place) => {
      s.phases[task] = { result: result(place), retakes }
    })
  const parkedIn = operation.on === 'e' || operation.on === 'c' || operation.on === 'b' ? operation.on : 'j'
  if (phase !== null) {
    if (operation.op === 'waitInTime' || operation.op === 'awaitInTime')
      goOn(s => {
        s.waiting[parkedIn] = s.waiting[parkedIn].filter(task => task !== i)
        s.phases[i] = { result: 'F', retakes: operation.op === 'awaitInTime' }
      })
    return next
  }
  const park = (s: State): void => {
    s.phases[i] = { parked: true }
    s.waiting[parkedIn].push(i)
  }
  const value = valueAt(i, state.at[i])
  const put = (s: State): void => {
    s.items.push(value)
    s.unfinished++
  }
  const { op, on } = operation
  const free =
    on === 'l' ? state.lock === NOBODY : on === 'm' ? state.permits > 0 : [NOBODY, i].includes(state.reentrant.owner)
  const take = (s: State): void => {
    if (on === 'l') s.lock = i
    else if (on === 'm') s.permits--
    else s.reentrant = { owner: i, count: s.reentrant.count + 1 }
  }
  switch (op) {
    case 'take':
      if (free) over(take)
      break
    case 'try':
    case 'takeInTime':
      if (free)
        over(s => {
          take(s)
          return 'T'
        })
      else over(() => 'F')
      break
    case 'give':
      over(s => {
        if (on === 'l') s.lock = NOBODY
        else if (on === 'm') s.permits++
        else if (--s.reentrant.count === 0) s.reentrant.owner = NOBODY
      })
      break
    case 'set':
      over(s => {
        s.flag = true
        wake(s, s.waiting.e.splice(0), () => 'T')
      })
      break
    case 'clear':
      over(s => {
        s.flag = false
      })
      break
    case 'isSet':
      over(s => (s.flag ? 'T' : 'F'))
      break
    case 'wait':
    case 'waitInTime':
      if (state.flag) over(() => 'T')
      else goOn(park)
      break
    case 'await':
    case 'awaitInTime':
      goOn(s => {
        s.lock = NOBODY
        park(s)
      })
      break
    case 'notify':
    case 'notifyAll':
      over(s => wake(s, s.waiting.c.splice(0, op === 'notify' ? 1 : s.waiting.c.length), () => 'T', true))
      break
    case 'pass':
      if (state.broken) over(() => 'B')
      else if (state.waiting.b.length === 1)
        over(s => {
          wake(s, s.waiting.b.splice(0), String)
          return '1'
        })
      else goOn(park)
      break
    case 'abort':
      over(s => {
        s.broken = true
        wake(s, s.waiting.b.splice(0), () => 'B')
      })
      break
    case 'put':
      if (state.items.length < ROOM) over(put)
      break
    case 'putNowait':
      if (state.items.length < ROOM) over(put)
      else over(() => 'F')
      break
    case 'get':
      if (state.items.length > 0) over(s => String(s.items.shift()))
      break
    case 'getInTime':
    case 'getNowait':
      over(s => (s.items.length > 0 ? String(s.items.shift()) : 'E'))
      break
    case 'join':
      if (state.unfinished === 0) over(() => undefined)
      else goOn(park)
      break
    case 'taskDone':
      if (state.unfinished === 0) over(() => 'R')
      else
        over(s => {
          if (--s.unfinished === 0) wake(s, s.waiting.j.splice(0), () => '')
        })
      break
    case 'read':
      over(s => String(s.x))
      break
    case 'write':
      over(s => {
        s.x = value
      })
  }
  return next
}
