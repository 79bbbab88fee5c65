import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A real Redis server of a test's own, empty, on a free port of this machine. */
export interface RedisServer {
  readonly port: number
  /** Ends it as a crash would; the connections break. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a Redis server. Where there is none it is installed from Debian's packages, if that is possible.
 *
 * @param options further command-line options of the server
 */
export async function startRedis(options: readonly string[] = []): Promise<RedisServer> {
  await ensureInstalled()
  const folder = mkdtempSync(join(tmpdir(), 'frontrun-redis-'))
  const port = await freePort()
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...options]
  const server = spawn('redis-server', own, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(server, 'exit')
  // A test run that is killed leaves no server behind.
  const end = (): void => void server.kill('SIGKILL')
  process.once('exit', end)
  const said: string[] = []
  for await (const line of createInterface(server.stdout)) {
    said.push(line)
    if (/Ready to accept connections/.test(line)) break
  }
  if (server.exitCode !== null) throw new Error(`redis-server did not start:\n${said.join('\n')}`)
  server.stdout.resume()
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    process.removeListener('exit', end)
    server.kill(signal)
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return { port, kill: () => stop('SIGKILL'), stop: () => stop('SIGTERM') }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function ensureInstalled(): Promise<void> {
  const isThere = (): Promise<boolean> =>
    execute('redis-server', ['--version']).then(
      () => true,
      () => false,
    )
  if (await isThere()) return
  // Test files run at the same time: each waits for the other's lock.
  const patient = ['-o', 'DPkg::Lock::Timeout=300', '-y', '-q']
  try {
    await execute('apt-get', [...patient, 'update'])
    await execute('apt-get', [...patient, 'install', '--no-install-recommends', 'redis-server'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    })
  } catch (error) {
    if (await isThere()) return
    throw new Error(
      "redis-server is missing and can't be installed with apt-get. Install Redis to run the tests of Redis.",
      { cause: error },
    )
  }
}
