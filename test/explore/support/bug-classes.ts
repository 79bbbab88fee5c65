import type { TaskFunction } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { range, repeated } from './memory.js'

/** A program with a known bug, or, without `kind`, without one. */
export interface KnownProgram<S = any> {
  name: string
  setup: () => S
  tasks?: TaskFunction<S>[]
  threads?: TaskFunction<S>[]
  invariant: (state: S) => boolean
  kind?: 'invariant' | 'deadlock' | 'error'
}

const program = <S>(known: KnownProgram<S>): KnownProgram => known

class BuggyCounter {
  value = 0
  increment(): void {
    const temp = this.value
    this.value = temp + 1
  }
}

class BuggyResourceManager {
  resource: string | null = null
  initialized = false
  usedBeforeInit = false
  initResource(): void {
    this.resource = 'ready'
    this.initialized = true
  }
  useResource(): void {
    if (!this.initialized) this.usedBeforeInit = true
  }
}

class BuggyBankWithDeadlock {
  a = 100
  b = 100
  readonly lockA = new Lock()
  readonly lockB = new Lock()
  transferAToB(amount: number): void {
    this.lockA.withLockSync(() => {
      this.lockB.withLockSync(() => {
        this.a -= amount
        this.b += amount
      })
    })
  }
  transferBToA(amount: number): void {
    this.lockB.withLockSync(() => {
      this.lockA.withLockSync(() => {
        this.b -= amount
        this.a += amount
      })
    })
  }
}

class AsyncBuggyCounter {
  value = 0
  async get(): Promise<number> {
    await null
    return this.value
  }
  async set(value: number): Promise<void> {
    await null
    this.value = value
  }
  async increment(): Promise<void> {
    const temp = await this.get()
    await this.set(temp + 1)
  }
}

class AsyncBuggyResourceManager {
  initialized = false
  usedBeforeInit = false
  async initResource(): Promise<void> {
    await null
    this.initialized = true
  }
  async useResource(): Promise<void> {
    await null
    if (!this.initialized) this.usedBeforeInit = true
  }
}

class AsyncBank {
  a = 100
  b = 100
  readonly lockA = new Lock()
  readonly lockB = new Lock()
  transferAToB = () => this.lockA.withLock(() => this.lockB.withLock(() => this.move(1)))
  transferBToA = () => this.lockB.withLock(() => this.lockA.withLock(() => this.move(-1)))
  private async move(amount: number): Promise<void> {
    this.a -= amount
    this.b += amount
  }
}

const increment = (s: { x: number }): void => {
  const temp = s.x
  s.x = temp + 1
}

const dining = (n: number): KnownProgram =>
  program({
    name: `${n} dining philosophers`,
    setup: () => range(n).map(() => new Lock()),
    threads: range(n).map(i => (forks: Lock[]) => {
      forks[i].acquireSync()
      forks[(i + 1) % n].acquireSync()
      forks[(i + 1) % n].release()
      forks[i].release()
    }),
    invariant: () => true,
    kind: 'deadlock',
  })

const asyncDining = (n: number): KnownProgram =>
  program({
    name: `${n} dining philosophers, async`,
    setup: () => range(n).map(() => new Lock()),
    tasks: range(n).map(i => async (forks: Lock[]) => {
      await forks[i].acquire()
      await forks[(i + 1) % n].acquire()
      forks[(i + 1) % n].release()
      forks[i].release()
    }),
    invariant: () => true,
    kind: 'deadlock',
  })

const writers = (n: number): KnownProgram =>
  program({
    name: `${n} writers`,
    setup: () => ({ x: 0 }),
    threads: range(n).map(i => (s: { x: number }) => {
      s.x = i + 1
    }),
    invariant: s => s.x === n,
    kind: 'invariant',
  })

