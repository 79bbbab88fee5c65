/** What is known of a client's connection: its server, its database, its transaction. */
import type { Notes } from '../../runtime/outside/operation.js'
import type { Resource } from '../../runtime/outside/resource.js'
import { CONTENT, footprint, type Touch, watching } from './footprint.js'
import { commandInfo, namedKeys } from './key-specs.js'

/** The longest value that a story shows. */
const LONGEST = 60

/** Commands whose last argument is what they write. */
const WRITES_LAST = new Set(['set', 'setnx', 'getset', 'append', 'hset', 'hsetnx', 'lpush', 'rpush', 'sadd', 'setex'])

/** One client's connection. Its state follows the commands in the order in which they are sent. */
export class Connection {
  /** Commands between MULTI and EXEC: they take effect together. */
  private queued: Touch[] | null = null
  private watched: Touch[] = []

  /**
   * @param server names it: the same in every execution
   * @param database the one in use
   */
  constructor(
    readonly server: string,
    private database: number,
  ) {}

  /** Notes what a command touches, which has been answered. */
  note(notes: Notes, args: readonly string[], reply: unknown): void {
    const info = commandInfo(args)
    switch (info?.name) {
      case 'multi':
        this.queued = []
        return
      case 'discard':
        this.queued = null
        this.watched = []
        return
      case 'exec':
        this.touch(notes, [...this.watched, ...(this.queued ?? [])], args)
        this.queued = null
        this.watched = []
        return
      case 'unwatch':
        this.watched = []
        return
      case 'watch': {
        const read = watching(namedKeys(info, args).map(({ key }) => key))
        this.watched.push(...read)
        this.touch(notes, read, args)
        return
      }
    }
    const touches = footprint(args)
    if (this.queued !== null) this.queued.push(...touches)
    else this.touch(notes, touches, args, reply)
    if (info?.name === 'select') this.database = Number(args[1])
  }

  /** Notes a transaction that was sent and answered in one go. */
  noteTransaction(notes: Notes, commands: readonly (readonly string[])[]): void {
    this.touch(notes, [...this.watched, ...commands.flatMap(args => footprint(args))], ['EXEC'])
    this.watched = []
  }

  private touch(notes: Notes, touches: readonly Touch[], args: readonly string[], reply?: unknown): void {
    for (const { resource: name, part, kind } of touches) {
      const resource = this.resource(notes, name)
      if (part === CONTENT && kind === 'insert') notes.change(resource)
      else if (part === CONTENT && name.startsWith('key:') && kind !== 'write') notes.list(resource, kind === 'list')
      else if (kind === 'update') notes.update(resource, part)
      else if (!name.startsWith('key:')) notes[kind === 'read' ? 'read' : 'write'](resource, part)
      else if (kind === 'read') notes.read(resource, part, ...shown(reply))
      else notes.write(resource, part, ...shown(written(args, reply)))
    }
  }

  private resource(notes: Notes, name: string): Resource {
    const isOfDatabase = name === '' || name.startsWith('key:')
    const place = isOfDatabase ? `${this.server}/${this.database}` : this.server
    return notes.resource(`redis:${place} ${name}`, part => describe(name, String(part), this.database))
  }
}

function describe(resource: string, part: string, database: number): string {
  if (resource === '') return `redis database ${database}`
  const colon = resource.indexOf(':')
  if (colon < 0) return `redis ${resource}`
  const name = `redis ${resource.slice(0, colon)} ${JSON.stringify(resource.slice(colon + 1))}`
  return part.startsWith('member:') ? `${name} member ${JSON.stringify(part.slice('member:'.length))}` : name
}

function written(args: readonly string[], reply: unknown): unknown {
  const name = (args[0] as string).toLowerCase()
  if (name === 'set') return args[2]
  return WRITES_LAST.has(name) ? args.at(-1) : /^(h|z)?(incr|decr)/.test(name) ? reply : undefined
}

/** As arguments: nothing, if there is nothing that says much in a line. */
function shown(value: unknown): [] | [unknown] {
  const isShort = typeof value === 'number' || (typeof value === 'string' && value.length <= LONGEST)
  return isShort || value === null ? [value] : []
}
