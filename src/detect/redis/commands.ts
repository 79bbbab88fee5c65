/** Commands of a driver as operations. */
import type { Detect } from '../../runtime/outside/gate.js'
import type { Phase, Plan } from '../../runtime/outside/operation.js'
import { single } from '../../runtime/outside/operation.js'
import type { Connection } from './connection.js'

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

/** One command, sent and answered in one step. */
export function command(connection: Connection, args: readonly string[], send: () => unknown): Plan {
  const phase: Phase = {
    perform: send,
    noted: (notes, reply) => connection.note(notes, args, reply),
  }
  return { kind: 'promise', operation: single(title([args]), phase) }
}

/** Commands sent together, in one step; the server may run others in between unless they are a transaction. */
export function batch(
  connection: Connection,
  commands: readonly (readonly string[])[],
  isTransaction: boolean,
  send: () => unknown,
): Plan {
  const phase: Phase = {
    perform: send,
    noted(notes) {
      if (isTransaction) connection.noteTransaction(notes, commands)
      else for (const args of commands) connection.note(notes, args, undefined)
    },
  }
  return { kind: 'promise', operation: single(title(commands), phase) }
}
