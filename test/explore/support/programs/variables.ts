import { fails, one, program } from './program.js'

let visits = 0

/** Variables of closures, and values that are read before a switch and used after it. */
export const variables = [
  program({
    name: 'a counter in a closure',
    setup: () => {
      let count = 0
      return {
        increment: () => {
          const before = count
          count = before + 1
        },
        incrementLater: async () => {
          const before = count
          await null
          count = before + 1
        },
        count: () => count,
      }
    },
    threads: counter => counter.increment(),
    tasks: counter => counter.incrementLater(),
    invariant: counter => counter.count() === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a compound assignment to a captured variable',
    setup: () => {
      let count = 0
      return {
        add: () => {
          count += 1
        },
        addLater: async () => {
          count += await one()
        },
        count: () => count,
      }
    },
    threads: counter => counter.add(),
    tasks: counter => counter.addLater(),
    invariant: counter => counter.count() === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'two inner functions over one outer variable',
    setup: () => {
      let total = 0
      const make = (amount: number) => {
        const read = () => total
        const store = (value: number) => {
          total = value
        }
        return {
          now: () => store(read() + amount),
          later: async () => {
            const before = read()
            await null
            store(before + amount)
          },
        }
      }
      return { small: make(1), large: make(10), total: () => total }
    },
    threads: [s => s.small.now(), s => s.large.now()],
    tasks: [s => s.small.later(), s => s.large.later()],
    invariant: s => s.total() === 11,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'an argument bound before it changes',
    setup: () => ({ base: 10, sum: 0 }),
    threads: [
      s => {
        const add = ((base: number, x: number) => base + x).bind(null, s.base)
        s.sum = add(5)
      },
      s => {
        s.base = 100
      },
    ],
    tasks: [
      async s => {
        const add = ((base: number, x: number) => base + x).bind(null, s.base)
        await null
        s.sum = add(5)
      },
      async s => {
        s.base = 100
      },
    ],
    invariant: s => s.sum === 105,
    expected: [fails(2, 1), fails(2, 1)],
  }),
  program({
    name: 'an assignment in a condition',
    setup: () => ({ value: 0, observed: -1 }),
    threads: [
      s => {
        let seen = -1
        // biome-ignore lint/suspicious/noAssignInExpressions: this is what is tried
        if ((seen = s.value) >= 0) s.observed = seen
      },
      s => {
        s.value = 42
      },
    ],
    tasks: [
      async s => {
        let seen = -1
        // biome-ignore lint/suspicious/noAssignInExpressions: this is what is tried
        if ((seen = s.value) >= 0) {
          await null
          s.observed = seen
        }
      },
      async s => {
        s.value = 42
      },
    ],
    invariant: s => s.observed === 42,
    expected: [fails(2, 1), fails(2, 1)],
  }),
  program({
    name: 'a ternary whose condition goes stale',
    setup: () => ({ flag: true, a: 10, b: 20, seen: 0 }),
    threads: [
      s => {
        s.seen = s.flag ? s.a : s.b
      },
      s => {
        s.flag = false
        s.a = 999
      },
    ],
    tasks: [
      async s => {
        s.seen = s.flag ? (await one()) * s.a : s.b
      },
      async s => {
        s.flag = false
        s.a = 999
      },
    ],
    invariant: s => s.seen === 10 || s.seen === 20,
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'a chained comparison that reads twice',
    setup: () => ({ x: 5, inside: false, after: 0 }),
    threads: [
      s => {
        s.inside = 0 < s.x && s.x < 10
      },
      s => {
        s.x = 15
      },
    ],
    tasks: [
      async s => {
        s.inside = 0 < s.x && (await one()) + 9 > s.x
      },
      async s => {
        s.x = 15
      },
    ],
    // Each of the serial orders finds 5 inside or 15 outside; a change in the middle tells nobody.
    invariant: s => s.inside,
    expected: [fails(3, 2), fails(3, 2)],
  }),
  program({
    name: 'a stale closure over a render',
    setup: () => ({ count: 0 }),
    threads: s => {
      const { count } = s
      const onClick = () => {
        s.count = count + 1
      }
      onClick()
    },
    tasks: async s => {
      const { count } = s
      const onClick = () => {
        s.count = count + 1
      }
      await null
      onClick()
    },
    invariant: s => s.count === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
  program({
    name: 'a template literal built across a write',
    setup: () => ({ first: 'a', second: 'a', text: '' }),
    threads: [
      s => {
        s.text = `${s.first}${s.second}`
      },
      s => {
        s.first = 'b'
        s.second = 'b'
      },
    ],
    tasks: [
      async s => {
        s.text = `${s.first}${'x'.repeat((await one()) - 1)}${s.second}`
      },
      async s => {
        s.first = 'b'
        s.second = 'b'
      },
    ],
    invariant: s => s.text === 'aa' || s.text === 'bb',
    expected: [fails(4, 2), fails(3, 2)],
  }),
  program({
    name: 'a variable of the module',
    setup: () => {
      visits = 0
      return { visits: () => visits }
    },
    threads: () => {
      visits++
    },
    tasks: async () => {
      visits += await one()
    },
    invariant: s => s.visits() === 2,
    expected: [fails(4, 2), fails(4, 2)],
  }),
]
