/** Two customers, one item. Needs a Redis server: `REDIS_PORT` says where, 6379 if it is not set. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exploreDpor } from 'frontrun'
import { Redis } from 'ioredis'
import { shop } from './app.js'

const redis = new Redis(Number(process.env.REDIS_PORT ?? 6379))
const server = createServer(shop(redis)).listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo

const explore = (path: string) => {
  const buy = () => fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST' })
  return exploreDpor({
    setup: async () => {
      await redis.del('orders')
      await redis.set('stock', 1)
    },
    tasks: { alice: buy, bob: buy },
    invariant: async () => (await redis.llen('orders')) === 1,
  })
}

const racy = await explore('/buy')
console.log(racy.explanation)

const mended = await explore('/buy-atomically')
console.log(`With DECR: ${mended.propertyHolds ? 'holds' : mended.explanation} (${mended.numExplored} interleavings).`)

server.close()
server.closeAllConnections()
redis.disconnect()
process.exitCode = !racy.propertyHolds && mended.propertyHolds && mended.exhaustive ? 0 : 1
