/** Hash fields, set members and sorted-set members that a command names. */

/** One member of the collection under a key. */
export interface NamedMember {
  readonly key: string
  readonly member: string
  readonly writes: boolean
}

/** `[writes, first, step]`: members at `first`, `first + step`, … to the end; with step 0 only there. */
const PLACES: Readonly<Record<string, readonly [writes: boolean, first: number, step: number]>> = {
  hget: [false, 2, 0],
  hmget: [false, 2, 1],
  hexists: [false, 2, 0],
  hstrlen: [false, 2, 0],
  hset: [true, 2, 2],
  hmset: [true, 2, 2],
  hsetnx: [true, 2, 0],
  hincrby: [true, 2, 0],
  hincrbyfloat: [true, 2, 0],
  hdel: [true, 2, 1],
  sadd: [true, 2, 1],
  srem: [true, 2, 1],
  sismember: [false, 2, 0],
  smismember: [false, 2, 1],
  zincrby: [true, 3, 0],
  zrem: [true, 2, 1],
  zscore: [false, 2, 0],
  zmscore: [false, 2, 1],
  geopos: [false, 2, 1],
  geohash: [false, 2, 1],
}

/** `… FIELDS count field [value] …`: whether they are written, and how far apart they stand. */
const AFTER_FIELDS: Readonly<Record<string, readonly [writes: boolean, step: number]>> = {
  hexpire: [true, 1],
  hpexpire: [true, 1],
  hexpireat: [true, 1],
  hpexpireat: [true, 1],
  hpersist: [true, 1],
  hgetdel: [true, 1],
  hgetex: [true, 1],
  hsetex: [true, 2],
  httl: [false, 1],
  hpttl: [false, 1],
  hexpiretime: [false, 1],
  hpexpiretime: [false, 1],
}

/** Options that stand before the scores of ZADD and the coordinates of GEOADD. */
const OPTIONS = new Set(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR'])

/**
 * The members that a command names, if it reads and writes nothing else of what is under its keys.
 *
 * @param name in lower case
 * @param args name and arguments
 * @returns undefined: the command concerns the whole of what is under its keys
 */
export function namedMembers(name: string, args: readonly string[]): NamedMember[] | undefined {
  const places = Object.hasOwn(PLACES, name) ? PLACES[name] : undefined
  if (places !== undefined) return at(args, ...places)
  const fields = Object.hasOwn(AFTER_FIELDS, name) ? AFTER_FIELDS[name] : undefined
  if (fields !== undefined) return afterFields(args, ...fields)
  switch (name) {
    case 'zadd':
      return scored(args, 2)
    case 'geoadd':
      return scored(args, 3)
    case 'geodist':
      return at(args.slice(0, 4), false, 2, 1)
    case 'smove':
      return [1, 2].map(position => ({ key: args[position] as string, member: args[3] as string, writes: true }))
    default:
      return undefined
  }
}

function at(args: readonly string[], writes: boolean, first: number, step: number): NamedMember[] | undefined {
  const found: NamedMember[] = []
  for (let position = first; position < args.length; position += step) {
    found.push({ key: args[1] as string, member: args[position] as string, writes })
    if (step === 0) break
  }
  return found.length > 0 ? found : undefined
}

function afterFields(args: readonly string[], writes: boolean, step: number): NamedMember[] | undefined {
  const place = args.findIndex((text, position) => position > 1 && text.toUpperCase() === 'FIELDS')
  if (place < 0) return undefined
  const count = Number(args[place + 1])
  return at(args.slice(0, place + 2 + count * step), writes, place + 2, step)
}

/** Pairs of a score and a member, triples of two coordinates and a member. */
function scored(args: readonly string[], size: number): NamedMember[] | undefined {
  let first = 2
  while (first < args.length && OPTIONS.has((args[first] as string).toUpperCase())) first++
  return at(args, true, first + size - 1, size)
}
