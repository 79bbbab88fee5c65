import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'
import { Memory } from './support/memory.js'
import { threadPrograms } from './support/thread-programs.js'
import { dialects } from './support/variables.js'

const words = (text: string): string[] => text.split(' ').filter(word => word !== '')

describe.each(Object.keys(dialects))('threads over %s: as many executions as traces', dialect => {
  test.each(threadPrograms)(
    '$name: $traces',
    async ({ variables, locks = '', threads, traces, deadlocks, outcomes }) => {
      const [printed, expected] = outcomes ?? ['', traces === deadlocks ? {} : { '': traces - (deadlocks ?? 0) }]
      const counted = await countTraces({
        setup: () => new Memory(dialects[dialect](), words(variables), words(locks)),
        threads,
        outcome: memory => memory.print(...words(printed)),
      })
      // A call of an accessor is one step of several accesses: such steps are searched with source sets, not wakeup trees.
      const redundant = dialect === 'accessors' ? expect.any(Number) : 0
      expect(counted).toEqual({ explored: traces, deadlocks: deadlocks ?? 0, outcomes: expected, redundant })
    },
  )
})
