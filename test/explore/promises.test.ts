import * as async_hooks from 'node:async_hooks'
import { inspect } from 'node:util'
import * as vm from 'node:vm'
import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { instrument } from '../../dist/transform/index.js'
import { promisePrograms } from './support/promise-programs.js'

type Body = (log: (...values: unknown[]) => void) => Promise<void>

const node = { vm, async_hooks }

/** The program as an async function; each is evaluated anew, since programs change what they make. */
function evaluate(text: string, change: (source: string) => string): Body {
  const exports = {} as { load(modules: typeof node): Body }
  const source = `exports.load=node=>{const tick=async()=>{for(let i=0;i<20;i++)await null};return async log=>{${text}}}`
  new Function('exports', change(source))(exports)
  return exports.load(node)
}

const logger =
  (lines: string[]) =>
  (...values: unknown[]): void =>
    void lines.push(values.map(value => (typeof value === 'string' ? value : inspect(value))).join(' '))

async function natively(text: string): Promise<string> {
  const lines: string[] = []
  await evaluate(text, source => source)(logger(lines))
  return lines.join('\n')
}

async function explored(text: string, fidelity: 'any' | 'engine'): Promise<Set<string>> {
  const found = new Set<string>()
  const body = evaluate(text, source => instrument(source, 'promises.js', { format: 'commonjs' }).code)
  const result = await exploreDpor({
    fidelity,
    setup: () => [] as string[],
    tasks: [lines => body(logger(lines))],
    invariant: lines => void found.add(lines.join('\n')),
    maxExecutions: 200,
  })
  expect(result.explanation).toBe(undefined)
  return found
}

test.each(Object.entries(promisePrograms))('%s', async (_, { text, any }) => {
  const expected = await natively(text)
  expect([...(await explored(text, 'engine'))]).toEqual([expected])
  const found = await explored(text, 'any')
  if (!any) expect([...found]).toEqual([expected])
})
