/**
 * Commands that the server answers only after somebody has done something: `BLPOP` and its like. Whether one is waiting
 * is what the server itself says (`CLIENT LIST`), over a connection of our own, so that nothing depends on time.
 */
import { connect, type Socket } from 'node:net'
import type { Operation } from '../../runtime/outside/operation.js'
import type { Outside } from '../../runtime/outside/outside.js'
import type { Connection } from './connection.js'

const BLOCKING = new Set('blpop brpop brpoplpush blmove blmovem blmpop bzpopmin bzpopmax bzmpop'.split(' '))

/** Whether the server may keep the command waiting. */
export function mayBlock(args: readonly string[]): boolean {
  const name = (args[0] as string).toLowerCase()
  return BLOCKING.has(name) || (/^xread(group)?$/.test(name) && args.some(text => text.toUpperCase() === 'BLOCK'))
}

/** Where a server listens, and who asks. */
export interface Address {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
}

/** A command that a server keeps waiting. */
interface Waiting {
  readonly client: string
  readonly reply: Promise<unknown>
  isAnswered: boolean
}

/** Asks a server which of its clients it keeps waiting. */
export class Overseer {
  private socket: Socket | null = null
  private received = ''
  private whenReceived: (() => void) | null = null
  private readonly waiting = new Set<Waiting>()
  private turn: Promise<unknown> = Promise.resolve()
  private releasing: Promise<unknown> = Promise.resolve()

  constructor(private readonly address: Address) {}

  /** Waits until a command has been answered, or waits on the server. True: it waits. */
  async sent(client: string, reply: Promise<unknown>): Promise<boolean> {
    const waiting: Waiting = { client, reply, isAnswered: false }
    const answered = (): void => {
      waiting.isAnswered = true
      this.waiting.delete(waiting)
    }
    reply.then(answered, answered)
    // The server may read our question before the command: it is asked until it knows.
    while (!waiting.isAnswered && !(await this.isBlocked(client)));
    if (waiting.isAnswered) return false
    this.waiting.add(waiting)
    return true
  }

  /** After a command that may have let others go on: waits for the replies that are on their way. */
  async settle(): Promise<void> {
    await this.releasing
    for (const { client, reply } of [...this.waiting]) if (!(await this.isBlocked(client))) await reply.catch(() => {})
  }

  /** The execution is over: whoever still waits would take what the next one gives to others. */
  release(): void {
    const left = [...this.waiting]
    this.waiting.clear()
    if (left.length === 0) return
    this.releasing = this.releasing.then(async () => {
      for (const { client, reply } of left) {
        await this.ask(`CLIENT UNBLOCK ${client}`, () => this.line())
        await reply.catch(() => {})
      }
    })
  }

  close(): void {
    this.socket?.destroy()
    this.socket = null
    this.waiting.clear()
  }

  private async isBlocked(client: string): Promise<boolean> {
    const list = await this.ask(`CLIENT LIST ID ${client}`, () => this.bulk())
    return /(^| )flags=\w*b/.test(list)
  }

  /** One question at a time. */
  private ask(command: string, answer: () => Promise<string>): Promise<string> {
    const asked = this.turn.then(async () => {
      if (this.socket === null) await this.open()
      ;(this.socket as Socket).write(`${command}\r\n`)
      return answer()
    })
    this.turn = asked.catch(() => {})
    return asked
  }

  private async open(): Promise<void> {
    const { host, port, username, password } = this.address
    const socket = connect(port, host)
    this.socket = socket
    socket.setEncoding('utf8').unref()
    const notify = (): void => this.whenReceived?.()
    socket.on('data', (text: string) => {
      this.received += text
      notify()
    })
    // The program's own connection fails, too, and its error is the one to tell.
    socket.on('error', notify)
    socket.on('close', notify)
    if (password !== undefined) {
      const words = username === undefined ? [password] : [username, password]
      const parts = ['AUTH', ...words].map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
      socket.write(`*${parts.length}\r\n${parts.join('')}`)
      await this.line()
    }
  }

  private async bulk(): Promise<string> {
    const head = await this.line()
    const size = Number(head.slice(1))
    if (!head.startsWith('$') || Number.isNaN(size)) return ''
    while (Buffer.byteLength(this.received) < size + 2 && this.isOpen) await this.more()
    const text = Buffer.from(this.received).subarray(0, size).toString()
    this.received = this.received.slice(text.length + 2)
    return text
  }

  private async line(): Promise<string> {
    while (!this.received.includes('\r\n') && this.isOpen) await this.more()
    const end = this.received.indexOf('\r\n')
    const line = this.received.slice(0, Math.max(end, 0))
    this.received = this.received.slice(end + 2)
    return line
  }

  private get isOpen(): boolean {
    return this.socket !== null && !this.socket.destroyed
  }

  private more(): Promise<void> {
    return new Promise(resolve => {
      this.whenReceived = resolve
    })
  }
}

/**
 * A command that may be kept waiting, as an operation: sending it is a step; if it waits then, so does its task, until it
 * is answered.
 *
 * @param id asks for the number that the server knows the connection by
 */
export function blockingCommand(
  name: string,
  connection: Connection,
  overseer: Overseer,
  outside: Outside,
  args: readonly string[],
  id: () => Promise<unknown>,
  send: () => Promise<unknown>,
): Operation {
  return {
    name,
    *phases() {
      outside.onEnd(() => overseer.release())
      let reply: Promise<unknown> | null = null
      const waits = yield {
        async perform() {
          const client = String(await id())
          reply = send()
          // Whoever waits for it sees its error.
          reply.catch(() => {})
          return overseer.sent(client, reply)
        },
        noted: notes => connection.note(notes, args, undefined),
      }
      const answer = (): unknown => reply
      if (!waits) return yield { perform: answer }
      return yield { blocks: true, perform: answer, noted: (notes, result) => connection.note(notes, args, result) }
    },
  }
}
