import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A key-value server over HTTP in a process of its own: `GET`, `PUT` and `DELETE` of `/key`; `DELETE /` empties it. */
export interface KeyValueServer {
  readonly origin: string
  stop(): Promise<void>
}

export async function startKeyValueServer(): Promise<KeyValueServer> {
  const child = fork(fileURLToPath(new URL('./kv-server-process.mjs', import.meta.url)), { execArgv: [] })
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  const [port] = (await once(child, 'message')) as [number]
  child.channel?.unref()
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      process.removeListener('exit', end)
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
