/** Commands of a driver as operations. */
import type { Detect } from '../../runtime/outside/gate.js'
import type { Phase, Plan } from '../../runtime/outside/operation.js'
import { single } from '../../runtime/outside/operation.js'
import type { Outside } from '../../runtime/outside/outside.js'
import { blockingCommand, mayBlock, type Overseer } from './blocking.js'
import type { Connection } from './connection.js'
import type { Subscriptions } from './subscriptions.js'

/** What methods of a driver's client, and of what collects commands, are replaced by. */
export interface DriverGates {
  readonly client: Record<string, Detect>
  readonly batch: Record<string, Detect>
}

/** A command as text: what is not text (a buffer) as the text of its bytes. */
export const asText = (args: readonly unknown[]): string[] =>
  args.map(value => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))

const title = (commands: readonly (readonly string[])[]): string => {
  const [first = []] = commands
  const text = `${(first[0] ?? '').toUpperCase()} ${first.slice(1, 3).join(' ')}`.trim()
  return `redis ${text.length > 60 ? `${text.slice(0, 60)}…` : text}${commands.length > 1 ? ` and ${commands.length - 1} more` : ''}`
}

/** A client, as a driver's gates see it. */
export interface Sender {
  readonly connection: Connection
  /** Null: the server can't be asked over a connection of our own. */
  readonly overseer: Overseer | null
  readonly subscriptions: Subscriptions
  /** Asks for the number that the server knows the connection by. */
  id(): Promise<unknown>
}

/** One command, sent and answered in one step, unless the server keeps it waiting. */
export function command(outside: Outside, sender: Sender, args: readonly string[], send: () => unknown): Plan {
  const { connection, overseer } = sender
  if (overseer !== null && mayBlock(args)) {
    const id = (): Promise<unknown> => sender.id()
    const operation = blockingCommand(
      title([args]),
      connection,
      overseer,
      outside,
      args,
      id,
      send as () => Promise<unknown>,
    )
    return { kind: 'promise', operation }
  }
  const phase: Phase = {
    perform: () => answered(sender, send),
    noted: (notes, reply) => connection.note(notes, args, reply),
  }
  return { kind: 'promise', operation: single(title([args]), phase) }
}

/**
 * Commands sent together, in one step. A transaction is one for the server, too; the commands of a pipeline come to it in
 * one piece, and it runs them one after the other.
 */
export function batch(
  sender: Sender,
  commands: readonly (readonly string[])[],
  isTransaction: boolean,
  send: () => unknown,
): Plan {
  const { connection } = sender
  const phase: Phase = {
    perform: () => answered(sender, send),
    noted(notes) {
      if (isTransaction) connection.noteTransaction(notes, commands)
      else for (const args of commands) connection.note(notes, args, undefined)
    },
  }
  return { kind: 'promise', operation: single(title(commands), phase) }
}

/** Over when the reply is here, and what the command has brought about: replies to those who waited, messages. */
function answered({ overseer, subscriptions }: Sender, send: () => unknown): Promise<unknown> {
  return subscriptions.whilePublishing(async () => {
    try {
      return await send()
    } finally {
      await overseer?.settle()
    }
  })
}
