import { describe, expect, test } from 'vitest'
import { countTraces } from './support/count.js'
import { Memory } from './support/memory.js'
import { taskPrograms } from './support/task-programs.js'
import { dialects } from './support/variables.js'

const words = (text: string): string[] => text.split(' ').filter(word => word !== '')

describe.each(Object.keys(dialects))('tasks over %s: as many executions as traces', dialect => {
  test.each(taskPrograms)('$name: $traces', async program => {
    const { variables, locks = '', initial = {}, tasks, traces, deadlocks = 0, outcomes } = program
    const [printed, expected] = outcomes ?? ['', { '': traces - deadlocks }]
    const counted = await countTraces({
      setup: () => {
        const memory = new Memory(dialects[dialect](), words(variables), words(locks))
        for (const [name, value] of Object.entries(initial)) memory.set(name, value)
        return memory
      },
      tasks,
      outcome: memory => memory.print(...words(printed)),
    })
    expect(counted).toEqual({ explored: traces, deadlocks, outcomes: expected, redundant: expect.any(Number) })
  })
})
