import { Lock } from 'frontrun/sync'
import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'
import { range, repeated } from './support/memory.js'

type Thread<S> = (state: S) => void

function withLock(lock: Lock, body: () => void): void {
  lock.acquireSync()
  body()
  lock.release()
}

/** POPL 2005 (Flanagan, Godefroid), with the constants of Nidhugg's version. */
function indexer(threads: number) {
  const size = 128
  return {
    setup: () => ({ table: repeated(size, 0), locks: range(size).map(() => new Lock()) }),
    threads: range(threads).map(id => (s: { table: number[]; locks: Lock[] }) => {
      for (let m = 1; m <= 4; m++) {
        const message = m * 11 + id
        let hash = (message * 7) % size
        for (let stored = false; !stored; hash = (hash + 1) % size) {
          withLock(s.locks[hash], () => {
            if (s.table[hash] !== 0) return
            s.table[hash] = message
            stored = true
          })
        }
      }
    }),
  }
}

/** POPL 2005, with 32 inodes and 26 blocks. */
function filesystem(threads: number) {
  const [inodes, blocks] = [32, 26]
  const setup = () => ({
    inode: repeated(inodes, 0),
    busy: repeated(blocks, 0),
    inodeLocks: range(inodes).map(() => new Lock()),
    blockLocks: range(blocks).map(() => new Lock()),
  })
  return {
    setup,
    threads: range(threads).map(id => (s: ReturnType<typeof setup>) => {
      const inode = id % inodes
      withLock(s.inodeLocks[inode], () => {
        if (s.inode[inode] !== 0) return
        let block = (inode * 2) % blocks
        for (let found = false; !found; block = (block + 1) % blocks) {
          withLock(s.blockLocks[block], () => {
            if (s.busy[block] !== 0) return
            s.busy[block] = 1
            s.inode[inode] = block + 1
            found = true
          })
        }
      })
    }),
  }
}

/** SV-COMP; the third thread is the main one, which looks at both. */
function fibBench(turns: number) {
  const threads: Thread<{ i: number; j: number }>[] = [
    s => {
      for (let turn = 0; turn < turns; turn++) s.i = s.i + s.j
    },
    s => {
      for (let turn = 0; turn < turns; turn++) s.j = s.j + s.i
    },
    s => s.i + s.j,
  ]
  return { setup: () => ({ i: 1, j: 1 }), threads }
}

/** Nguyen et al., CAV 2018: an index decides which lock the last thread takes. */
function ssbexp(k: number) {
  const setup = () => ({ i: 0, indexLock: new Lock(), locks: range(k).map(() => new Lock()) })
  type State = ReturnType<typeof setup>
  const touch = (lock: Lock) => withLock(lock, () => {})
  const threads: Thread<State>[] = [
    ...range(k).map(x => (s: State) => touch(s.locks[x])),
    s => {
      for (let x = 1; x < k; x++) {
        withLock(s.indexLock, () => {
          s.i = x
        })
      }
    },
    s => {
      let index = 0
      withLock(s.indexLock, () => {
        index = s.i
      })
      touch(s.locks[index])
    },
  ]
  return { setup, threads }
}

function readers(n: number) {
  const threads: Thread<{ x: number }>[] = [
    s => {
      s.x = 1
    },
    ...repeated(n, (s: { x: number }) => s.x),
  ]
  return { setup: () => ({ x: 0 }), threads }
}

/** JACM 2017: each writer copies its left neighbour plus one; the reader looks for the last zero. */
function lastzero(n: number) {
  const threads: Thread<number[]>[] = [
    a => {
      for (let i = n; a[i] !== 0; i--);
    },
    ...range(n).map(i => (a: number[]) => {
      a[i + 1] = a[i] + 1
    }),
  ]
  return { setup: () => repeated(n + 1, 0), threads }
}

function tryLocks(n: number) {
  const thread = (s: { x: number; lock: Lock }) => {
    if (!s.lock.tryAcquire()) return
    s.x++
    s.lock.release()
  }
  return { setup: () => ({ x: 0, lock: new Lock() }), threads: repeated(n, thread) }
}

describe('as many executions as the literature has traces', () => {
  const programs: [string, { setup(): any; threads: Thread<any>[] }, number][] = [
    ['readers(2)', readers(2), 4],
    ['readers(8)', readers(8), 256],
    ['readers(13)', readers(13), 8192],
    ['lastzero(5)', lastzero(5), 64],
    ['lastzero(10)', lastzero(10), 3328],
    ['indexer(11)', indexer(11), 1],
    ['indexer(12)', indexer(12), 8],
    ['indexer(13)', indexer(13), 64],
    ['indexer(14)', indexer(14), 512],
    ['filesystem(13)', filesystem(13), 1],
    ['filesystem(14)', filesystem(14), 2],
    ['filesystem(16)', filesystem(16), 8],
    ['filesystem(18)', filesystem(18), 32],
    ['filesystem(19)', filesystem(19), 64],
    ['fib_bench(1)', fibBench(1), 11],
    ['fib_bench(2)', fibBench(2), 140],
    ['ssbexp(3)', ssbexp(3), 6],
    ['ssbexp(6)', ssbexp(6), 12],
    ['try-lock ×2', tryLocks(2), 4],
    ['try-lock ×3', tryLocks(3), 21],
    ['read, then write ×4', { setup: () => ({ x: 0 }), threads: repeated(4, (s: { x: number }) => s.x++) }, 576],
  ]
  test.each(programs)('%s', async (_, program, traces) => {
    const { explored, deadlocks, redundant } = await countTraces(program)
    expect({ explored, deadlocks, redundant }).toEqual({ explored: traces, deadlocks: 0, redundant: 0 })
  })
})
