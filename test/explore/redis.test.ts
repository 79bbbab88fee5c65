import { rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor, type TaskFunction } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { type RedisServer, startRedis } from '../support/redis-server.js'

let server: RedisServer
let redis: Redis
let node: ReturnType<typeof createClient>
const file = join(tmpdir(), `frontrun-redis-${process.pid}.json`)

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.port)
  node = createClient({ socket: { host: '127.0.0.1', port: server.port } })
  await node.connect()
}, 300_000)

afterAll(async () => {
  redis.disconnect()
  node.destroy()
  await server.stop()
  rmSync(file, { force: true })
})

interface Known {
  readonly name: string
  /** What is on the server at the start. */
  readonly start?: () => Promise<unknown>
  readonly task: TaskFunction<State> | readonly TaskFunction<State>[]
  /** What must hold; the state's log has what the tasks reported. */
  readonly holds: (state: State) => Promise<boolean>
  /** Executions of the whole search. */
  readonly traces: number
}

class State {
  readonly log: string[] = []
  readonly lock = new Lock()
}

const program = ({ start, task }: Known) => ({
  setup: async () => {
    await redis.flushall()
    await start?.()
    return new State()
  },
  tasks: typeof task === 'function' ? [task, task] : task,
})

/** Every trace is run, once: as many as running every schedule finds, if there are not too many of those. */
async function checkTraces(known: Known): Promise<void> {
  const invariant = () => true
  const all = await exploreDpor({ ...program(known), invariant, stopOnFirst: false, reproduceOnFailure: 0 })
  expect(all.exhaustive, all.notExhaustiveBecause).toBe(true)
  expect({ traces: all.numExplored, redundant: all.redundantRuns }).toEqual({ traces: known.traces, redundant: 0 })
  const bruteForce = await runEverySchedule(program(known), invariantless, MOST_SCHEDULES)
  expect(bruteForce?.endings.size ?? known.traces).toBe(known.traces)
}

const invariantless = (): string => ''
/** More than so many are not all run. */
const MOST_SCHEDULES = 300

const number = async (key: string): Promise<number> => Number(await redis.get(key))

const racy: Known[] = [
  {
    name: 'a counter',
    start: () => redis.set('counter', 0),
    task: async () => {
      const before = await number('counter')
      await redis.set('counter', before + 1)
    },
    holds: async () => (await number('counter')) === 2,
    traces: 4,
  },
  {
    name: 'a counter over node-redis',
    start: () => node.set('counter', '0'),
    task: async () => {
      const before = Number(await node.get('counter'))
      await node.set('counter', before + 1)
    },
    holds: async () => (await number('counter')) === 2,
    traces: 4,
  },
  {
    name: 'exists, then set',
    task: async state => {
      if (!(await redis.exists('config'))) {
        await redis.set('config', 'made')
        state.log.push('made')
      }
    },
    holds: async state => state.log.length === 1,
    traces: 6,
  },
  {
    name: 'the last item sold twice',
    start: () => redis.set('stock', 1),
    task: async state => {
      if ((await number('stock')) > 0) {
        await redis.decr('stock')
        state.log.push('sold')
      }
    },
    holds: async () => (await number('stock')) >= 0,
    traces: 6,
  },
  {
    name: 'a transfer between two accounts',
    start: () => redis.mset('a', 100, 'b', 0),
    task: async () => {
      const [a, b] = (await redis.mget('a', 'b')).map(Number)
      await redis.mset('a', a - 10, 'b', b + 10)
    },
    holds: async () => (await number('a')) === 80 && (await number('b')) === 20,
    traces: 4,
  },
  {
    name: 'a field of a hash read and written back',
    start: () => redis.hset('account', { balance: 0, owner: 'x' }),
    task: async () => {
      const before = Number(await redis.hget('account', 'balance'))
      await redis.hset('account', 'balance', before + 1)
    },
    holds: async () => (await redis.hget('account', 'balance')) === '2',
    traces: 4,
  },
  {
    name: 'length, then pop',
    start: () => redis.rpush('jobs', 'one'),
    task: async state => {
      if ((await redis.llen('jobs')) > 0) state.log.push(String(await redis.lpop('jobs')))
    },
    holds: async state => state.log.join() === 'one',
    traces: 6,
  },
  {
    name: 'membership, then add',
    task: async state => {
      if (!(await redis.sismember('members', 'me'))) {
        await redis.sadd('members', 'me')
        state.log.push('welcome')
      }
    },
    holds: async state => state.log.length === 1,
    traces: 6,
  },
  {
    name: 'a cache that two callers fill',
    task: async state => {
      const cached = await redis.get('page')
      if (cached === null) {
        state.log.push('rendered')
        await redis.set('page', '<html>', 'EX', 60)
      }
    },
    holds: async state => state.log.length === 1,
    traces: 6,
  },
  {
    name: 'a cache that two callers fill by pipelines',
    task: async state => {
      const [[, cached]] = (await redis.pipeline().get('page').get('etag').exec()) as [null, string | null][]
      if (cached === null) {
        state.log.push('rendered')
        await redis.pipeline().set('page', '<html>').set('etag', '1').exec()
      }
    },
    holds: async state => state.log.length === 1,
    traces: 6,
  },
  {
    name: 'a lock that expires while its holder works',
    task: async state => {
      if ((await redis.set('lock', 'held', 'EX', 60, 'NX')) !== 'OK') return
      state.log.push('in')
      // As if the time had passed.
      await redis.del('lock')
      state.log.push('out')
    },
    holds: async state => !/in,in/.test(state.log.join()),
    traces: 8,
  },
  {
    name: 'a rate limiter that counts, then adds',
    start: () => redis.set('requests', 1),
    task: async state => {
      const used = await number('requests')
      if (used >= 2) return
      state.log.push('allowed')
      await redis.set('requests', used + 1)
    },
    holds: async state => state.log.length === 1,
    traces: 6,
  },
  {
    name: 'a registration over Redis and a file',
    start: () => writeFile(file, '[]'),
    task: async () => {
      const id = await redis.incr('ids')
      const users: number[] = JSON.parse(await readFile(file, 'utf8'))
      await writeFile(file, JSON.stringify([...users, id]))
    },
    holds: async () => JSON.parse(await readFile(file, 'utf8')).length === 2,
    traces: 20,
  },
]

