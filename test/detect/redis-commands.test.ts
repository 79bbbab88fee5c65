import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandInfo, namedKeys } from '../../src/detect/redis/key-specs.js'
import { type RedisServer, startRedis } from '../support/redis-server.js'

let server: RedisServer
let client: Redis

beforeAll(async () => {
  server = await startRedis()
  client = new Redis(server.port)
}, 300_000)

afterAll(async () => {
  await client.quit()
  await server.stop()
})

/** A command as the server's `COMMAND` describes it. */
interface Described {
  readonly name: string
  readonly arity: number
  readonly flags: readonly string[]
  readonly specs: readonly Record<string, unknown>[]
}

type Reply = [string, number, string[], number, number, number, string[], string[], Reply[][], Reply[]]

const record = (pairs: unknown): Record<string, unknown> => {
  const entries = pairs as unknown[]
  const found: Record<string, unknown> = {}
  for (let n = 0; n < entries.length; n += 2) {
    const value = entries[n + 1]
    found[String(entries[n])] =
      Array.isArray(value) && ['begin_search', 'find_keys', 'spec'].includes(String(entries[n])) ? record(value) : value
  }
  return found
}

function described([name, arity, flags, , , , , , specs, parts]: Reply): Described[] {
  return [{ name, arity, flags, specs: specs.map(record) }, ...(parts ?? []).flatMap(described)]
}

const all = async (): Promise<Described[]> => ((await client.call('COMMAND')) as Reply[]).flatMap(described)

/** Invocations long enough to have every key: words that stand for themselves, numbers of keys, keywords. */
function invocation({ name, arity, specs }: Described): string[] {
  const args = [...name.split('|'), ...Array.from({ length: 14 }, (_, n) => `a${n}`)]
  if (arity > 0) args.length = arity
  for (const { begin_search, find_keys } of specs as Record<string, Record<string, Record<string, unknown>>>[]) {
    const { type: how, spec: begin } = begin_search as never as { type: string; spec: Record<string, number | string> }
    const { type, spec: find } = find_keys as never as { type: string; spec: Record<string, number> }
    const from = Number(begin.startfrom)
    if (how === 'keyword' && from < 0) args[3] = ''
    if (how === 'keyword') args[from < 0 ? args.length + from - 2 : from + 1] = String(begin.keyword)
    if (how === 'index' && type === 'keynum') args[Number(begin.index) + Number(find.keynumidx)] = '3'
  }
  // XREAD and XREADGROUP: as many names as numbers behind STREAMS.
  const streams = args.indexOf('STREAMS')
  if (streams >= 0 && (args.length - streams) % 2 === 0) args.pop()
  return args
}

describe('the command table, against a real server', () => {
  test('knows every command', async () => {
    const unknown = (await all()).filter(({ name }) => commandInfo(name.split('|')) === undefined)
    expect(unknown.map(({ name }) => name)).toEqual([])
  })

  test('finds the keys where the server finds them, and takes no write for a read', async () => {
    const differences: string[] = []
    let compared = 0
    for (const command of await all()) {
      if (command.specs.every(spec => (spec.flags as string[]).includes('not_key'))) continue
      const args = invocation(command)
      const asServer = await client.call('COMMAND', 'GETKEYSANDFLAGS', ...args).catch((error: Error) => error)
      const ours = namedKeys(commandInfo(args) as never, args)
      if (asServer instanceof Error) {
        differences.push(`${args.join(' ')}: ${asServer.message}`)
        continue
      }
      compared++
      for (const [key, flags] of asServer as [string, string[]][]) {
        const same = ours.filter(found => found.key === key)
        const writes = flags.some(flag => ['RW', 'OW', 'RM'].includes(flag))
        if (same.length === 0) differences.push(`${args.join(' ')}: ${key} is not seen`)
        else if (writes && !same.some(found => found.writes)) differences.push(`${args.join(' ')}: ${key} is written`)
      }
      for (const { key } of ours)
        if (!(asServer as [string, string[]][]).some(([theirs]) => theirs === key))
          differences.push(`${args.join(' ')}: ${key} is no key`)
    }
    expect(differences).toEqual([])
    expect(compared).toBeGreaterThan(150)
  })

  test('takes no command that writes for one that only reads', async () => {
    const wrong = (await all()).filter(({ name, flags, specs }) => {
      const info = commandInfo(name.split('|'))
      const readsOnly = info?.wide === 'r' || (info?.specs.length !== 0 && info?.specs.every(spec => !spec.writes))
      return flags.includes('write') && specs.length > 0 && readsOnly
    })
    expect(wrong.map(({ name }) => name)).toEqual([])
  })
})
