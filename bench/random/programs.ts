/** Programs of SCTBench (Thomson, Donaldson, Betts, PPoPP 2014) and of the literature, with their known bugs. */
import { acquire, type BenchProgram, read, release, type Thread, write } from './machine.js'

const repeat = (count: number, make: (index: number) => Thread): Thread[] =>
  Array.from({ length: count }, (_, i) => make(i))

/** Each takes the fork to the left, then the one to the right; the deadlock is the failure. */
export const philosophers = (count: number): BenchProgram => ({
  name: `philosophers(${count})`,
  start: () => ({
    threads: repeat(count, function* (i) {
      const [left, right] = [i, (i + 1) % count]
      yield acquire(left)
      yield acquire(right)
      yield release(right)
      yield release(left)
    }),
    failed: () => false,
  }),
})

/** The driver stops while a request that has begun is still to run. */
export const bluetooth: BenchProgram = {
  name: 'bluetooth',
  start: () => {
    const [STOPPING_FLAG, PENDING, STOPPING_EVENT, STOPPED] = [0, 1, 2, 3]
    let stoppingFlag = false
    let pending = 1
    let stoppingEvent = false
    let stopped = false
    let failed = false
    function* decrement(): Thread {
      yield write(PENDING)
      const left = --pending
      if (left > 0) return
      yield write(STOPPING_EVENT)
      stoppingEvent = true
    }
    function* add(): Thread {
      yield read(STOPPING_FLAG)
      if (!stoppingFlag) {
        yield write(PENDING)
        pending++
        yield read(STOPPED)
        failed ||= stopped
      }
      yield* decrement()
    }
    function* stop(): Thread {
      yield write(STOPPING_FLAG)
      stoppingFlag = true
      yield* decrement()
      yield read(STOPPING_EVENT)
      if (!stoppingEvent) return
      yield write(STOPPED)
      stopped = true
    }
    return { threads: [stop()], main: add(), failed: () => failed }
  },
}

/** `threads` − 1 threads set a, then b; one checks that it sees neither or both. */
export const reorder = (threads: number): BenchProgram => ({
  name: `reorder ${threads}`,
  start: () => {
    const [A, B] = [0, 1]
    let a = 0
    let b = 0
    let failed = false
    function* set(): Thread {
      yield write(A)
      a = 1
      yield write(B)
      b = -1
    }
    function* check(): Thread {
      yield read(A)
      if (a === 0) {
        yield read(B)
        if (b === 0) return
      }
      yield read(A)
      if (a === 1) {
        yield read(B)
        if (b === -1) return
      }
      failed = true
    }
    return { threads: [...repeat(threads - 1, set), check()], failed: () => failed }
  },
})

/** Writers set the first value, then the second from it, each under its lock; readers want them to fit. */
export const twostage = (writers: number, readers: number): BenchProgram => ({
  name: `twostage ${writers},${readers}`,
  start: () => {
    const [FIRST_LOCK, SECOND_LOCK, FIRST, SECOND] = [0, 1, 2, 3]
    let first = 0
    let second = 0
    let failed = false
    function* set(): Thread {
      yield acquire(FIRST_LOCK)
      yield write(FIRST)
      first = 1
      yield release(FIRST_LOCK)
      yield acquire(SECOND_LOCK)
      yield read(FIRST)
      const seen = first
      yield write(SECOND)
      second = seen + 1
      yield release(SECOND_LOCK)
    }
    function* look(): Thread {
      yield acquire(FIRST_LOCK)
      yield read(FIRST)
      if (first === 0) {
        yield release(FIRST_LOCK)
        return
      }
      yield read(FIRST)
      const seen = first
      yield release(FIRST_LOCK)
      yield acquire(SECOND_LOCK)
      yield read(SECOND)
      failed ||= second !== seen + 1
      yield release(SECOND_LOCK)
    }
    return { threads: [...repeat(writers, set), ...repeat(readers, look)], failed: () => failed }
  },
})
