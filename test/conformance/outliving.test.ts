import { exploreDpor } from 'frontrun'
import { expect, test } from 'vitest'
import { compile } from './run.js'

const source = `
export const kept = []
export async function main() {
  kept.push(
    async items => { let text = ''; for await (const item of items) text += item; return text },
    ([a, ...b]) => { for (const c of b) a += c; return a },
    async resource => { await using held = resource; return held.name },
    resource => { using held = resource; throw new Error(held.name) },
  )
}`

/** They exist as coroutines only, and nothing drives these any more but a call. */
test('functions made in an exploration work after it', async () => {
  const code = compile('kept.mjs', source, 'explored')
  const { main, kept } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)
  await exploreDpor({ setup: () => ({}), tasks: [main], invariant: () => true })
  const [later, sync, disposing, throwing] = kept.slice(-4)
  const disposed: string[] = []
  const resource = (name: string) => ({
    name,
    [Symbol.dispose]: () => disposed.push(name),
    [Symbol.asyncDispose]: async () => disposed.push(`${name} later`),
  })
  expect(await later(['a', Promise.resolve('b')])).toBe('ab')
  expect(sync(new Set([1, 2, 3]))).toBe(6)
  expect(await disposing(resource('held'))).toBe('held')
  expect(() => throwing(resource('thrown'))).toThrow('thrown')
  expect(disposed).toEqual(['held later', 'thrown'])
  await expect(later([Promise.reject(new Error('rejected'))])).rejects.toThrow('rejected')
})
