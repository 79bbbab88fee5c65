/** What a Redis command reads and writes. */
import { commandInfo, type NamedKey, namedKeys } from './key-specs.js'
import { namedMembers } from './members.js'

/**
 * One touch of something on a server.
 *
 * - `resource`: the database (empty), a key (`key:k`), a channel (`channel:c`), the scripts, who subscribes, …
 * - `part`: of a key or database `whole` (that it is there at all, as what it is), `content` (everything in it), or one
 *   member (`member:m`)
 * - `kind`: `update` commutes with `update`. `insert`, of the content of a key, is an update by which a part may come or go:
 *   it commutes with others unless somebody looks at the order of the parts, as `list` does
 */
export interface Touch {
  readonly resource: string
  readonly part: string
  readonly kind: 'read' | 'write' | 'update' | 'insert' | 'list'
}

const DATABASE = ''
const WHOLE = 'whole'
export const CONTENT = 'content'

const touch = (resource: string, part: string, kind: Touch['kind']): Touch => ({ resource, part, kind })

/** Commands about the connection or the server, which no two tasks can notice of each other. */
const UNNOTICED = new Set(
  `acl|cat acl|genpass acl|help acl|whoami asking auth client|caching client|getname client|getredir client|help client|id
  client|info client|no-evict client|no-touch client|reply client|setinfo client|setname client|tracking client|trackinginfo
  cluster|countkeysinslot cluster|help cluster|info cluster|keyslot cluster|links cluster|myid cluster|myshardid cluster|nodes
  cluster|replicas cluster|shards cluster|slaves cluster|slots command command|count command|docs command|getkeys
  command|getkeysandflags command|help command|info command|list config|help echo function|help hello lastsave latency|help
  lolwut memory|doctor memory|help memory|malloc-stats module|help module|list multi object|help ping pubsub|help quit readonly
  readwrite role script|help select slowlog|help time unwatch wait waitaof xgroup|help xinfo|help`.split(/\s+/),
)

/** Commands that look at the server's state beside the keys, and those that change it. */
const LOOKS: Readonly<Record<string, string>> = {
  'script|exists': 'scripts',
  'function|list': 'functions',
  'function|dump': 'functions',
  'function|stats': 'functions',
  'config|get': 'configuration',
  'acl|list': 'users',
  'acl|users': 'users',
  'acl|getuser': 'users',
  'pubsub|channels': 'subscriptions',
  'pubsub|numpat': 'subscriptions',
  'pubsub|numsub': 'subscriptions',
  'pubsub|shardchannels': 'subscriptions',
  'pubsub|shardnumsub': 'subscriptions',
}
const CHANGES: Readonly<Record<string, string>> = {
  'script|flush': 'scripts',
  'function|load': 'functions',
  'function|delete': 'functions',
  'function|flush': 'functions',
  'function|restore': 'functions',
  'config|set': 'configuration',
  'acl|setuser': 'users',
  'acl|deluser': 'users',
}

/** They read what is under a key, but tell nothing of the order in which its parts came. */
const UNORDERED = new Set(
  'exists type ttl pttl expiretime pexpiretime object|encoding object|refcount memory|usage hlen scard sintercard sunioncard sdiffcard'.split(
    ' ',
  ),
)

const SUBSCRIBES = new Set(['subscribe', 'ssubscribe', 'unsubscribe', 'sunsubscribe'])
const SUBSCRIBES_TO_PATTERNS = new Set(['psubscribe', 'punsubscribe'])
const PUBLISHES = new Set(['publish', 'spublish'])
const RUNS_SCRIPTS = new Set(['eval', 'eval_ro', 'evalsha', 'evalsha_ro', 'fcall', 'fcall_ro'])

/**
 * What a command reads and writes, by its name and arguments alone.
 *
 * A command that is not known, and a script that declares no keys, take the whole database.
 *
 * @param args name and arguments as they are sent
 */
