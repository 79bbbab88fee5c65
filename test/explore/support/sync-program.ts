import { randomNumbers } from './random-numbers.js'
import type { Unit } from './random-source.js'

/** One operation of a task or thread on one of the primitives `l` to `q`, or on the variable `x`. */
export type SyncOperation =
  | { op: 'take' | 'give' | 'try' | 'takeInTime'; on: 'l' | 'r' | 'm' }
  | { op: 'set' | 'clear' | 'isSet' | 'wait' | 'waitInTime'; on: 'e' }
  | { op: 'await' | 'awaitInTime' | 'notify' | 'notifyAll'; on: 'c' }
  | { op: 'pass' | 'abort'; on: 'b' }
  | { op: 'put' | 'get' | 'putNowait' | 'getNowait' | 'getInTime' | 'join' | 'taskDone'; on: 'q' }
  | { op: 'read' | 'write'; on: 'x' }

export const PERMITS = 2
export const ROOM = 1

/** Two or three tasks, each with a few operations: what is taken is given back, conditions are used under their lock. */
export function randomSyncProgram(seed: number): SyncOperation[][] {
  const below = randomNumbers(seed)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]
  const kinds = Array.from({ length: 1 + below(2) }, () =>
    pick(['l', 'r', 'm', 'e', 'e', 'c', 'c', 'b', 'q', 'q'] as const),
  )
  const count = below(3) === 0 ? 3 : 2
  const block = (): SyncOperation[] => {
    const on = pick(kinds)
    const inside: SyncOperation[] = below(2) ? [{ op: pick(['read', 'write'] as const), on: 'x' }] : []
    switch (on) {
      case 'l':
      case 'm':
        if (below(4) === 0) return [{ op: 'try', on }]
        if (below(4) === 0) return [{ op: 'takeInTime', on }]
        return [{ op: 'take', on }, ...inside, ...(below(6) ? [{ op: 'give', on } as const] : [])]
      case 'r':
        if (below(4) === 0) return [{ op: 'try', on }]
        return below(2)
          ? [{ op: 'take', on }, ...inside, { op: 'give', on }]
          : [{ op: 'take', on }, { op: 'take', on }, { op: 'give', on }, ...inside, { op: 'give', on }]
      case 'e':
        return [{ op: pick(['set', 'clear', 'wait', 'set', 'wait', 'isSet', 'waitInTime'] as const), on }]
      case 'c':
        return [
          { op: 'take', on: 'l' },
          ...(below(3) ? [] : inside),
          { op: pick(['await', 'await', 'notify', 'notify', 'notifyAll', 'awaitInTime'] as const), on },
          { op: 'give', on: 'l' },
        ]
      case 'b':
        return [...inside, { op: below(5) ? 'pass' : 'abort', on }]
      case 'q':
        return [
          {
            op: pick(['put', 'put', 'get', 'get', 'putNowait', 'getNowait', 'getInTime', 'join', 'taskDone'] as const),
            on,
          },
        ]
    }
  }
  return Array.from({ length: count }, () => {
    const operations = block()
    while (operations.length < (count === 3 ? 3 : 4) && below(4)) operations.push(...block())
    return operations
  })
}

const inTime = '{timeout:5}'

function text(operation: SyncOperation, isTask: boolean, value: number): string {
  const { op, on } = operation
  const waits = (name: string, args = ''): string =>
    isTask ? `await ${on}.${name}(${args})` : `${on}.${name}Sync(${args})`
  const caught = (call: string): string => `try{v+=${call}}catch(e){v+=e.name[0]}`
  switch (op) {
    case 'take':
      return `${waits('acquire')}`
    case 'takeInTime':
      return `v+=${waits('acquire', inTime)}?'T':'F'`
    case 'give':
      return `${on}.release()`
    case 'try':
      return `v+=${on}.tryAcquire()?'T':'F'`
    case 'set':
    case 'clear':
    case 'notify':
    case 'notifyAll':
    case 'abort':
      return `${on}.${op}()`
    case 'isSet':
      return `v+=${on}.isSet()?'T':'F'`
    case 'wait':
    case 'await':
      return `v+=${waits('wait')}?'T':'F'`
    case 'waitInTime':
    case 'awaitInTime':
      return `v+=${waits('wait', inTime)}?'T':'F'`
    case 'pass':
      return caught(waits('wait'))
    case 'put':
      return `${waits('put', String(value))}`
    case 'get':
      return `v+=${waits('get')}`
    case 'getInTime':
      return caught(waits('get', inTime))
    case 'putNowait':
      return `try{q.putNowait(${value})}catch(e){v+=e.name[0]}`
    case 'getNowait':
      return caught('q.getNowait()')
    case 'join':
      return `${waits('join')}`
    case 'taskDone':
      return `try{q.taskDone()}catch(e){v+=e.name[0]}`
    case 'read':
      return 'v+=x'
    case 'write':
      return `x=${value}`
  }
}

/** The number that the operation at this place puts or writes. */
export const valueAt = (task: number, at: number): number => task * 4 + at + 1

/** A CommonJS module in the form of `evaluate`. */
export function syncSource(program: SyncOperation[][], unit: Unit): string {
  const isTask = unit === 'tasks'
  const bodies = program.map((operations, i) => {
    const body = operations
      .map((operation, at) => text(operation, isTask, valueAt(i, at)))
      // Each operation is a step.
      .join(isTask ? ';await null;' : ';')
    return `${isTask ? 'async ' : ''}s=>{let v='';${body};s.r${i}=v}`
  })
  return [
    'let x=0;',
    `const l=new sync.Lock(),r=new sync.RLock(),m=new sync.BoundedSemaphore(${PERMITS}),e=new sync.Event();`,
    `const c=new sync.Condition(l),b=new sync.Barrier(2),q=new sync.Queue(${ROOM});`,
    `exports.setup=()=>{x=0;return {${program.map((_, i) => `r${i}:''`).join()}}};`,
    `exports.bodies=[${bodies.join(',\n')}];`,
    `exports.print=s=>[${program.map((_, i) => `s.r${i}`).join()}].join();`,
  ].join('\n')
}
