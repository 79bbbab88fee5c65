import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { exploreDpor, type InterleavingResult } from 'frontrun'
import { Redis, type RedisOptions } from 'ioredis'
import { createClient } from 'redis'
import { afterEach, describe, expect, test } from 'vitest'
import { startRedis } from '../support/redis-server.js'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A server that answers nothing, or always the same. */
async function oddServer(answer: string | null): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', () => {
      if (answer !== null) socket.write(answer)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function ioredis(port: number, options: RedisOptions = {}): Redis {
  const client = new Redis(port, { retryStrategy: () => null, enableReadyCheck: false, ...options })
  client.on('error', () => {})
  cleanups.push(() => client.disconnect())
  return client
}

const explore = (task: () => Promise<unknown>): Promise<InterleavingResult> =>
  exploreDpor({ setup: () => ({}), tasks: [task, task], invariant: () => true, deadlockTimeout: 300 })

/** After whatever went wrong, the next exploration of the process is as it should be. */
async function checkNextExploration(): Promise<void> {
  const next = await exploreDpor({
    setup: () => ({ x: 0 }),
    tasks: [0, 1].map(() => async (s: { x: number }) => {
      const before = s.x
      await null
      s.x = before + 1
    }),
    invariant: s => s.x > 0,
  })
  expect(next).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 4 })
}

describe('a reply that never comes is a failure that names the operation and its line', () => {
  test('of ioredis', async () => {
    const redis = ioredis(await oddServer(null))
    const result = await explore(() => redis.get('k'))
    expect(result.failureKind).toBe('timeout')
    expect(result.explanation).toMatch(/redis GET k \(.*outside-failures\.test\.ts:\d+\)/)
    await checkNextExploration()
  })

  test('of node-redis', async () => {
    const server = await startRedis()
    cleanups.push(() => server.stop())
    const client = createClient({ socket: { host: '127.0.0.1', port: server.port, reconnectStrategy: false } })
    client.on('error', () => {})
    await client.connect()
    cleanups.push(() => client.destroy())
    const admin = ioredis(server.port)
    await admin.call('CLIENT', 'PAUSE', '60000', 'WRITE')
    const result = await explore(() => client.set('k', 'v'))
    expect(result.failureKind).toBe('timeout')
    expect(result.explanation).toMatch(/redis SET k v \(.*outside-failures\.test\.ts:\d+\)/)
    await admin.call('CLIENT', 'UNPAUSE')
    await checkNextExploration()
  })

  test('of an HTTP server', async () => {
    const port = await oddServer(null)
    const result = await explore(() => fetch(`http://127.0.0.1:${port}/slow`))
    expect(result.failureKind).toBe('timeout')
    expect(result.explanation).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/slow \(.*outside-failures\.test\.ts:\d+\)/)
    await checkNextExploration()
  })
})

describe('a connection that is refused is an error of the program', () => {
  test('of ioredis', async () => {
    const redis = ioredis(await closedPort())
    const result = await explore(() => redis.get('k'))
    expect(result.failureKind).toBe('error')
    expect(result.explanation).toMatch(/Connection is closed/)
    await checkNextExploration()
  })

  test('of fetch', async () => {
    const port = await closedPort()
    const result = await explore(() => fetch(`http://127.0.0.1:${port}/`))
    expect(result.failureKind).toBe('error')
    expect(result.explanation).toMatch(/fetch failed/)
    await checkNextExploration()
  })
})

describe('what is no protocol is an error of the program', () => {
  test('of Redis', async () => {
    const redis = ioredis(await oddServer('what?\r\n'))
    const result = await explore(() => redis.get('k'))
    expect(result.failureKind).toBe('error')
    await checkNextExploration()
  })

  test('of HTTP', async () => {
    const port = await oddServer('what?\r\n')
    const result = await explore(() => fetch(`http://127.0.0.1:${port}/`))
    expect(result.failureKind).toBe('error')
    await checkNextExploration()
  })
})

test('a server that is killed while it is asked is an error of the program', async () => {
  const server = await startRedis()
  const redis = ioredis(server.port)
  await redis.ping()
  let isAlive = true
  const result = await explore(async () => {
    await redis.get('k')
    if (isAlive) {
      isAlive = false
      await server.kill()
    }
    await redis.get('k')
  })
  expect(result.propertyHolds).toBe(false)
  expect(['error', 'nondeterminism', 'timeout']).toContain(result.failureKind)
  await checkNextExploration()
})

test('a hundred connections that are open and idle hold nothing up', async () => {
  const port = await oddServer(null)
  const sockets = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'))
  cleanups.push(() => sockets.forEach(socket => void socket.destroy()))
  await Promise.all(sockets.map(socket => once(socket, 'connect')))
  await checkNextExploration()
  const server = await startRedis()
  cleanups.push(() => server.stop())
  const redis = ioredis(server.port)
  const result = await exploreDpor({
    setup: async () => {
      await redis.set('counter', 0)
      const own = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'))
      await Promise.all(own.map(socket => once(socket, 'connect')))
      cleanups.push(() => own.forEach(socket => void socket.destroy()))
    },
    tasks: [() => redis.incr('counter'), () => redis.incr('counter')],
    invariant: async () => (await redis.get('counter')) === '2',
    deadlockTimeout: 60_000,
    timeoutPerRun: 60_000,
  })
  expect(result).toMatchObject({ propertyHolds: true, exhaustive: true, numExplored: 2 })
})
