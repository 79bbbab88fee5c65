import { once } from 'node:events'
import { Agent, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { exploreDpor } from 'frontrun'
import supertest from 'supertest'
import { expect, test } from 'vitest'

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

function makeApp() {
  const app = express()
  app.post('/buy', async (_, response) => {
    response.json({ bought: await shop.buy() })
  })
  app.get('/stock', (_, response) => void response.json(shop.stock))
  return app
}

test('supertest with Express, as it is used: the app listens for each request', async () => {
  const app = makeApp()
  const buy = async (): Promise<void> => {
    await supertest(app).post('/buy').expect(200)
  }
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

test('connections that an agent keeps alive hold no step up', async () => {
  const server = makeApp().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const begun = performance.now()
  const result = await exploreDpor({
    setup: () => {
      shop = new Shop()
      return { agent: new Agent({ keepAlive: true }), go: null as (() => void) | null, count: 0 }
    },
    tasks: [
      async s => {
        await new Promise(resolve =>
          get({ port, path: '/stock', agent: s.agent }, response => response.resume().on('end', resolve)),
        )
        // A promise of code that is not instrumented, which the other task brings about.
        const events = new EventTarget()
        s.go = () => void events.dispatchEvent(new Event('go'))
        await once(events, 'go')
        s.count++
      },
      async s => {
        while (s.go === null) await null
        for (let turn = 0; turn < 3; turn++) await null
        s.go()
        s.count++
      },
    ],
    invariant: s => {
      s.agent.destroy()
      return s.count === 2
    },
    deadlockTimeout: 20_000,
    maxExecutions: 5,
  })
  server.close()
  server.closeAllConnections()
  expect(result.propertyHolds, result.explanation).toBe(true)
  expect(performance.now() - begun).toBeLessThan(10_000)
})
