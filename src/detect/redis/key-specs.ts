/**
 * Where the keys of a command stand among its arguments, after Redis' key specifications
 * (https://redis.io/docs/latest/develop/reference/key-specs/).
 *
 * A row of the command table lists specifications, parted by blanks, each `<access><begin>[:<find>]`:
 *
 * - access: `r` the keys are read, `w` they are written (and perhaps read)
 * - begin: a position (`1` is the first argument), or `KEYWORD+from`: after that keyword, looked for from position
 *   `from`; from the end, backwards, if it is negative
 * - find: `last[/step[/limit]]`: up to `last` places further on, or, if negative, up to so many from the end; every
 *   `step`-th; with a limit, only the first 1/limit of the arguments. `#index/first/step`: the argument `index` places
 *   further on is the number of keys, the first stands `first` places further on
 */
import { COMMANDS } from './command-table.js'

/** A key that a command names. */
export interface NamedKey {
  readonly key: string
  readonly writes: boolean
}

interface KeySpec {
  readonly writes: boolean
  readonly begin: number
  readonly keyword: string | null
  readonly last: number
  readonly step: number
  readonly limit: number
  /** Place of the number of keys; -1: there is none. */
  readonly count: number
  readonly first: number
}

/** What the table says of a command. */
export interface CommandInfo {
  /** With its subcommand, as the table has it: `xgroup|create`. */
  readonly name: string
  /** Without keys: reads the whole database (`r`), writes it (`w`), neither (empty). */
  readonly wide: '' | 'r' | 'w'
  readonly specs: readonly KeySpec[]
}

const known = new Map<string, CommandInfo>()

/**
 * What is known of a command.
 *
 * @param args name and arguments, as they are sent
 * @returns undefined if the command is not known
 */
export function commandInfo(args: readonly string[]): CommandInfo | undefined {
  const name = (args[0] ?? '').toLowerCase()
  const path = `${name}|${(args[1] ?? '').toLowerCase()}`
  return infoOf(path) ?? infoOf(name)
}

function infoOf(name: string): CommandInfo | undefined {
  const parsed = known.get(name)
  if (parsed !== undefined || !Object.hasOwn(COMMANDS, name)) return parsed
  const row = COMMANDS[name] as string
  const wide = row.length < 2 ? (row as '' | 'r' | 'w') : ''
  const info = { name, wide, specs: row.length < 2 ? [] : row.split(' ').map(parse) }
  known.set(name, info)
  return info
}

function parse(text: string): KeySpec {
  const [begin, find = '0'] = text.slice(1).split(':') as [string, string?]
  const [keyword, from] = begin.split('+')
  const isCounted = find.startsWith('#')
  const [a = 0, b = 1, c = 1] = find
    .slice(isCounted ? 1 : 0)
    .split('/')
    .map(Number)
  return {
    writes: text.startsWith('w'),
    begin: Number(from ?? begin),
    keyword: from === undefined ? null : (keyword as string),
    last: isCounted ? 0 : a,
    step: isCounted ? c : b,
    limit: isCounted ? 1 : c,
    count: isCounted ? a : -1,
    first: isCounted ? b : 0,
  }
}

/** The keys among a command's arguments. */
export function namedKeys(info: CommandInfo, args: readonly string[]): NamedKey[] {
  const keys = info.specs.flatMap(spec =>
    positions(spec, args).map(position => ({ key: args[position] as string, writes: spec.writes })),
  )
  // MIGRATE has an empty key where its keys stand at the end.
  return info.name === 'migrate' ? keys.filter(({ key }) => key !== '') : keys
}

function positions(spec: KeySpec, args: readonly string[]): number[] {
  const begin = spec.keyword === null ? spec.begin : afterKeyword(spec.keyword, spec.begin, args)
  if (begin < 0 || begin >= args.length) return []
  const found: number[] = []
  const { step } = spec
  if (spec.count >= 0) {
    const first = begin + spec.first
    const count = Number(args[begin + spec.count])
    for (let n = 0; n < count && first + n * step < args.length; n++) found.push(first + n * step)
    return found
  }
  const rest = args.length - begin
  const last =
    spec.last >= 0
      ? begin + spec.last
      : spec.limit > 1
        ? begin + Math.floor(rest / spec.limit) + spec.last
        : args.length + spec.last
  for (let position = begin; position <= last && position < args.length; position += step) found.push(position)
  return found
}

function afterKeyword(keyword: string, from: number, args: readonly string[]): number {
  const isIt = (position: number): boolean => args[position]?.toUpperCase() === keyword
  if (from < 0) {
    for (let position = args.length + from; position > 0; position--) if (isIt(position)) return position + 1
  } else for (let position = from; position < args.length; position++) if (isIt(position)) return position + 1
  return -1
}
