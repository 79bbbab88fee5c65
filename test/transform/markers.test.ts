import { describe, expect, test } from 'vitest'
import { asyncPrograms, programs } from './programs.js'
import { type Form, runProgram } from './run-program.js'

const forms: Form[] = ['written', 'coroutine']
const MARKER = '/* frontrun: m */'

/** The program with a marker behind every nth bracket, semicolon, comma or colon. */
function marked(body: string, every: number, from: number): string {
  let count = from
  return body.replace(/[;{}(),:]/g, mark => (count++ % every === 0 ? `${mark}${MARKER}` : mark))
}

async function compare(body: string, main: string): Promise<number> {
  const native = await runProgram(body, 'native', { main })
  let compared = 0
  for (const [every, from] of [
    [1, 0],
    [3, 0],
    [3, 1],
    [3, 2],
  ]) {
    const text = marked(body, every, from)
    // Some marks are in strings and regular expressions.
    if ((await runProgram(text, 'native', { main })).log !== native.log) continue
    for (const form of forms) expect((await runProgram(text, form, { main })).log, `${form}: ${text}`).toBe(native.log)
    compared++
  }
  return compared
}

describe('markers anywhere change nothing', () => {
  test.each(Object.entries({ ...programs, ...asyncPrograms }))('%s', async (name, bodies) => {
    let compared = 0
    const word = name in asyncPrograms ? 'async ' : ''
    for (const body of bodies) compared += await compare(body, `module.exports=${word}function main(){`)
    expect(compared).toBeGreaterThan(bodies.length)
  })
})
