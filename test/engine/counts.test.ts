import { describe, expect, test } from 'vitest'
import { OptimalDpor, SourceDpor } from '../../src/engine/index.js'
import { checkAgainstBruteForce, search } from './check.js'
import {
  asyncBank,
  boundedBuffer,
  cacheStampede,
  casw,
  fibBench,
  filesystem,
  indexer,
  lastzero,
  litmus,
  philosophers,
  readers,
  spawnJoin,
  ssbexp,
  times,
  tryLocks,
} from './examples.js'
import { acq, cas, type Program, step, u } from './program.js'

const repeated = (n: number, text: string): Program => litmus(Array.from({ length: n }, () => text).join(' | '))

describe('small programs: brute force finds the published number too', () => {
  test.each<[string, Program, number]>([
    ['LB', litmus('r:y w:x | r:x w:y'), 3],
    ['SB', litmus('w:x r:y | w:y r:x'), 3],
    ['MP', litmus('w:x w:y | r:y r:x'), 3],
    ['2+2W', litmus('w:x:1 w:y:2 | w:y:1 w:x:2'), 3],
    ['WRC', litmus('w:x | r:x w:y | r:y r:x'), 7],
    ['ISA2', litmus('w:a w:b | r:b w:c | r:c r:a'), 7],
    ['IRIW', litmus('w:x | r:x r:y | r:y r:x | w:y'), 15],
    ['IRIWish', litmus('w:x | r:x w:y | r:x r:y | r:y r:x'), 27],
    ['CoRR', litmus('w:x:1 w:x:2 | r:x r:x'), 6],
    ['CoRR2', litmus('w:x:1 | w:x:2 | r:x r:x | r:x r:x'), 72],
    ['a compare-exchange, and one with a read', litmus('c:x:0>42 | c:x:0>17 r:x'), 2],
    ['increments ×4', repeated(4, 'u:x'), 24],
    ['increments of two variables ×2', repeated(2, 'u:x u:y'), 4],
    ['increments of two variables ×3', repeated(3, 'u:x u:y'), 36],
    ['reads and writes ×3', repeated(3, 'r:x w:x'), 36],
    ['compare-exchanges ×5', { tasks: times(5, i => [cas('x', 0, i + 1)]) }, 5],
    ['casw(2)', casw(2), 6],
    ['casw(3)', casw(3), 66],
    ['casw(4)', casw(4), 1200],
    ['lastzero(4)', lastzero(4), 28],
    ['fib_bench(1)', fibBench(1), 11],
    ['try-lock ×2', tryLocks(2), 4],
    ['try-lock ×3', tryLocks(3), 21],
    ['philosophers(2), lowest fork first', philosophers(2, 'lowest'), 2],
    ['philosophers(3), lowest fork first', philosophers(3, 'lowest'), 6],
    ['philosophers(4), lowest fork first', philosophers(4, 'lowest'), 14],
    ['bounded buffer, 1 item', boundedBuffer(1), 2],
    ['bounded buffer, 2 items', boundedBuffer(2), 8],
    ['spawn 2, join all', spawnJoin(2), 2],
    ['spawn 3, join all', spawnJoin(3), 6],
    ['spawn 4, join all', spawnJoin(4), 24],
    ['the first of 2 resolves wins', { tasks: times(2, i => [cas('promise', 0, i + 1)]) }, 2],
    ['the first of 3 resolves wins', { tasks: times(3, i => [cas('promise', 0, i + 1)]) }, 3],
  ])('%s', (_, program, traces) => {
    expect(checkAgainstBruteForce(program, 'threads').search.executions).toBe(traces)
  })

  test.each([2, 3, 4])(
    'a lock that %i threads take and nobody releases: each may be the one, the others are stuck',
    n => {
      const { search } = checkAgainstBruteForce({ tasks: times(n, () => [acq('l')]) }, 'threads')
      expect([search.executions, search.deadlocks]).toEqual([n, n])
    },
  )

  test.each<[string, Program, number]>([
    ['cache stampede(2)', cacheStampede(2), 6],
    ['cache stampede(3)', cacheStampede(3), 63],
    ['check-then-act bank(2)', asyncBank(2), 4],
    ['check-then-act bank(3)', asyncBank(3), 21],
    ['appends ×3 in two segments', { tasks: times(3, () => [step(u('log')), step(u('log'))]) }, 90],
  ])('async %s', (_, program, traces) => {
    expect(checkAgainstBruteForce(program, 'tasks').search.executions).toBe(traces)
  })
})

describe('larger programs, without brute force', () => {
  test.each<[string, Program, number]>([
    ['readers(8)', readers(8), 256],
    ['readers(13)', readers(13), 8192],
    ['lastzero(5)', lastzero(5), 64],
    ['lastzero(10)', lastzero(10), 3328],
    ['fib_bench(2)', fibBench(2), 140],
    ['indexer(11)', indexer(11), 1],
    ['indexer(12)', indexer(12), 8],
    ['indexer(13)', indexer(13), 64],
    ['indexer(14)', indexer(14), 512],
    ['indexer(15)', indexer(15), 4096],
    ['filesystem(13)', filesystem(13), 1],
    ['filesystem(14)', filesystem(14), 2],
    ['filesystem(16)', filesystem(16), 8],
    ['filesystem(18)', filesystem(18), 32],
    ['filesystem(19)', filesystem(19), 64],
    ['increments of two variables ×4', repeated(4, 'u:x u:y'), 576],
    ['reads and writes ×4', repeated(4, 'r:x w:x'), 576],
  ])('%s', (_, program, traces) => {
    const found = search(program, new OptimalDpor())
    expect([found.executions, found.redundant]).toEqual([traces, 0])
  })

  test.each([
    [3, 6, 18],
    [6, 12, 372],
  ])('ssbexp(%i): %i traces; source sets need %i redundant runs, wakeup trees none', (k, traces, redundant) => {
    const optimal = search(ssbexp(k), new OptimalDpor())
    const source = search(ssbexp(k), new SourceDpor())
    expect([optimal.executions, optimal.redundant]).toEqual([traces, 0])
    expect([source.executions, source.redundant]).toEqual([traces, redundant])
  })
})
