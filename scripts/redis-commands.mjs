/**
 * Writes src/detect/redis/command-table.ts: where the keys of every Redis command stand, and whether it reads or writes
 * them.
 *
 *   node scripts/redis-commands.mjs <src/commands of a checkout of Redis>
 *
 * Redis' own descriptions come first; commands newer than that checkout are taken from @ioredis/commands, with the
 * places that those leave out in NEWER below.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: node scripts/redis-commands.mjs <src/commands of a checkout of Redis>\n')
  process.exit(1)
}

/** Movable keys, which @ioredis/commands marks but does not place. */
const NEWER = {
  msetex: 'w1:#0/1/2',
  sdiffcard: 'r1:#0/1/1',
  sunioncard: 'r1:#0/1/1',
  lmovem: 'w1:1',
  blmovem: 'w1:1',
  'bless|get': 'r2',
  'bless|set': 'w2',
  'himport|set': 'w2',
}

/** What Redis' descriptions leave to a function of the server. */
const BY_HAND = {
  // SORT's BY and GET patterns read keys that no position names: see footprint.ts.
  sort: 'r1 wSTORE+2',
  sort_ro: 'r1',
  migrate: 'w3 wKEYS+-2:-1',
}

const rows = new Map()

for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
  for (const [name, command] of Object.entries(JSON.parse(readFileSync(join(folder, file), 'utf8')))) {
    const path = (command.container === undefined ? name : `${command.container}|${name}`).toLowerCase()
    if (command.command_flags?.some(flag => flag === 'ONLY_SENTINEL')) continue
    const specs = (command.key_specs ?? []).filter(spec => !spec.flags.includes('NOT_KEY')).map(keySpec)
    rows.set(path, (BY_HAND[path] ?? writing(specs, command.command_flags)) || kindOf(command.command_flags))
  }
}

const { list } = createRequire(import.meta.url)('@ioredis/commands')
const newer = createRequire(import.meta.url)('@ioredis/commands/built/commands.json')
for (const name of list) {
  if (rows.has(name) || [...rows.keys()].some(path => path.startsWith(`${name}|`))) continue
  const { flags, keyStart, keyStop, step } = newer[name]
  if (keyStart === 0 || NEWER[name] !== undefined) continue
  const last = keyStop < 0 ? keyStop : keyStop - keyStart
  const access = flags.includes('readonly') ? 'r' : 'w'
  rows.set(name, `${access}${keyStart}${last === 0 ? '' : `:${last}${step === 1 ? '' : `/${step}`}`}`)
}
for (const [name, spec] of Object.entries(NEWER)) rows.set(name, spec)

/** A command that writes, and has no key that it says it writes, writes those it has (XREADGROUP: its groups). */
function writing(specs, flags = []) {
  const hides = flags.includes('WRITE') && specs.every(spec => spec.startsWith('r'))
  return specs.map(spec => (hides ? `w${spec.slice(1)}` : spec)).join(' ')
}

function kindOf(flags = []) {
  return flags.includes('WRITE') ? 'w' : flags.includes('READONLY') ? 'r' : ''
}

function keySpec({ flags, begin_search: begin, find_keys: find }) {
  const access = flags.includes('RO') ? 'r' : 'w'
  const start = begin.index?.pos ?? (begin.keyword && `${begin.keyword.keyword}+${begin.keyword.startfrom}`) ?? '?'
  if (find.keynum) return `${access}${start}:#${find.keynum.keynumidx}/${find.keynum.firstkey}/${find.keynum.step}`
  if (!find.range) return `${access}?`
  const { lastkey, step, limit } = find.range
  const tail =
    limit > 1 ? `:${lastkey}/${step}/${limit}` : step > 1 ? `:${lastkey}/${step}` : lastkey !== 0 ? `:${lastkey}` : ''
  return `${access}${start}${tail}`
}

const lines = [...rows.keys()]
  .sort()
  .map(name => `  ${/^[a-z_]+$/.test(name) ? name : `'${name}'`}: '${rows.get(name)}',`)
writeFileSync(
  new URL('../src/detect/redis/command-table.ts', import.meta.url),
  `/** Made by scripts/redis-commands.mjs; see key-specs.ts for how the rows are read. Not to be edited. */
export const COMMANDS: Readonly<Record<string, string>> = {
${lines.join('\n')}
}
`,
)
