/** ioredis, versions 5 and 6: `Redis.prototype.sendCommand` is what every command goes through. */
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import { asText, batch, command, type DriverGates, type Sender } from './commands.js'
import { Connection } from './connection.js'
import { openSilently } from './opening.js'
import type { Servers } from './servers.js'

interface Command {
  readonly name: string
  readonly args: readonly unknown[]
}

interface Client {
  readonly status: string
  readonly options: {
    host?: string
    port?: number
    path?: string
    db?: number
    username?: string | null
    password?: string | null
    tls?: object
  }
  call(...args: string[]): Promise<unknown>
  readonly condition?: { select?: number } | null
}

interface Pipeline {
  readonly redis: Client & { isCluster?: boolean }
  readonly promise: Promise<unknown>
  readonly isCluster: boolean
  readonly _transactions: number
  readonly _queue: readonly Command[]
}

const senders = new WeakMap<object, Sender>()

function senderOf(client: Client, servers: Servers): Sender {
  let sender = senders.get(client)
  if (sender === undefined) {
    const { host = 'localhost', port = 6379, path, db, username, password, tls } = client.options
    const address =
      path || tls ? null : { host, port, username: username ?? undefined, password: password ?? undefined }
    sender = {
      connection: new Connection(path ?? `${host}:${port}`, client.condition?.select ?? db ?? 0),
      get overseer() {
        return address === null ? null : servers.overseers.of(address)
      },
      subscriptions: servers.subscriptions,
      id: () => client.call('CLIENT', 'ID'),
    }
    senders.set(client, sender)
  }
  return sender
}

const ping = (client: object): Promise<unknown> => (client as Client).call('PING')

const MESSAGES = /^[ps]?message(Buffer)?$/

/** What stands for a client's `emit`: messages of channels are told in tasks of their own. */
export function emitOfIoredis(runtime: RuntimeHooks, { subscriptions }: Servers, emit: Function): Function {
  return function (this: Client, event: string | symbol, ...args: unknown[]): unknown {
    const tell = (): unknown => apply(emit, this, [event, ...args])
    if (runtime.execution === null || typeof event !== 'string' || !MESSAGES.test(event)) return tell()
    subscriptions.add(this, ping)
    subscriptions.receive(this, tell)
    return true
  }
}

const textOf = ({ name, args }: Command): string[] => [name, ...asText(args)]

/** What each method of the driver's classes is replaced by. */
export function ioredisGates(runtime: RuntimeHooks, servers: Servers): DriverGates {
  return {
    client: {
      sendCommand(self: Client, args, original) {
        const [sent, stream] = args as [Command, { isPipeline?: boolean } | undefined]
        // The commands of a pipeline have been seen as a whole; a cluster sends each on by one of its nodes.
        if (stream !== undefined) return null
        if (/subscribe$/i.test(sent.name)) servers.subscriptions.add(self, ping)
        return command((runtime.execution as Execution).outside, senderOf(self, servers), textOf(sent), () =>
          apply(original, self, args),
        )
      },
      connect: (self, args, original) => openSilently(runtime, 'redis connect', () => apply(original, self, args)),
    },
    batch: {
      exec(self: Pipeline, args, original) {
        // Its own bookkeeping: it calls itself again for what is to be sent.
        if (self._transactions > 0 || self._queue.length === 0 || self.isCluster) return null
        return batch(senderOf(self.redis, servers), self._queue.map(textOf), false, () => apply(original, self, args))
      },
    },
  }
}
