import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const fidelity = 'engine' as const
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'frontrun-engine-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('operations on files', () => {
  const increment = async (file: string): Promise<void> => {
    const n = Number(await readFile(file, 'utf8'))
    await writeFile(file, String(n + 1))
  }
  const setup = (): string => {
    const file = join(folder, 'counter')
    writeFileSync(file, '0')
    return file
  }

  test('end in any order: an update is lost between them', async () => {
    const result = await exploreDpor({
      fidelity,
      setup,
      tasks: [increment, increment],
      invariant: async file => (await readFile(file, 'utf8')) === '2',
    })
    expect(result.failureKind).toBe('invariant')
    expect(result.reproductionSuccesses).toBe(result.reproductionAttempts)
  })

  test('one after the other they hold', async () => {
    const result = await exploreDpor({
      fidelity,
      setup,
      tasks: [file => increment(file).then(() => increment(file))],
      invariant: async file => (await readFile(file, 'utf8')) === '2',
    })
    result.assertHolds({ exhaustive: true })
  })
})

test('requests to a server in the same process end in any order', async () => {
  const server = createServer((request, response) => response.end(request.url))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const get = (path: string) => async (log: string[]) => {
      const response = await fetch(`http://127.0.0.1:${port}/${path}`)
      log.push(await response.text())
    }
    const ends = new Set<string>()
    const result = await exploreDpor({
      fidelity,
      setup: (): string[] => [],
      tasks: [get('a'), get('b')],
      invariant: log => void ends.add(log.join()),
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect([...ends].sort()).toEqual(['/a,/b', '/b,/a'])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
