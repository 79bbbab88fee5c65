/** node-redis, version 5 and later (`redis`, `@redis/client`). */
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import type { Detect } from '../../runtime/outside/gate.js'
import { asText, batch, command, type DriverGates } from './commands.js'
import { Connection } from './connection.js'
import { openSilently } from './opening.js'

interface Client {
  readonly _self: Client
  readonly options: { socket?: { host?: string; port?: number; path?: string }; database?: number } | undefined
}

type Queued = { readonly args: readonly unknown[] }[]

const connections = new WeakMap<object, Connection>()

function connectionOf({ _self: client }: Client): Connection {
  let connection = connections.get(client)
  if (connection === undefined) {
    const { socket = {}, database = 0 } = client.options ?? {}
    connection = new Connection(socket.path ?? `${socket.host ?? 'localhost'}:${socket.port ?? 6379}`, database)
    connections.set(client, connection)
  }
  return connection
}

/** What each method of the client's prototype is replaced by. */
export function nodeRedisGates(runtime: RuntimeHooks): DriverGates {
  const together =
    (isTransaction: boolean): Detect =>
    (self: Client, args, original) => {
      const [queued] = args as [Queued]
      const commands = queued.map(({ args }) => asText(args))
      return batch(connectionOf(self), commands, isTransaction, () => apply(original, self, args))
    }
  return {
    client: {
      sendCommand: (self: Client, args, original) =>
        command(connectionOf(self), asText(args[0]), () => apply(original, self, args)),
      _executeMulti: together(true),
      _executePipeline: together(false),
      connect: (self, args, original) => openSilently(runtime, 'redis connect', () => apply(original, self, args)),
    },
    batch: {},
  }
}