const safe: Known[] = [
  {
    name: 'INCR',
    task: async () => {
      await redis.incr('counter')
    },
    holds: async () => (await number('counter')) === 2,
    traces: 2,
  },
  {
    name: 'SETNX',
    task: async state => {
      if ((await redis.setnx('config', 'made')) === 1) state.log.push('made')
    },
    holds: async state => state.log.length === 1,
    traces: 2,
  },
  {
    name: 'HINCRBY',
    task: async () => {
      await redis.hincrby('account', 'balance', 1)
    },
    holds: async () => (await redis.hget('account', 'balance')) === '2',
    traces: 2,
  },
  {
    name: 'a script',
    task: async () => {
      await redis.eval("redis.call('set', KEYS[1], redis.call('get', KEYS[1]) + 1)", 1, 'counter')
    },
    start: () => redis.set('counter', 0),
    holds: async () => (await number('counter')) === 2,
    traces: 2,
  },
  {
    name: 'WATCH, and MULTI again until it is not disturbed',
    start: () => redis.set('counter', 0),
    task: [0, 1].map(() => async () => {
      const own = redis.duplicate({ lazyConnect: true })
      await own.connect()
      for (let done = false; !done; ) {
        await own.watch('counter')
        const before = Number(await own.get('counter'))
        done =
          (await own
            .multi()
            .set('counter', before + 1)
            .exec()) !== null
      }
      own.disconnect()
    }),
    holds: async () => (await number('counter')) === 2,
    traces: 6,
  },
  {
    name: 'keys of their own',
    task: ['a', 'b'].map(key => async () => {
      await redis.set(key, (await number(key)) + 1)
      await redis.expire(key, 60)
    }),
    holds: async () => (await number('a')) === 1 && (await number('b')) === 1,
    traces: 1,
  },
  {
    name: 'fields of their own',
    task: ['a', 'b'].map(field => async () => {
      const before = Number(await redis.hget('hash', field))
      await redis.hset('hash', field, before + 1)
    }),
    holds: async () => (await redis.hmget('hash', 'a', 'b')).join() === '1,1',
    traces: 1,
  },
  {
    name: 'many operations under one lock',
    start: () => redis.set('counter', 0),
    task: state =>
      state.lock.withLock(async () => {
        for (let turn = 0; turn < 3; turn++) await redis.set('counter', (await number('counter')) + 1)
        await redis.rpush('log', 'done')
      }),
    holds: async () => (await number('counter')) === 6,
    traces: 2,
  },
]

describe('races over Redis', () => {
  test.each(racy)('$name', async known => {
    const result = await exploreDpor({ ...program(known), invariant: known.holds })
    expect(result.failureKind).toBe('invariant')
    expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
    await checkTraces(known)
  })
})

describe('what holds over Redis', () => {
  test.each(safe)('$name', async known => {
    const result = await exploreDpor({ ...program(known), invariant: known.holds })
    expect(result.propertyHolds, result.explanation).toBe(true)
    await checkTraces(known)
  })
})
