import { mkdirSync, readFile, readFileSync, rmSync, writeFile, writeFileSync } from 'node:fs'
import { readFile as read, writeFile as write } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import { afterAll, describe, expect, test } from 'vitest'

const folder = join(tmpdir(), `frontrun-files-${process.pid}`)
const counter = join(folder, 'counter')
const reset = (): { done: number } => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(counter, '0')
  return { done: 0 }
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const total = (): number => Number(readFileSync(counter, 'utf8'))

describe('a counter in a file', () => {
  test('loses an update among threads', async () => {
    const add = (): void => {
      const value = Number(readFileSync(counter, 'utf8'))
      writeFileSync(counter, String(value + 1))
    }
    const result = await exploreDpor({
      setup: reset,
      threads: [add, add],
      invariant: () => total() === 2,
      stopOnFirst: false,
    })
    expect(result.explanation).toMatch(
      /Lost update: (threads|tasks) 0 and 1 both read \S+counter before either wrote it back/,
    )
    expect(result).toMatchObject({ numExplored: 4, redundantRuns: 0, exhaustive: true })
  })
  test('loses an update among tasks', async () => {
    const add = async (): Promise<void> => {
      const value = Number(await read(counter, 'utf8'))
      await write(counter, String(value + 1))
    }
    const result = await exploreDpor({
      setup: reset,
      tasks: [add, add],
      invariant: () => total() === 2,
      stopOnFirst: false,
    })
    expect(result.explanation).toMatch(
      /Lost update: (threads|tasks) 0 and 1 both read \S+counter before either wrote it back/,
    )
    expect(result).toMatchObject({ numExplored: 4, redundantRuns: 0, exhaustive: true })
  })
  test('loses an update among callbacks', async () => {
    const add = (): void => {
      readFile(counter, 'utf8', (_, text) => {
        writeFile(counter, String(Number(text) + 1), () => {})
      })
    }
    const result = await exploreDpor({
      setup: reset,
      tasks: [add, add],
      invariant: () => total() === 2,
      stopOnFirst: false,
    })
    expect(result.explanation).toMatch(
      /Lost update: (threads|tasks) 0 and 1 both read \S+counter before either wrote it back/,
    )
    expect(result).toMatchObject({ numExplored: 4, redundantRuns: 0, exhaustive: true })
  })
})
