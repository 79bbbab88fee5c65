import { readFileSync } from 'node:fs'
import { eachMapping, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import { expect, test } from 'vitest'
import { instrument } from '../../src/transform/index.js'

const sample = `// a comment
import { load, save } from './io.js'
export let count = 0
export async function bump(account: Account, by = compute(1), { extra }: Options = {}) {
  const t = await load(account)
  account.balance = t + by // frontrun: write
  for (const [key, value] of Object.entries(extra)) count += value
  return save(account)
}
export class Account {
  balance = 0
  constructor(public owner: string) { this.balance = owner.length }
  deposit(n: number) {
    this.balance += n
    return () => this.balance
  }
}
`

const identifiers = /[A-Za-z_][\w]*/g

/** Every word of the output that is mapped must stand at the mapped place of the original. */
function wrongMappings(code: string, map: unknown, original: string): string[] {
  const trace = new TraceMap(map as never)
  const lines = original.split('\n')
  const wrong: string[] = []
  let mapped = 0
  for (const [line, text] of code.split('\n').entries())
    for (const match of text.matchAll(identifiers)) {
      const { line: at, column } = originalPositionFor(trace, { line: line + 1, column: match.index })
      if (at === null || column === null) continue
      const starts = lines[at - 1].slice(column)
      if (starts.startsWith(match[0])) mapped++
    }
  expect(mapped).toBeGreaterThan(0)
  for (const segment of segmentsOf(trace)) {
    const there = lines[segment.line - 1]?.slice(segment.column)
    const word = /^[A-Za-z_]\w*/.exec(code.split('\n')[segment.generatedLine - 1].slice(segment.generatedColumn))?.[0]
    if (word && there !== undefined && /^[A-Za-z_]/.test(there) && !there.startsWith(word))
      wrong.push(`${word} → ${there.slice(0, 20)}`)
  }
  return wrong
}

function segmentsOf(
  trace: TraceMap,
): { generatedLine: number; generatedColumn: number; line: number; column: number }[] {
  const found: ReturnType<typeof segmentsOf> = []
  eachMapping(trace, ({ generatedLine, generatedColumn, originalLine, originalColumn }) => {
    if (originalLine !== null)
      found.push({ generatedLine, generatedColumn, line: originalLine, column: originalColumn })
  })
  return found
}

test('identifiers map to themselves', () => {
  const { code, map } = instrument(sample, 'sample.ts')
  expect(wrongMappings(code, map, sample)).toEqual([])
})

test('written code keeps its line numbers', () => {
  const { code } = instrument(sample, 'sample.ts')
  const lines = code.split('\n')
  for (const [index, line] of sample.split('\n').entries())
    if (line.includes('this.balance +=') || line.includes('const t =')) expect(lines[index]).toContain(line.trim())
  expect(lines.length).toBe(sample.split('\n').length)
})

test('a map of the input leads further back', () => {
  const inputMap = {
    version: 3,
    names: [],
    sources: ['original.ts'],
    sourcesContent: ['\nconst a=1'],
    mappings: 'AACA',
  }
  const { map } = instrument('const a = 1\n', 'second.js', { inputMap: JSON.stringify(inputMap) })
  expect(map.sources).toEqual(['original.ts'])
  expect(map.sourcesContent).toEqual(['\nconst a=1'])
  const column = instrument('const a = 1\n', 'second.js').code.indexOf('const a = 1')
  expect(originalPositionFor(new TraceMap(map as never), { line: 1, column })).toMatchObject({ line: 2, column: 0 })
})

test('stripping types composes the maps', () => {
  const { code, map } = instrument(sample, 'sample.ts', { keepTypes: false })
  expect(code).not.toContain(': number')
  expect(code.match(/"\$fr";\s*\}/g)?.length).toBeGreaterThan(2)
  const line = code.split('\n').findIndex(each => each.startsWith('export class Account'))
  const found = originalPositionFor(new TraceMap(map as never), {
    line: line + 1,
    column: code.split('\n')[line].indexOf('Account'),
  })
  expect(found.line).toBe(10)
})

test('a real file maps', () => {
  const path = new URL('../../src/transform/scopes.ts', import.meta.url)
  const source = readFileSync(path, 'utf8')
  const { code, map } = instrument(source, 'scopes.ts')
  expect(wrongMappings(code, map, source)).toEqual([])
})
