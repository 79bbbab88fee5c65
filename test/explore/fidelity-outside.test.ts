import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instrument } from '../../dist/transform/index.js'

const fidelity = 'engine' as const
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'frontrun-engine-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('import() of a real module', () => {
  type Task = (log: string[]) => Promise<void>

  /** The exports of a CommonJS module that Node itself loads, and that imports `name`. */
  const load = (name: string): Record<'awaited' | 'later' | 'failing', Task> => {
    writeFileSync(join(folder, `${name}.mjs`), 'await null\nexport const late = "late"')
    const source = `
      exports.awaited = async log => { log.push((await import('./${name}.mjs')).late) }
      exports.later = async log => {
        const pending = import('./${name}.mjs').then(({ late }) => log.push(late + 'r'))
        log.push('now')
        await pending
      }
      exports.failing = async log => { try { await import('./none.mjs') } catch (error) { log.push(error.code) } }`
    const file = join(folder, `${name}.cjs`)
    writeFileSync(file, instrument(source, file, { format: 'commonjs' }).code)
    return createRequire(import.meta.url)(file)
  }

  test('the task goes on when the module is there', async () => {
    const { awaited } = load('alone')
    const invariant = (log: string[]): boolean => log.join() === 'late'
    const result = await exploreDpor({ fidelity, setup: (): string[] => [], tasks: [awaited], invariant })
    expect(result.propertyHolds, result.explanation).toBe(true)
  })

  test('others go on meanwhile', async () => {
    const { later, awaited, failing } = load('beside')
    const ends = new Set<string>()
    const invariant = (log: string[]): undefined => void ends.add(log.join())
    const tasks = [later, awaited, failing]
    const result = await exploreDpor({ fidelity, setup: (): string[] => [], tasks, invariant })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect([...ends].some(end => end.startsWith('now,late'))).toBe(true)
    for (const end of ends) expect(end.split(',').sort()).toEqual(['ERR_MODULE_NOT_FOUND', 'late', 'later', 'now'])
  })
})

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