/** The bug classes of the Python library's suite, its basic programs, and those that compare search orders. */
export const buggyPrograms: KnownProgram[] = [
  program({
    name: 'atomicity violation: BuggyCounter',
    setup: () => new BuggyCounter(),
    threads: [c => c.increment(), c => c.increment()],
    invariant: c => c.value === 2,
    kind: 'invariant',
  }),
  program({
    name: 'order violation: BuggyResourceManager',
    setup: () => new BuggyResourceManager(),
    threads: [m => m.initResource(), m => m.useResource()],
    invariant: m => !m.usedBeforeInit,
    kind: 'invariant',
  }),
  program({
    name: 'deadlock: BuggyBankWithDeadlock',
    setup: () => new BuggyBankWithDeadlock(),
    threads: [b => b.transferAToB(10), b => b.transferBToA(10)],
    invariant: b => b.a + b.b === 200,
    kind: 'deadlock',
  }),
  program({
    name: 'a race at suspension points: AsyncBuggyCounter',
    setup: () => new AsyncBuggyCounter(),
    tasks: [c => c.increment(), c => c.increment()],
    invariant: c => c.value === 2,
    kind: 'invariant',
  }),
  program({
    name: 'async order violation: AsyncBuggyResourceManager',
    setup: () => new AsyncBuggyResourceManager(),
    tasks: [m => m.initResource(), m => m.useResource()],
    invariant: m => !m.usedBeforeInit,
    kind: 'invariant',
  }),
  program({
    name: 'async deadlock',
    setup: () => new AsyncBank(),
    tasks: [b => b.transferAToB(), b => b.transferBToA()],
    invariant: b => b.a + b.b === 200,
    kind: 'deadlock',
  }),
  ...[3, 4].map(n =>
    program({
      name: `${n} threads count`,
      setup: () => ({ x: 0 }),
      threads: repeated(n, increment),
      invariant: s => s.x === n,
      kind: 'invariant',
    }),
  ),
  program({
    name: 'bank transfer',
    setup: () => ({ a: 100, b: 100 }),
    threads: repeated(2, (s: { a: number; b: number }) => {
      const a = s.a
      const b = s.b
      s.a = a - 10
      s.b = b + 10
    }),
    invariant: s => s.a + s.b === 200 && s.a === 80,
    kind: 'invariant',
  }),
  program({
    name: 'write order',
    setup: () => ({ x: 0 }),
    threads: [
      s => {
        s.x = 1
      },
      s => {
        s.x = 2
      },
    ],
    invariant: s => s.x !== 1,
    kind: 'invariant',
  }),
  program({
    name: 'augmented assignment',
    setup: () => ({ x: 0 }),
    threads: repeated(2, (s: { x: number }) => {
      s.x += 1
    }),
    invariant: s => s.x === 2,
    kind: 'invariant',
  }),
  program({
    name: 'three threads, two variables',
    setup: () => ({ x: 0, y: 0 }),
    threads: repeated(3, (s: { x: number; y: number }) => {
      s.x += 1
      s.y += 1
    }),
    invariant: s => s.x === 3 && s.y === 3,
    kind: 'invariant',
  }),
  program({
    // Beyond fair rounds of one turn each: the second task must make its fifth step between two steps of the first.
    name: 'a check that a late write invalidates',
    setup: () => ({ open: true, used: false, closing: 0 }),
    tasks: [
      async s => {
        const { open } = s
        await null
        if (open) s.used = s.open
        if (open && !s.open) throw new Error('used after it was closed')
      },
      async s => {
        for (let turn = 0; turn < 4; turn++) {
          s.closing++
          await null
        }
        s.open = false
      },
    ],
    invariant: () => true,
    kind: 'error',
  }),
  dining(3),
  dining(4),
  asyncDining(3),
  writers(3),
  writers(4),
]

const lockedIncrement = (s: { x: number; lock: Lock }): void => s.lock.withLockSync(() => increment(s))

function deferred(): { promise: Promise<void>; resolve?: () => void } {
  let resolve: (() => void) | undefined
  const promise = new Promise<void>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

/** Nothing is wrong with these. */
export const safePrograms: KnownProgram[] = [
  program({
    name: 'a counter under a lock',
    setup: () => ({ x: 0, lock: new Lock() }),
    threads: repeated(3, lockedIncrement),
    invariant: s => s.x === 3,
  }),
  program({
    name: 'an async counter under a lock that is held across an await',
    setup: () => ({ x: 0, lock: new Lock() }),
    tasks: repeated(3, (s: { x: number; lock: Lock }) =>
      s.lock.withLock(async () => {
        const before = s.x
        await null
        s.x = before + 1
      }),
    ),
    invariant: s => s.x === 3,
  }),
  program({
    name: 'an increment within one segment',
    setup: () => ({ x: 0 }),
    tasks: repeated(3, async (s: { x: number }) => {
      await null
      s.x += 1
    }),
    invariant: s => s.x === 3,
  }),
  program({
    name: 'two locks in one order, with an exception caught inside',
    setup: () => ({ x: 0, lock: new Lock(), other: new Lock() }),
    threads: repeated(2, (s: { x: number; lock: Lock; other: Lock }) => {
      s.lock.withLockSync(() => {
        try {
          s.other.withLockSync(() => {
            s.x++
            throw new Error('expected')
          })
        } catch {
          s.x++
        }
      })
    }),
    invariant: s => s.x === 4,
  }),
  program({
    name: 'an index of its own for each thread',
    setup: () => ({ results: [0, 0, 0] }),
    threads: range(3).map(i => (s: { results: number[] }) => {
      for (let turn = 0; turn < 3; turn++) s.results[i] += i
    }),
    invariant: s => s.results.join() === '0,3,6',
  }),
  program({
    name: 'a deferred promise hands over',
    setup: () => ({ data: 0, seen: -1, ready: deferred() }),
    tasks: [
      async s => {
        s.data = 42
        await null
        s.ready.resolve?.()
      },
      async s => {
        await s.ready.promise
        s.seen = s.data
      },
    ],
    invariant: s => s.seen === 42,
  }),
]
