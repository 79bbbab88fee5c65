/** ioredis, versions 5 and 6: `Redis.prototype.sendCommand` is what every command goes through. */
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import { asText, batch, command, type DriverGates } from './commands.js'
import { Connection } from './connection.js'
import { openSilently } from './opening.js'

interface Command {
  readonly name: string
  readonly args: readonly unknown[]
}

interface Client {
  readonly status: string
  readonly options: { host?: string; port?: number; path?: string; db?: number }
  readonly condition?: { select?: number } | null
}

interface Pipeline {
  readonly redis: Client & { isCluster?: boolean }
  readonly promise: Promise<unknown>
  readonly isCluster: boolean
  readonly _transactions: number
  readonly _queue: readonly Command[]
}

const connections = new WeakMap<object, Connection>()

function connectionOf(client: Client): Connection {
  let connection = connections.get(client)
  if (connection === undefined) {
    const { host, port, path, db } = client.options
    connection = new Connection(path ?? `${host}:${port}`, client.condition?.select ?? db ?? 0)
    connections.set(client, connection)
  }
  return connection
}

const textOf = ({ name, args }: Command): string[] => [name, ...asText(args)]

/** What each method of the driver's classes is replaced by. */
export function ioredisGates(runtime: RuntimeHooks): DriverGates {
  return {
    client: {
      sendCommand(self: Client, args, original) {
        const [sent, stream] = args as [Command, { isPipeline?: boolean } | undefined]
        // The commands of a pipeline have been seen as a whole; a cluster sends each on by one of its nodes.
        if (stream !== undefined) return null
        return command(connectionOf(self), textOf(sent), () => apply(original, self, args))
      },
      connect: (self, args, original) => openSilently(runtime, 'redis connect', () => apply(original, self, args)),
    },
    batch: {
      exec(self: Pipeline, args, original) {
        // Its own bookkeeping: it calls itself again for what is to be sent.
        if (self._transactions > 0 || self._queue.length === 0 || self.isCluster) return null
        return batch(connectionOf(self.redis), self._queue.map(textOf), false, () => apply(original, self, args))
      },
    },
  }
}
