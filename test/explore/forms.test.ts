import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises'
import { exploreDpor } from 'frontrun'
import { describe, expect, test } from 'vitest'
import { __awaiter } from './support/awaiter.js'
import { countTraces } from './support/count.js'

class Counter {
  value = 0
  async incrementBy(amount: number): Promise<void> {
    const before = this.value
    await null
    this.value = before + amount
  }
}

type Form = (c: Counter) => unknown

async function increment(this: Counter): Promise<void> {
  const before = this.value
  await undefined
  this.value = before + 1
}

/** Read; suspend once; write: in every way in which JavaScript can be suspended. */
const forms: Record<string, Form> = {
  'async and await': async c => {
    const before = c.value
    await null
    c.value = before + 1
  },
  'an async method': c => c.incrementBy(1),
  'a .then chain': c =>
    Promise.resolve(c.value).then(before => {
      c.value = before + 1
    }),
  'a .then chain after new Promise': c =>
    new Promise<number>(resolve => resolve(c.value)).then(before => {
      c.value = before + 1
    }),
  '.finally': c => {
    const before = c.value
    return Promise.resolve().finally(() => {
      c.value = before + 1
    })
  },
  '.catch': c =>
    Promise.reject(c.value).catch(before => {
      c.value = before + 1
    }),
  'a callback of a timer': c => {
    const before = c.value
    return new Promise<void>(resolve => {
      setTimeout(() => {
        c.value = before + 1
        resolve()
      }, 10)
    })
  },
  'a callback of a timer that nobody waits for': c => {
    const before = c.value
    setTimeout(() => {
      c.value = before + 1
    }, 10)
  },
  'arguments of a timer': c => {
    setTimeout((before: number) => (c.value = before + 1), 10, c.value)
  },
  setImmediate: c => {
    const before = c.value
    setImmediate(() => {
      c.value = before + 1
    })
  },
  queueMicrotask: c => {
    const before = c.value
    queueMicrotask(() => {
      c.value = before + 1
    })
  },
  'process.nextTick': c => {
    process.nextTick((before: number) => {
      c.value = before + 1
    }, c.value)
  },
  'timers/promises': async c => {
    const before = c.value
    await sleep(5)
    c.value = before + 1
  },
  'setImmediate of timers/promises': async c => {
    c.value = (await immediate(c.value)) + 1
  },
  'a value of timers/promises': async c => {
    c.value = (await sleep(5, c.value)) + 1
  },
  'a promise around a timer': async c => {
    const before = c.value
    await new Promise(resolve => setTimeout(resolve, 5))
    c.value = before + 1
  },
  'a callback that the function calls last': c => {
    const load = (done: (value: number) => void) => {
      const { value } = c
      setTimeout(() => done(value), 1)
    }
    load(value => {
      c.value = value + 1
    })
  },
  'compiled to generators': c =>
    __awaiter(undefined, undefined, undefined, function* () {
      const before = c.value
      yield null
      c.value = before + 1
    }),
  '.call': c => increment.call(c),
  '.apply': c => increment.apply(c, []),
  '.bind': c => increment.bind(c)(),
  'Reflect.apply': c => Reflect.apply(increment, c, []),
  'a method taken off': c => {
    const { incrementBy } = c
    return incrementBy.call(c, 1)
  },
  'a thenable': async c => {
    const before = c.value
    // biome-ignore lint/suspicious/noThenProperty: that is the point
    await { then: (resolve: () => void) => resolve() }
    c.value = before + 1
  },
  'an async iterator by hand': async c => {
    const before = c.value
    const steps = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }) }
    for await (const _ of steps) throw new Error('nothing to iterate over')
    c.value = before + 1
  },
  'for await over one promise': async c => {
    const before = c.value
    for await (const amount of [Promise.resolve(1)]) c.value = before + amount
  },
}

describe('a lost update, found in whatever form it is written', () => {
  test.each(Object.entries(forms))('%s', async (_, form) => {
    const { explored, outcomes } = await countTraces({
      setup: () => new Counter(),
      tasks: [form, form],
      outcome: c => `value=${c.value}`,
    })
    expect({ explored, outcomes }).toEqual({ explored: 4, outcomes: { 'value=1': 2, 'value=2': 2 } })
  })

  const branches: Record<string, Form> = {
    'Promise.all of two calls': c => Promise.all([c.incrementBy(1), c.incrementBy(1)]),
    'Promise.allSettled': c => Promise.allSettled([c.incrementBy(1), c.incrementBy(1)]),
    'array.map of an async function': c => Promise.all([1, 1].map(async amount => c.incrementBy(amount))),
    'array.map of a method': c => Promise.all([1, 1].map(c.incrementBy, c)),
    'calls that are awaited later': async c => {
      const first = c.incrementBy(1)
      const second = c.incrementBy(1)
      await first
      await second
    },
    'calls that nobody awaits': c => {
      void c.incrementBy(1)
      void c.incrementBy(1)
    },
    'forEach with an async callback': c => {
      ;[1, 1].forEach(async amount => {
        await c.incrementBy(amount)
      })
    },
  }

  // The branches read one after the other in one step, so that one update is always lost.
  test.each(Object.entries(branches))('%s in one task', async (_, form) => {
    const { explored, outcomes } = await countTraces({
      setup: () => new Counter(),
      tasks: [form],
      outcome: c => `value=${c.value}`,
    })
    expect({ explored, outcomes }).toEqual({ explored: 2, outcomes: { 'value=1': 2 } })
  })
})

test("an exec of regular expressions that is the program's own is left to the program", async () => {
  const { exec } = RegExp.prototype
  let calls = 0
  try {
    const result = await exploreDpor({
      setup: () => {
        calls = 0
        RegExp.prototype.exec = function own(text) {
          calls++
          return exec.call(this, text)
        }
        return { found: 0 }
      },
      tasks: [
        async s => {
          const look = async (text: string) => /a/.test(text)
          if (await look('banana')) s.found++
        },
      ],
      invariant: s => s.found === 1 && calls === 1,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
  } finally {
    RegExp.prototype.exec = exec
  }
})
