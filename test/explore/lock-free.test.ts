import { exploreDpor } from 'frontrun'
import { describe, expect, test } from 'vitest'

const { load, store, add, sub, compareExchange } = Atomics

const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length))

describe('a ring buffer for one producer and one consumer', () => {
  type Wrong = 'announces before it writes' | 'frees before it reads' | 'takes one more' | undefined

  const explore = (wrong: Wrong, capacity: number, items: number) =>
    exploreDpor({
      setup: () => ({ counts: shared(2), items: shared(capacity), received: [] as number[] }),
      threads: [
        ({ counts, items: slots }) => {
          for (let item = 1; item <= items; item++) {
            const tail = load(counts, 1)
            if (tail - load(counts, 0) === capacity + (wrong === 'takes one more' ? 1 : 0)) return
            if (wrong === 'announces before it writes') {
              store(counts, 1, tail + 1)
              slots[tail % capacity] = item
            } else {
              slots[tail % capacity] = item
              store(counts, 1, tail + 1)
            }
          }
        },
        ({ counts, items: slots, received }) => {
          for (let i = 0; i < items; i++) {
            const head = load(counts, 0)
            if (load(counts, 1) === head) return
            if (wrong === 'frees before it reads') store(counts, 0, head + 1)
            received.push(slots[head % capacity])
            if (wrong !== 'frees before it reads') store(counts, 0, head + 1)
          }
        },
      ],
      invariant: ({ received }) => received.every((item, i) => item === i + 1),
      errorOnAnyRace: wrong === undefined,
    })

  test.each([
    [1, 1],
    [1, 2],
    [2, 3],
  ])('of capacity %i holds for %i items, without a data race', async (capacity, items) => {
    const result = await explore(undefined, capacity, items)
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })

  test.each<[NonNullable<Wrong>, number]>([
    ['announces before it writes', 1],
    ['frees before it reads', 2],
    ['takes one more', 2],
  ])('one that %s is found', async (wrong, items) => {
    const result = await explore(wrong, 1, items)
    expect(result).toMatchObject({ failureKind: 'invariant', reproductionSuccesses: 10 })
    expect(result.explanation).toMatch(/state\.(counts|items)\[\d\]/)
  })
})

describe('a seqlock', () => {
  type Wrong = 'looks once' | 'does not mind a write under way' | 'counts once' | undefined

  const explore = (wrong: Wrong) =>
    exploreDpor({
      setup: () => ({ cells: shared(3), seen: null as [number, number] | null }),
      threads: [
        ({ cells }) => {
          add(cells, 0, 1)
          store(cells, 1, 1)
          store(cells, 2, 1)
          if (wrong !== 'counts once') add(cells, 0, 1)
        },
        state => {
          const { cells } = state
          const before = load(cells, 0)
          if (before % 2 === 1 && wrong !== 'does not mind a write under way' && wrong !== 'counts once') return
          const pair: [number, number] = [load(cells, 1), load(cells, 2)]
          if (wrong === 'looks once' || load(cells, 0) === before) state.seen = pair
        },
      ],
      invariant: ({ seen }) => seen === null || seen[0] === seen[1],
    })

  test('never shows half of a write', async () => {
    const result = await explore(undefined)
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })

  test.each<[NonNullable<Wrong>]>([['looks once'], ['does not mind a write under way'], ['counts once']])(
    'one that %s is found',
    async wrong => {
      const result = await explore(wrong)
      expect(result).toMatchObject({ failureKind: 'invariant', reproductionSuccesses: 10 })
      expect(result.explanation).toMatch(/state\.cells\[\d\]/)
    },
  )
})

