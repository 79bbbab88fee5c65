import { createServer, request, type Server } from 'node:http'
import axios from 'axios'
import express from 'express'
import fastify from 'fastify'
import { exploreDpor, type TaskFunction } from 'frontrun'
import { Lock } from 'frontrun/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runEverySchedule } from '../support/every-schedule.js'
import { type KeyValueServer, startKeyValueServer } from '../support/kv-server.js'

let remote: KeyValueServer
beforeAll(async () => {
  remote = await startKeyValueServer()
})
afterAll(() => remote.stop())

const get = async (key: string): Promise<string> => (await fetch(`${remote.origin}/${key}`)).text()
const put = (key: string, value: unknown) => fetch(`${remote.origin}/${key}`, { method: 'PUT', body: String(value) })
const number = async (key: string): Promise<number> => Number(await get(key))

/** More schedules than this are not all run. */
const MOST_SCHEDULES = 300

interface Known {
  readonly name: string
  readonly start: Record<string, unknown>
  readonly task: (state: State) => Promise<unknown>
  readonly holds: (state: State) => Promise<boolean>
  readonly traces: number
}

class State {
  readonly lock = new Lock()
  sold = 0
}

const program = ({ start }: Known, task: TaskFunction<State>) => ({
  setup: async () => {
    await fetch(`${remote.origin}/`, { method: 'DELETE' })
    for (const [key, value] of Object.entries(start)) await put(key, value)
    return new State()
  },
  tasks: [task, task],
})

const known: Known[] = [
  {
    name: 'a counter',
    start: { counter: 0 },
    task: async () => {
      const before = await number('counter')
      await put('counter', before + 1)
    },
    holds: async () => (await number('counter')) === 2,
    traces: 4,
  },
  {
    name: 'a configuration of which each changes a part',
    start: { config: '{}' },
    task: async state => {
      const config = JSON.parse(await get('config'))
      await put('config', JSON.stringify({ ...config, [`part${state.sold++}`]: true }))
    },
    holds: async () => Object.keys(JSON.parse(await get('config'))).length === 2,
    traces: 6,
  },
  {
    name: 'a transfer',
    start: { a: 100, b: 0 },
    task: async () => {
      const [a, b] = [await number('a'), await number('b')]
      await put('a', a - 10)
      await put('b', b + 10)
    },
    holds: async () => (await number('a')) === 80 && (await number('b')) === 20,
    traces: 12,
  },
  {
    name: 'the last item',
    start: { stock: 1 },
    task: async state => {
      const stock = await number('stock')
      if (stock === 0) return
      await put('stock', stock - 1)
      state.sold++
    },
    holds: async state => state.sold === 1,
    traces: 6,
  },
]

describe('a key-value server in another process', () => {
  test.each(known)('$name: raced for without a lock', async example => {
    const { task, holds, traces } = example
    const result = await exploreDpor({ ...program(example, task), invariant: holds })
    expect(result.failureKind, result.notExhaustiveBecause).toBe('invariant')
    expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
    const all = await exploreDpor({ ...program(example, task), invariant: () => true })
    expect(all.exhaustive, all.notExhaustiveBecause).toBe(true)
    expect({ traces: all.numExplored, redundant: all.redundantRuns }).toEqual({ traces, redundant: 0 })
    const bruteForce = await runEverySchedule(program(example, task), () => '', MOST_SCHEDULES)
    expect(bruteForce?.endings.size ?? traces).toBe(traces)
  })

  test.each(known)('$name: right under a lock', async example => {
    const { task, holds } = example
    const result = await exploreDpor({
      ...program(example, state => state.lock.withLock(() => task(state))),
      invariant: holds,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(result.exhaustive, result.notExhaustiveBecause).toBe(true)
    expect(result.numExplored).toBe(2)
  })

  test('requests for different resources commute, and so do those that only look', async () => {
    const one = await exploreDpor({
      setup: () => ({}),
      tasks: [() => put('a', 1), () => put('b', 1)],
      invariant: () => true,
    })
    const two = await exploreDpor({
      setup: () => ({}),
      tasks: [() => get('a'), () => get('a')],
      invariant: () => true,
    })
    expect([one.numExplored, two.numExplored]).toEqual([1, 1])
  })
})

/** A shop with one item left: it looks, loads something, and sells. */
class Shop {
  stock = 1
  sold = 0
  async isOpen(): Promise<boolean> {
    return true
  }
  async buy(): Promise<boolean> {
    if (this.stock === 0 || !(await this.isOpen())) return false
    this.stock--
    this.sold++
    return true
  }
}

let shop = new Shop()

interface Framework {
  readonly name: string
  readonly listen: () => Promise<{ port: number; close: () => void }>
}

const listening = async (server: Server): Promise<{ port: number; close: () => void }> => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { port: (server.address() as { port: number }).port, close }
}

const frameworks: Framework[] = [
  {
    name: 'node:http',
    listen: () =>
      listening(
        createServer(async (_, response) => {
          response.end(String(await shop.buy()))
        }),
      ),
  },
  {
    name: 'Express',
    listen: () => {
      const app = express()
      app.use(express.json())
      app.post('/buy', async (request, response) => {
        const bought = await shop.buy()
        response.json({ ...request.body, bought })
      })
      return listening(createServer(app))
    },
  },
  {
    name: 'Fastify',
    listen: async () => {
      const app = fastify()
      app.post('/buy', async request => {
        const bought = await shop.buy()
        return { ...(request.body as object), bought }
      })
      await app.listen({ port: 0, host: '127.0.0.1' })
      return { port: (app.server.address() as { port: number }).port, close: () => void app.close() }
    },
  },
]

const clients = {
  fetch: async (url: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ item: 'book' }),
    })
    return response.text()
  },
  axios: async (url: string) => (await axios.post(url, { item: 'book' })).data,
  'http.request': (url: string) =>
    new Promise<void>((resolve, reject) => {
      const sent = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, response => {
        response.resume()
        response.on('end', resolve)
      })
      sent.on('error', reject)
      sent.write('{"item":')
      sent.end('"book"}')
    }),
}

describe.each(frameworks)('handlers of $name interleave', ({ listen }) => {
  test.each(Object.keys(clients) as (keyof typeof clients)[])('for requests by %s', async name => {
    const { port, close } = await listen()
    const explore = (stopOnFirst: boolean) =>
      exploreDpor({
        setup: () => {
          shop = new Shop()
        },
        tasks: [0, 1].map(() => async () => {
          await clients[name](`http://127.0.0.1:${port}/buy`)
        }),
        invariant: () => shop.sold === 1,
        stopOnFirst,
        reproduceOnFailure: stopOnFirst ? 10 : 0,
      })
    try {
      const result = await explore(true)
      expect(result.failureKind, result.notExhaustiveBecause).toBe('invariant')
      expect(result.explanation).toContain('shop.stock')
      expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
      const all = await explore(false)
      expect(all.numExplored).toBe(4)
    } finally {
      close()
    }
  })
})
