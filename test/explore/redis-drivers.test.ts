import { exploreDpor, type InterleavingResult, type TaskFunction } from 'frontrun'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.js'

let server: RedisServer
let redis: Redis
let node: ReturnType<typeof createClient>

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
})

/** Explores everything, from an empty server; the outcomes as `print` tells them. */
async function outcomes<S>(
  setup: () => S | Promise<S>,
  tasks: readonly TaskFunction<S>[],
  print: (state: S) => string | Promise<string>,
): Promise<{ traces: number; outcomes: string[] }> {
  const seen = new Set<string>()
  const result = await exploreDpor({
    setup: async () => {
      await redis.flushall()
      return setup()
    },
    tasks,
    invariant: async state => {
      seen.add(await print(state))
    },
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
  expect(result.exhaustive, result.notExhaustiveBecause).toBe(true)
  return { traces: result.numExplored, outcomes: [...seen].sort() }
}

const twice = (task: () => Promise<unknown>) =>
  outcomes(
    () => redis.set('counter', 0),
    [task, task],
    async () => String(await redis.get('counter')),
  )

describe('what comes to the server in one piece is one step', () => {
  test.each([
    ['MULTI of ioredis', () => redis.multi().get('counter').incr('counter').exec()],
    ['a pipeline of ioredis', () => redis.pipeline().get('counter').incr('counter').exec()],
    ['MULTI of node-redis', () => node.multi().get('counter').incr('counter').exec()],
    ['a pipeline of node-redis', () => node.multi().get('counter').incr('counter').execAsPipeline()],
    ['a script of ioredis', () => redis.eval("return redis.call('incr', KEYS[1])", 1, 'counter')],
    ['a script of node-redis', () => node.eval("return redis.call('incr', KEYS[1])", { keys: ['counter'] })],
  ])('%s', async (_, task) => {
    expect(await twice(task)).toEqual({ traces: 2, outcomes: ['2'] })
  })

  test('MULTI sent command by command', async () => {
    const clients = [redis.duplicate(), redis.duplicate()]
    const tasks = clients.map(client => async () => {
      await client.multi({ pipeline: false })
      await client.incr('counter')
      await client.exec()
    })
    expect(
      await outcomes(
        () => redis.set('counter', 0),
        tasks,
        async () => String(await redis.get('counter')),
      ),
    ).toEqual({ traces: 2, outcomes: ['2'] })
    for (const client of clients) client.disconnect()
  })

  test('a function of the server', async () => {
    await redis.call(
      'FUNCTION',
      'LOAD',
      'REPLACE',
      "#!lua name=l\nredis.register_function('up', function(keys) return redis.call('incr', keys[1]) end)",
    )
    expect(await twice(() => redis.fcall('up', 1, 'counter'))).toEqual({ traces: 2, outcomes: ['2'] })
  })

  test('a command defined by a script', async () => {
    const client = redis.duplicate({ scripts: { up: { numberOfKeys: 1, lua: "return redis.call('incr', KEYS[1])" } } })
    const { up } = client as unknown as { up(key: string): Promise<number> }
    const { outcomes: seen } = await twice(() => up.call(client, 'counter'))
    expect(seen).toEqual(['2'])
    client.disconnect()
  })
})

test('the optimistic transaction of node-redis is tried again where it was disturbed', async () => {
  const clients = [node.duplicate(), node.duplicate()]
  await Promise.all(clients.map(client => client.connect()))
  let retries = 0
  const tasks = clients.map(client => async () => {
    for (;;) {
      await client.watch('counter')
      const before = Number(await client.get('counter'))
      try {
        await client
          .multi()
          .set('counter', before + 1)
          .exec()
        return
      } catch {
        retries++
      }
    }
  })
  const { outcomes: seen } = await outcomes(
    () => redis.set('counter', 0),
    tasks,
    async () => String(await redis.get('counter')),
  )
  expect(seen).toEqual(['2'])
  expect(retries).toBeGreaterThan(0)
  for (const client of clients) client.destroy()
})

describe('a command that the server keeps waiting', () => {
  const explore = (push: () => Promise<unknown>, pop: () => Promise<string>) =>
    outcomes(
      () => ({ got: '' }),
      [
        async state => {
          state.got = await pop()
        },
        push,
      ],
      state => state.got,
    )

  test('of ioredis: goes on once there is something', async () => {
    const consumer = redis.duplicate()
    const pop = async () => ((await consumer.blpop('jobs', 0)) as [string, string])[1]
    expect(await explore(() => redis.rpush('jobs', 'a'), pop)).toEqual({ traces: 2, outcomes: ['a'] })
    consumer.disconnect()
  })

  test('of node-redis: goes on once there is something', async () => {
    const consumer = node.duplicate()
    await consumer.connect()
    const pop = async () => (await consumer.blPop('jobs', 0))?.element ?? ''
    expect(await explore(() => node.rPush('jobs', 'a'), pop)).toEqual({ traces: 2, outcomes: ['a'] })
    consumer.destroy()
  })

  test('that nobody lets go on is a failure, and takes nothing from the next execution', async () => {
    const consumer = redis.duplicate()
    const run = (push: boolean): Promise<InterleavingResult> =>
      exploreDpor({
        setup: () => redis.del('jobs'),
        tasks: [
          async () => {
            await consumer.blpop('jobs', 0)
          },
          async () => {
            if (push) await redis.rpush('jobs', 'a')
          },
        ],
        invariant: () => true,
        deadlockTimeout: 200,
      })
    const stuck = await run(false)
    expect(stuck.failureKind).toBe('timeout')
    expect(stuck.explanation).toMatch(/redis BLPOP jobs 0 \(.*redis-drivers\.test\.ts:\d+\)/)
    expect(await run(true)).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 2 })
    consumer.disconnect()
  })
})

