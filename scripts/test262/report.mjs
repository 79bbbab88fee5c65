/** What the results come to: for people, and as a table in docs/limits.md. */
import { readFileSync, writeFileSync } from 'node:fs'

const page = new URL('../../docs/limits.md', import.meta.url)
const START = '<!-- test262: made by `npm run test262 -- … --table` -->'
const END = '<!-- /test262 -->'

const WAYS = [
  ['native', 'as it is'],
  ['inactive', 'instrumented, no exploration under way'],
  ['explored', 'instrumented, the only task of an exploration'],
]
const count = (results, way) => results.filter(each => each[way] === null).length
const rate = (part, all) => `${((100 * part) / all).toFixed(2)} %`

export function summary(results, differences) {
  const lines = [`${results.length} runs`]
  for (const [way, text] of WAYS) lines.push(`  ${String(count(results, way)).padStart(6)} pass ${text}`)
  const inOrder = results.filter(each => each.fidelity === 'engine').length
  lines.push(`  ${String(inOrder).padStart(6)} of the last only in the engine's own order of jobs (fidelity: 'engine')`)
  for (const [cause, { text, found }] of byCause(differences))
    lines.push(`  ${String(found.length).padStart(6)} differ: ${cause}${text ? `: ${text}` : ''}`)
  return lines.join('\n')
}

function byCause(differences) {
  const groups = new Map()
  for (const { cause = 'UNEXPLAINED', text, ...rest } of differences) {
    if (!groups.has(cause)) groups.set(cause, { text, found: [] })
    groups.get(cause).found.push(rest)
  }
  return groups
}

export function listDifferences(differences) {
  const lines = []
  for (const [cause, { found }] of byCause(differences)) {
    lines.push('', `${cause}:`)
    for (const { path, mode, way, native, ours } of found)
      lines.push(
        `  ${path} (${mode}, ${way})`,
        `    native: ${native ?? 'passes'}`,
        `    here:   ${ours.split('\n')[0]}`,
      )
  }
  return lines.join('\n')
}

/** The lines of a table, as the formatter has them. */
function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  const line = (cells, fill) => `| ${cells.map((cell, column) => cell.padEnd(widths[column], fill)).join(' | ')} |`
  const [head, ...body] = rows
  return [
    line(head, ' '),
    line(
      head.map(() => ''),
      '-',
    ),
    ...body.map(row => line(row, ' ')),
  ]
}

/** Puts the table into docs/limits.md, between its marks. */
export function writeTable(results, differences, revision, all) {
  const of = folder => results.filter(each => each.path.startsWith(folder))
  const rows = [
    ['`test/language`', of('language/')],
    ['`test/built-ins`: promises, async functions, generators, iterators, disposal', of('built-ins/')],
  ].filter(([, found]) => found.length > 0)
  const cells = found => WAYS.map(([way]) => `${count(found, way)} (${rate(count(found, way), found.length)})`)
  const table = [
    START,
    '',
    `Node ${process.versions.node}, test262 ${revision}: ${new Set(results.map(each => each.path)).size} of ${all} tests. A run is a test in strict or in sloppy mode.`,
    '',
    ...aligned([
      ['tests', 'runs', ...WAYS.map(([, text]) => text)],
      ...rows.map(([name, found]) => [name, String(found.length), ...cells(found)]),
    ]),
    '',
    'All differences have one of these causes:',
    '',
    ...[...byCause(differences)].map(([, { text, found }]) => `- ${text ?? 'not explained'} (${found.length} runs)`),
    '',
    END,
  ].join('\n')
  const old = readFileSync(page, 'utf8')
  const [before, rest] = old.split(START)
  if (rest === undefined) throw new Error('docs/limits.md has lost its mark for the table')
  writeFileSync(page, before + table + rest.slice(rest.indexOf(END) + END.length))
}
