import { exploreInterleavings } from 'frontrun'
import { type AsyncBody, type Body, Memory } from './memory.js'
import { dialects } from './variables.js'

const words = (text: string): string[] => text.split(' ').filter(word => word !== '')

export interface CountedProgram {
  variables: string
  locks?: string
  initial?: Record<string, number>
  threads?: Body[]
  tasks?: AsyncBody[]
  outcomes?: [variables: string, Record<string, number>]
}

/** The final states in which random schedules of a counted program end. */
export async function exploreRandomly(
  program: CountedProgram,
  options: { strategy: string; maxAttempts: number },
): Promise<string[]> {
  const { variables, locks = '', outcomes, initial = {}, threads, tasks } = program
  const result = await exploreInterleavings<Memory>({
    threads,
    tasks,
    ...options,
    setup: () => {
      const memory = new Memory(dialects.properties(), words(variables), words(locks))
      for (const [name, value] of Object.entries(initial)) memory.set(name, value)
      return memory
    },
    invariant: memory => {
      throw new Error(memory.print(...words(outcomes?.[0] ?? '')))
    },
    stopOnFirst: false,
    reproduceOnFailure: 0,
  })
  return [...new Set(result.failures.map(({ message }) => message))].sort()
}
