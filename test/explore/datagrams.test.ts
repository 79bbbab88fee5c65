import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { exploreDpor } from 'frontrun'
import { afterEach, describe, expect, test } from 'vitest'

const cleanups: (() => unknown)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

async function bound(type: 'udp4' | 'udp6' = 'udp4'): Promise<Socket> {
  const socket = createSocket(type)
  socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1')
  await once(socket, 'listening')
  cleanups.push(() => {
    try {
      socket.close()
    } catch {
      // The program has closed it.
    }
  })
  return socket
}

class Counter {
  value = 0
  async increment(): Promise<number> {
    const before = this.value
    await null
    this.value = before + 1
    return this.value
  }
}
let counter = new Counter()

/** Asks one thing, and gets one answer. */
const ask = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.on('error', reject)
    socket.on('message', answer => {
      socket.close()
      resolve(String(answer))
    })
    socket.send('increment', port)
  })

test('listeners of one socket interleave', async () => {
  const server = await bound()
  server.on('message', async (_message, { port, address }) => {
    server.send(String(await counter.increment()), port, address)
  })
  const { port } = server.address()
  const result = await exploreDpor({
    setup: () => {
      counter = new Counter()
    },
    tasks: [() => ask(port), () => ask(port)],
    invariant: () => counter.value === 2,
    deadlockTimeout: 2000,
  })
  expect(result.failureKind, result.explanation).toBe('invariant')
  expect(result.explanation).toContain('counter.value')
  expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
})

/** Two tasks send, each by a socket of its own, to a socket that `setup` has bound. */
const senders = (seen: string[], holds: (log: string) => boolean, stopOnFirst: boolean) =>
  exploreDpor({
    setup: async () => {
      const receiver = await bound()
      const state = { receiver, log: '' }
      receiver.on('message', message => {
        state.log += message
      })
      return { receiver, state, sockets: [await bound(), await bound()] }
    },
    tasks: [0, 1].map(index => ({ receiver, sockets }: { receiver: Socket; sockets: Socket[] }) => {
      sockets[index]?.send('ab'[index] as string, receiver.address().port, '127.0.0.1')
    }),
    invariant: ({ receiver, state, sockets }) => {
      for (const socket of [receiver, ...sockets]) socket.close()
      seen.push(state.log)
      return holds(state.log)
    },
    stopOnFirst,
    deadlockTimeout: 2000,
  })

describe('two senders to one receiver', () => {
  test('come in both orders, each once', async () => {
    const seen: string[] = []
    const result = await senders(seen, () => true, false)
    expect(result.propertyHolds, result.explanation).toBe(true)
    expect(seen.sort()).toEqual(['ab', 'ba'])
  })

  test('an order that fails is reproduced', async () => {
    const result = await senders([], log => log !== 'ba', true)
    expect(result.failureKind, result.explanation).toBe('invariant')
    expect([result.reproductionAttempts, result.reproductionSuccesses]).toEqual([10, 10])
  })
})

type Send = (socket: Socket, port: number, told: () => void) => void
const calls: Record<string, Send> = {
  'a part, a port and an address': (socket, port, told) =>
    socket.send(Buffer.from('-hi-'), 1, 2, port, '127.0.0.1', told),
  'a part and a port': (socket, port, told) => socket.send(Buffer.from('-hi-'), 1, 2, port, told),
  'a port and an address': (socket, port, told) => socket.send('hi', port, 'localhost', told),
  'a port': (socket, port, told) => socket.send('hi', port, told),
  'a list': (socket, port, told) => socket.send(['h', Buffer.from('i')], port, told),
  connected: (socket, port, told) => socket.connect(port, () => socket.send('hi', told)),
  'connected, a part': (socket, port, told) =>
    socket.connect(port, '127.0.0.1', () => socket.send(Buffer.from('-hi-'), 1, 2, told)),
}

test.each(Object.entries(calls))('send with %s', async (_name, send) => {
  const receiver = await bound()
  let heard = ''
  receiver.on('message', message => {
    heard += message
  })
  const { port } = receiver.address()
  const result = await exploreDpor({
    setup: () => {
      heard = ''
    },
    tasks: [
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = createSocket('udp4')
          socket.on('error', reject)
          send(socket, port, () => socket.close(() => resolve()))
        }),
    ],
    invariant: () => heard === 'hi',
    deadlockTimeout: 2000,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
})

test('what is sent before a socket is bound, or after it has closed, is lost; between, it comes', async () => {
  const free = await bound()
  const { port } = free.address()
  free.close()
  const seen = new Set<string>()
  const result = await exploreDpor({
    setup: async () => ({ sender: await bound(), log: '' }),
    tasks: [
      async s => {
        const receiver = createSocket('udp4')
        receiver.on('message', () => {
          s.log = 'heard'
        })
        receiver.bind(port, '127.0.0.1')
        await once(receiver, 'listening')
        await new Promise<void>(resolve => receiver.close(() => resolve()))
      },
      s => void s.sender.send('x', port, '127.0.0.1'),
    ],
    invariant: s => {
      s.sender.close()
      seen.add(s.log)
      return true
    },
    stopOnFirst: false,
    deadlockTimeout: 2000,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
  expect([...seen].sort()).toEqual(['', 'heard'])
})

test('a datagram that is too long is an error, told to the callback', async () => {
  const receiver = await bound()
  const { port } = receiver.address()
  const result = await exploreDpor({
    setup: async () => ({ sender: await bound(), code: '' }),
    tasks: [
      s =>
        new Promise<void>(resolve => {
          s.sender.send(Buffer.alloc(70_000), port, '127.0.0.1', error => {
            s.code = (error as NodeJS.ErrnoException).code ?? ''
            resolve()
          })
        }),
    ],
    invariant: s => {
      s.sender.close()
      return s.code === 'EMSGSIZE'
    },
    deadlockTimeout: 2000,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
})

test('over IPv6', async () => {
  const receiver = await bound('udp6')
  let heard = ''
  receiver.on('message', message => {
    heard += message
  })
  const { port } = receiver.address()
  const result = await exploreDpor({
    setup: async () => {
      heard = ''
      return bound('udp6')
    },
    tasks: [sender => void sender.send('hi', port)],
    invariant: sender => {
      sender.close()
      return heard === 'hi'
    },
    deadlockTimeout: 2000,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
})

test('several datagrams of one step come in order', async () => {
  const receiver = await bound()
  let heard = ''
  receiver.on('message', message => {
    heard += message
  })
  const { port } = receiver.address()
  const result = await exploreDpor({
    setup: () => {
      heard = ''
      return bound()
    },
    tasks: [sender => [...'abc'].forEach(letter => void sender.send(letter, port, '127.0.0.1'))],
    invariant: sender => {
      sender.close()
      return heard === 'abc'
    },
    deadlockTimeout: 2000,
  })
  expect(result.propertyHolds, result.explanation).toBe(true)
  expect(result.exhaustive, result.notExhaustiveBecause ?? '').toBe(true)
})
