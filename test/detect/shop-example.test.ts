import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startRedis } from '../support/redis-server.js'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))

test('two Express handlers over ioredis are explored end to end, and told down to the key and the line', async () => {
  const server = await startRedis()
  try {
    const output = await new Promise<string>(resolve => {
      const env = { ...process.env, REDIS_PORT: String(server.port) }
      execFile(
        process.execPath,
        [path('dist/cli/main.js'), 'node', 'examples/shop/race.ts'],
        { env, cwd: path('.') },
        (_, stdout, stderr) => resolve(stdout + stderr),
      )
    })
    expect(output).toContain('both read redis key "stock" before either wrote it back')
    expect(output).toMatch(/examples\/shop\/app\.ts:11\s+const stock = Number\(await redis\.get\('stock'\)\)/)
    expect(output).toMatch(/\[write redis key "stock" = '0'\]/)
    expect(output).toContain('Reproduced 10/10 times')
    expect(output).toMatch(/With DECR: holds \(\d+ interleavings\)/)
  } finally {
    await server.stop()
  }
}, 300_000)
