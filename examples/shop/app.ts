/** A shop over Express and Redis, which sells the last item twice if it is bought without thinking. */
import express, { type Express } from 'express'
import type { Redis } from 'ioredis'

export function shop(redis: Redis): Express {
  const app = express()
  app.get('/stock', async (_, response) => {
    response.json({ stock: Number(await redis.get('stock')) })
  })
  app.post('/buy', async (_, response) => {
    const stock = Number(await redis.get('stock'))
    if (stock === 0) return void response.status(409).json({ error: 'sold out' })
    await redis.set('stock', stock - 1)
    await redis.rpush('orders', 'one')
    response.status(201).json({ left: stock - 1 })
  })
  app.post('/buy-atomically', async (_, response) => {
    const left = await redis.decr('stock')
    if (left < 0) return void response.status(409).json({ error: 'sold out' })
    await redis.rpush('orders', 'one')
    response.status(201).json({ left })
  })
  return app
}
