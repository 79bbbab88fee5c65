import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exploreDpor } from 'frontrun'
import { afterEach, describe, expect, test } from 'vitest'

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
