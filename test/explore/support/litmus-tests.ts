import { type Body, type Memory, range, repeated } from './memory.js'

/** A program of threads: each access to a variable or a lock is a step of its own. */
export interface ThreadProgram {
  name: string
  variables: string
  locks?: string
  threads: Body[]
  traces: number
  deadlocks?: number
  /** Final values of the first variables → how many traces end so. */
  outcomes?: [variables: string, Record<string, number>]
}

/** `w:x:2 | r:x r:y`, as in the papers; a write without a value writes 1. */
export function litmus(name: string, text: string, traces: number, rest: Partial<ThreadProgram> = {}): ThreadProgram {
  const threads = text.split('|').map(thread => {
    const operations = thread
      .trim()
      .split(' ')
      .map(word => word.split(':'))
    return (m: Memory) => {
      for (const [kind, x, value] of operations) {
        if (kind === 'r') m.get(x)
        else m.set(x, value === undefined ? 1 : Number(value))
      }
    }
  })
  const variables = [...new Set([...text.matchAll(/[rw]:(\w+)/g)].map(match => match[1]))].join(' ')
  return { name, variables, threads, traces, ...rest }
}

export const readers = (n: number): ThreadProgram =>
  litmus(`1 writer, ${n} readers`, `w:x | ${repeated(n, 'r:x').join(' | ')}`, 2 ** n)

export const litmusTests: ThreadProgram[] = [
  ...[1, 2, 3, 4].map(readers),
  ...[1, 2, 3, 4].map(n =>
    litmus(
      `2 threads each write ${n} variables`,
      repeated(
        2,
        range(n)
          .map(i => `w:x${i}`)
          .join(' '),
      ).join(' | '),
      2 ** n,
    ),
  ),
  ...[2, 3, 4].map(n =>
    litmus(
      `${n} independent writers`,
      range(n)
        .map(i => `w:x${i}`)
        .join(' | '),
      1,
    ),
  ),
  litmus('2 independent pairs of writers', 'w:x:1 | w:x:2 | w:y:1 | w:y:2', 4),
  litmus('wX / wY / wX', 'w:x:1 | w:y | w:x:2', 2),
  litmus('wA wB / wB wA', 'w:a w:b | w:b w:a', 3),
  litmus('LB', 'r:y w:x | r:x w:y', 3),
  litmus('SB', 'w:x r:y | w:y r:x', 3),
  litmus('MP', 'w:d w:f | r:f r:d', 3),
  litmus('2+2W', 'w:x:1 w:y:2 | w:y:1 w:x:2', 3),
  litmus('WRC', 'w:x | r:x w:y | r:y r:x', 7),
  litmus('ISA2', 'w:a w:b | r:b w:c | r:c r:a', 7),
  litmus('IRIW', 'w:x | r:x r:y | r:y r:x | w:y', 15),
  litmus('IRIWish', 'w:x | r:x w:y | r:x r:y | r:y r:x', 27),
  litmus('CoRR', 'w:x:1 w:x:2 | r:x r:x', 6),
  litmus('CoRR2', 'w:x:1 | w:x:2 | r:x r:x | r:x r:x', 72),
  litmus('a semaphore of two permits, all operations dependent', 'w:s:1 w:s:2 | w:s:3 w:s:4', 6),
]
