/** What JavaScript and TypeScript have, in programs of their own: each does the same natively, with no exploration, and as the only task of one. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Form, logOf } from './run.js'

const folder = fileURLToPath(new URL('./fixtures/', import.meta.url))

describe.each(readdirSync(folder))('%s', name => {
  const source = readFileSync(`${folder}${name}`, 'utf8')

  test.each<Form>(['inactive', 'explored'])('%s', async form => {
    const native = await logOf(name, source, 'native')
    expect(native.length).toBeGreaterThan(1)
    expect(await logOf(name, source, form)).toEqual(native)
  })
})