describe('locks that give up', () => {
  /** Peterson's lock, of threads that look twice at most and then go away. */
  const peterson = (announces: boolean) => {
    const enter = (own: 0 | 1) => (state: { cells: Int32Array; inside: number; most: number }) => {
      const { cells } = state
      const other = 1 - own
      const announce = (): void => void store(cells, own, 1)
      if (announces) announce()
      store(cells, 2, other)
      if (!announces) announce()
      for (let looks = 0; load(cells, other) === 1 && load(cells, 2) === other; looks++) {
        if (looks === 1) return store(cells, own, 0)
      }
      state.inside++
      state.most = Math.max(state.most, state.inside)
      state.inside--
      store(cells, own, 0)
    }
    return exploreDpor({
      setup: () => ({ cells: shared(3), inside: 0, most: 0 }),
      threads: [enter(0), enter(1)],
      invariant: state => state.most <= 1,
      errorOnAnyRace: announces,
    })
  }

  test("Peterson's lock excludes, and orders what is done under it", async () => {
    const result = await peterson(true)
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })

  test('it does not if the turn is given away before the interest is announced', async () => {
    expect(await peterson(false)).toMatchObject({ failureKind: 'invariant', reproductionSuccesses: 10 })
  })
})

describe('threads that spin', () => {
  const peterson = (gives: boolean) => {
    const enter = (own: 0 | 1) => (state: { cells: Int32Array; n: number }) => {
      const { cells } = state
      const other = 1 - own
      store(cells, own, 1)
      if (gives) store(cells, 2, other)
      while (load(cells, other) === 1 && load(cells, 2) === other);
      state.n++
      store(cells, own, 0)
    }
    return exploreDpor({
      setup: () => ({ cells: shared(3), n: 0 }),
      threads: [enter(0), enter(1)],
      invariant: state => state.n === 2,
      errorOnAnyRace: gives,
    })
  }

  test("Peterson's lock holds", async () => {
    const result = await peterson(true)
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })

  test('it does not if nobody gives the turn away', async () => {
    expect(await peterson(false)).toMatchObject({ failureKind: 'invariant', reproductionSuccesses: 10 })
  })

  test('a reader of a seqlock that tries until it succeeds', async () => {
    const result = await exploreDpor({
      setup: () => ({ cells: shared(3), x: 0, y: 0 }),
      threads: [
        ({ cells }) => {
          add(cells, 0, 1)
          store(cells, 1, 1)
          store(cells, 2, 1)
          add(cells, 0, 1)
        },
        state => {
          const { cells } = state
          for (;;) {
            const before = load(cells, 0)
            const x = load(cells, 1)
            const y = load(cells, 2)
            if (before % 2 === 1 || load(cells, 0) !== before) continue
            state.x = x
            state.y = y
            return
          }
        },
      ],
      invariant: ({ x, y }) => x === y,
    })
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })
})

describe('a lock on a futex, after Drepper, "Futexes Are Tricky"', () => {
  const explore = (wakes: boolean, threads: number) => {
    // 0: free, 1: taken, 2: taken, and somebody may wait.
    const enter = (state: { cells: Int32Array; n: number }): void => {
      const { cells } = state
      let found = compareExchange(cells, 0, 0, 1)
      while (found !== 0) {
        if (found === 2 || compareExchange(cells, 0, 1, 2) !== 0) Atomics.wait(cells, 0, 2)
        found = compareExchange(cells, 0, 0, 2)
      }
      state.n++
      if (sub(cells, 0, 1) !== 1) {
        store(cells, 0, 0)
        if (wakes) Atomics.notify(cells, 0, 1)
      }
    }
    return exploreDpor({
      setup: () => ({ cells: shared(1), n: 0 }),
      threads: Array.from({ length: threads }, () => enter),
      invariant: state => state.n === threads,
      errorOnAnyRace: true,
    })
  }

  test('counts right, without a race or a deadlock', async () => {
    const result = await explore(true, 2)
    expect(result.explanation).toBeUndefined()
    expect(result.exhaustive).toBe(true)
  })

  test('one that forgets to notify leaves a thread waiting for ever', async () => {
    const result = await explore(false, 2)
    expect(result.failureKind).toBe('deadlock')
    expect(result.explanation).toMatch('waits for Atomics.notify on state.cells[0]')
  })
})