export function footprint(args: readonly string[]): Touch[] {
  const info = commandInfo(args)
  if (info === undefined) return writesAll()
  const { name } = info
  if (UNNOTICED.has(name)) return []
  if (name === 'script|load') return [touch('scripts', CONTENT, 'update')]
  if (Object.hasOwn(LOOKS, name)) return [touch(LOOKS[name] as string, CONTENT, 'read')]
  if (Object.hasOwn(CHANGES, name)) return [touch(CHANGES[name] as string, CONTENT, 'write')]
  const channels = ofChannels(name, args)
  if (channels !== undefined) return channels
  if (info.specs.length === 0) return info.wide === 'r' ? readsAll() : writesAll()
  const keys = namedKeys(info, args)
  if (RUNS_SCRIPTS.has(name)) return ofScript(name, keys)
  const touches = namedMembers(name, args)?.flatMap(({ key, member, writes }) => ofMember(key, member, writes))
  const isOrdered = !(UNORDERED.has(name) || name.startsWith('z') || name.startsWith('geo'))
  return [...(touches ?? keys.flatMap(key => ofKey(key, isOrdered))), ...readsUnnamed(name, args)]
}

/** What a look at keys, without changing them, reads: also what `WATCH` does. */
export const watching = (keys: readonly string[]): Touch[] => keys.flatMap(key => ofKey({ key, writes: false }, false))

const readsAll = (): Touch[] => [touch(DATABASE, WHOLE, 'read'), touch(DATABASE, CONTENT, 'read')]
const writesAll = (): Touch[] => [touch(DATABASE, WHOLE, 'write')]

function ofKey({ key, writes }: NamedKey, isOrdered: boolean): Touch[] {
  const resource = `key:${key}`
  return writes
    ? [touch(DATABASE, WHOLE, 'read'), touch(DATABASE, CONTENT, 'update'), touch(resource, WHOLE, 'write')]
    : [
        touch(DATABASE, WHOLE, 'read'),
        touch(resource, WHOLE, 'read'),
        touch(resource, CONTENT, isOrdered ? 'list' : 'read'),
      ]
}

function ofMember(key: string, member: string, writes: boolean): Touch[] {
  const resource = `key:${key}`
  const shared = [touch(DATABASE, WHOLE, 'read'), touch(resource, WHOLE, 'read')]
  const part = `member:${member}`
  return writes
    ? [
        ...shared,
        touch(DATABASE, CONTENT, 'update'),
        touch(resource, part, 'write'),
        touch(resource, CONTENT, 'insert'),
      ]
    : [...shared, touch(resource, part, 'read')]
}

function ofChannels(name: string, args: readonly string[]): Touch[] | undefined {
  const channels = args.slice(1).map(channel => `channel:${channel}`)
  if (PUBLISHES.has(name)) return [touch(channels[0] ?? '', CONTENT, 'write'), touch('channels', CONTENT, 'update')]
  if (SUBSCRIBES.has(name))
    return [
      touch('subscriptions', CONTENT, 'update'),
      ...(channels.length === 0 ? [touch('channels', CONTENT, 'read')] : []),
      ...channels.map(channel => touch(channel, CONTENT, 'read')),
    ]
  if (SUBSCRIBES_TO_PATTERNS.has(name))
    return [touch('subscriptions', CONTENT, 'update'), touch('channels', CONTENT, 'read')]
  return undefined
}

function ofScript(name: string, keys: readonly NamedKey[]): Touch[] {
  const code = name.startsWith('f') ? 'functions' : 'scripts'
  const loads = name.startsWith('eval') && !name.startsWith('evalsha')
  const touches =
    keys.length === 0 ? (name.endsWith('_ro') ? readsAll() : writesAll()) : keys.flatMap(key => ofKey(key, true))
  return [touch(code, CONTENT, loads ? 'update' : 'read'), ...touches]
}

/** SORT's BY and GET read keys whose names are made from what is sorted. */
function readsUnnamed(name: string, args: readonly string[]): Touch[] {
  if (name !== 'sort' && name !== 'sort_ro') return []
  const looks = args.some(
    (text, position) => position > 1 && /^(by|get)$/i.test(text) && args[position + 1]?.includes('*'),
  )
  return looks ? readsAll() : []
}
