import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Where a server of this process listens. */
type Place = { port: number; host: string } | { path: string }

async function listen(server: Server, isUnix: boolean): Promise<Place> {
  const path = join(tmpdir(), `frontrun-${process.pid}.sock`)
  server.listen(isUnix ? { path } : { port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return isUnix ? { path } : { port: (server.address() as AddressInfo).port, host: '127.0.0.1' }
}

/** Asks one thing, and gets one answer. */
const ask = (place: Place, question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(place)
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(`${question}\n`))
    socket.on('data', (part: string) => {
      answer += part
      if (!answer.endsWith('\n')) return
      socket.end()
      resolve(answer.trim())
    })
    socket.on('error', reject)
  })

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

const shopServer = (): Server =>
  createServer(socket => {
    socket.setEncoding('utf8')
    socket.on('data', async () => {
      socket.write(`${await shop.buy()}\n`)
    })
  })

describe.each([false, true])('a server of this process, unix socket: %s', isUnix => {
  test('its listeners interleave', async () => {
    const place = await listen(shopServer(), isUnix)
    const explore = (stopOnFirst: boolean) =>
      exploreDpor({
        setup: () => {
          shop = new Shop()
        },
        tasks: [() => ask(place, 'buy'), () => ask(place, 'buy')],
        invariant: () => shop.sold === 1,
        stopOnFirst,
        reproduceOnFailure: stopOnFirst ? 10 : 0,
      })
    const result = await explore(true)
    expect(result.failureKind, result.explanation).toBe('invariant')
    expect(result.explanation).toContain('shop.stock')
    expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
    const all = await explore(false)
    expect(all.numExplored).toBe(4)
  })
})

describe('what comes over a connection of this process', () => {
  test('comes in order, however it is read', async () => {
    const place = await listen(
      createServer({ allowHalfOpen: true }, socket => {
        socket.on('data', part => socket.write(`got ${part}`))
        socket.on('end', () => socket.end('bye'))
      }),
      false,
    )
    const result = await exploreDpor({
      setup: () => ({ heard: '' }),
      tasks: [
        async s => {
          const socket = connect(place)
          socket.write('hello ')
          socket.end()
          for await (const part of socket) s.heard += part
        },
      ],
      invariant: s => s.heard === 'got hello bye',
      deadlockTimeout: 2000,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
  })

  test('tells of the end, of a write that is through, and of the close', async () => {
    const place = await listen(
      createServer(socket => socket.on('end', () => socket.end('bye')).resume()),
      false,
    )
    const seen = new Set<string>()
    const result = await exploreDpor({
      setup: () => ({ log: [] as string[] }),
      tasks: [
        s =>
          new Promise<void>(resolve => {
            const socket: Socket = connect(place, () => s.log.push('connected'))
            socket.write('x', () => s.log.push('written'))
            socket.end()
            socket.on('data', data => s.log.push(String(data)))
            for (const event of ['finish', 'end']) socket.on(event, () => s.log.push(event))
            socket.on('close', () => {
              s.log.push('close')
              resolve()
            })
          }),
      ],
      invariant: s => {
        seen.add(s.log.join())
        return true
      },
      deadlockTimeout: 2000,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    for (const log of seen) {
      expect(log).toMatch(/^connected.*,bye,end.*,close$/)
      expect(log.split(',').sort()).toEqual(['bye', 'close', 'connected', 'end', 'finish', 'written'])
    }
  })

  test('writes of two tasks to one connection come in both orders', async () => {
    const place = await listen(
      createServer(socket => {
        let text = ''
        socket.on('data', data => {
          text += data
          if (text.length === 2) socket.end(text)
        })
      }),
      false,
    )
    const seen = new Set<string>()
    const result = await exploreDpor({
      setup: async () => {
        const socket = connect(place)
        await once(socket, 'connect')
        const state = { text: '' }
        socket.on('data', data => {
          state.text += data
        })
        return { socket, state }
      },
      tasks: ['a', 'b'].map(
        letter =>
          ({ socket }: { socket: Socket }) =>
            void socket.write(letter),
      ),
      invariant: ({ state }) => {
        seen.add(state.text)
        return true
      },
      deadlockTimeout: 2000,
    })
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect([...seen].sort()).toEqual(['ab', 'ba'])
  })

  test('is closed with an error when the other end is reset', async () => {
    const place = await listen(
      createServer(socket => {
        socket.on('data', () => socket.resetAndDestroy())
      }),
      false,
    )
    const result = await exploreDpor({
      setup: () => ({}),
      tasks: [() => ask(place, 'x')],
      invariant: () => true,
      deadlockTimeout: 2000,
    })
    expect(result.failureKind).toBe('error')
    expect(result.explanation).toContain('ECONNRESET')
  })
})

test('a connection that is refused is an error of the program', async () => {
  const server = createServer()
  const place = await listen(server, false)
  server.close()
  await once(server, 'close')
  const result = await exploreDpor({ setup: () => ({}), tasks: [() => ask(place, 'x')], invariant: () => true })
  expect(result.failureKind).toBe('error')
  expect(result.explanation).toContain('ECONNREFUSED')
})

test('connections that tasks leave open and idle hold no step up', async () => {
  const place = await listen(
    createServer(socket => socket.resume()),
    false,
  )
  const begun = performance.now()
  const result = await exploreDpor({
    setup: () => ({ open: null as (() => void) | null, count: 0 }),
    tasks: [
      async s => {
        const socket = connect(place)
        await once(socket, 'connect')
        s.count++
        // A foreign promise that only the other task can bring about.
        const event = new EventTarget()
        s.open = () => void event.dispatchEvent(new Event('go'))
        await Promise.race([once(event, 'go')])
      },
      async s => {
        for (let turn = 0; turn < 3; turn++) await null
        s.count++
        while (s.open === null) await null
        s.open()
      },
    ],
    invariant: s => s.count === 2,
    deadlockTimeout: 20_000,
    maxExecutions: 5,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
  expect(performance.now() - begun).toBeLessThan(10_000)
})

test('WebSockets of ws, client and server', async () => {
  const http = createHttpServer()
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', socket => {
    socket.on('message', async () => {
      socket.send(String(await shop.buy()))
    })
  })
  const place = (await listen(http, false)) as { port: number }
  const buy = () =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${place.port}/`)
      socket.on('open', () => socket.send('buy'))
      socket.on('message', () => {
        socket.terminate()
        resolve()
      })
      socket.on('error', reject)
    })
  const result = await exploreDpor({
    setup: () => {
      shop = new Shop()
    },
    tasks: [buy, buy],
    invariant: () => shop.sold === 1,
  })
  expect(result.failureKind, result.explanation).toBe('invariant')
  expect(result.explanation).toContain('shop.stock')
  expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
})
