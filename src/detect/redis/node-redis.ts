/** node-redis, version 5 and later (`redis`, `@redis/client`). */
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import type { Detect } from '../../runtime/outside/gate.js'
import { asText, batch, command, type DriverGates, type Sender } from './commands.js'
import { Connection } from './connection.js'
import { openSilently } from './opening.js'
import type { Servers } from './servers.js'

interface Client {
  readonly _self: Client
  readonly options:
    | {
        socket?: { host?: string; port?: number; path?: string; tls?: boolean }
        database?: number
        username?: string
        password?: string
      }
    | undefined
  sendCommand: Function
}

type Queued = { readonly args: readonly unknown[] }[]

const senders = new WeakMap<object, Sender>()

function senderOf({ _self: client }: Client, servers: Servers, send: Function): Sender {
  let sender = senders.get(client)
  if (sender === undefined) {
    const { socket = {}, database = 0, username, password } = client.options ?? {}
    const { host = 'localhost', port = 6379, path, tls } = socket
    const address = path || tls ? null : { host, port, username, password }
    sender = {
      connection: new Connection(path ?? `${host}:${port}`, database),
      get overseer() {
        return address === null ? null : servers.overseers.of(address)
      },
      subscriptions: servers.subscriptions,
      id: () => apply(send, client, [['CLIENT', 'ID']]) as Promise<unknown>,
    }
    senders.set(client, sender)
  }
  return sender
}

const ping = (client: object): Promise<unknown> => apply((client as Client).sendCommand, client, [['PING']]) as never

const SUBSCRIBING = ['SUBSCRIBE', 'UNSUBSCRIBE', 'PSUBSCRIBE', 'PUNSUBSCRIBE', 'SSUBSCRIBE', 'SUNSUBSCRIBE']

const MESSAGES = new Set(['message', 'pmessage', 'smessage'])

/** What stands for `handleMessageReply` of a client's subscriptions: messages are told in tasks of their own. */
export function messagesOfNodeRedis(runtime: RuntimeHooks, { subscriptions }: Servers, handle: Function): Function {
  return function (this: object, reply: readonly unknown[]): unknown {
    const tell = (): unknown => apply(handle, this, [reply])
    if (runtime.execution === null || !MESSAGES.has(String(reply[0]))) return tell()
    subscriptions.receive(this, tell)
    return true
  }
}

/** What each method of the client's prototype is replaced by. */
export function nodeRedisGates(runtime: RuntimeHooks, servers: Servers): DriverGates {
  const together =
    (isTransaction: boolean): Detect =>
    (self: Client, args, original) => {
      const [queued] = args as [Queued]
      const commands = queued.map(({ args }) => asText(args))
      return batch(senderOf(self, servers, self.sendCommand), commands, isTransaction, () =>
        apply(original, self, args),
      )
    }
  const subscribing =
    (name: string): Detect =>
    (self: Client, args, original) => {
      const client = self._self
      servers.subscriptions.add(client, ping)
      const channels = ([] as unknown[]).concat(args[0] ?? [])
      return command(
        (runtime.execution as Execution).outside,
        senderOf(self, servers, self.sendCommand),
        asText([name, ...channels]),
        () => apply(original, self, args),
      )
    }
  return {
    client: {
      ...Object.fromEntries(SUBSCRIBING.map(name => [name, subscribing(name)])),
      sendCommand: (self: Client, args, original) =>
        command((runtime.execution as Execution).outside, senderOf(self, servers, original), asText(args[0]), () =>
          apply(original, self, args),
        ),
      _executeMulti: together(true),
      _executePipeline: together(false),
      connect: (self, args, original) => openSilently(runtime, 'redis connect', () => apply(original, self, args)),
    },
    batch: {},
  }
}