describe('messages of a channel', () => {
  interface Heard {
    heard: string[]
    seen: string
  }
  let state: Heard = { heard: [], seen: '' }
  const fresh = (): Heard => {
    state = { heard: [], seen: '' }
    return state
  }
  const look = async (s: Heard) => {
    s.seen = s.heard.join()
  }
  const print = ({ heard, seen }: Heard): string => `${heard}|${seen}`

  test('of two publishers come in every order, each by a task of its own (ioredis)', async () => {
    const subscriber = redis.duplicate()
    subscriber.on('message', (_, message) => state.heard.push(message))
    const setup = async (): Promise<Heard> => {
      await subscriber.subscribe('news')
      return fresh()
    }
    const publish = (message: string) => async () => {
      await redis.publish('news', message)
    }
    expect(await outcomes(setup, [publish('a'), publish('b'), look], print)).toEqual({
      traces: 6,
      outcomes: ['a,b|', 'a,b|a', 'a,b|a,b', 'b,a|', 'b,a|b', 'b,a|b,a'],
    })
    subscriber.disconnect()
  })

  test('of one publisher come in its order (node-redis)', async () => {
    const subscriber = node.duplicate()
    await subscriber.connect()
    const setup = async (): Promise<Heard> => {
      await subscriber.unsubscribe()
      await subscriber.subscribe('other news', message => state.heard.push(message))
      return fresh()
    }
    const publish = async () => {
      await node.publish('other news', 'x')
      await node.publish('other news', 'y')
    }
    expect(await outcomes(setup, [publish, look], print)).toEqual({
      traces: 3,
      outcomes: ['x,y|', 'x,y|x', 'x,y|x,y'],
    })
    subscriber.destroy()
  })
})

describe('a cluster', () => {
  let node0: RedisServer
  beforeAll(async () => {
    node0 = await startRedis(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'])
    const admin = new Redis(node0.port)
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    while (!String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    admin.disconnect()
  }, 300_000)
  afterAll(() => node0.stop())

  test('is seen through its nodes (ioredis)', async () => {
    const cluster = new Cluster([{ host: '127.0.0.1', port: node0.port }])
    await cluster.set('counter', 0)
    const add = async () => {
      const before = Number(await cluster.get('counter'))
      await cluster.set('counter', before + 1)
    }
    const result = await exploreDpor({
      setup: () => cluster.set('counter', 0),
      tasks: [add, add],
      invariant: async () => (await cluster.get('counter')) === '2',
      stopOnFirst: false,
    })
    expect(result.failureKind).toBe('invariant')
    expect(result.numExplored).toBe(4)
    cluster.disconnect()
  })

  test('is seen through its nodes (node-redis)', async () => {
    const cluster = createCluster({ rootNodes: [{ socket: { host: '127.0.0.1', port: node0.port } }] })
    await cluster.connect()
    const add = async () => {
      const before = Number(await cluster.get('counter'))
      await cluster.set('counter', String(before + 1))
    }
    const result = await exploreDpor({
      setup: () => cluster.set('counter', '0'),
      tasks: [add, add],
      invariant: async () => (await cluster.get('counter')) === '2',
      stopOnFirst: false,
    })
    expect(result.failureKind).toBe('invariant')
    expect(result.numExplored).toBe(4)
    cluster.destroy()
  })
})

test('detectRedis: false sees nothing of the keys', async () => {
  const add = async () => {
    const before = Number(await redis.get('counter'))
    await redis.set('counter', before + 1)
  }
  const result = await exploreDpor({
    setup: () => redis.set('counter', 0),
    tasks: [add, add],
    invariant: () => true,
    detectRedis: false,
    stopOnFirst: false,
  })
  expect(result.exhaustive).toBe(false)
})
