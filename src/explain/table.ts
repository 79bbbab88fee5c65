import type { StoryLine } from './condense.js'
import { list } from './names.js'
import { displayPath, type SourceReader } from './source.js'
import type { RecordedAccess, SourcePosition } from './trace.js'
import { shorten } from './values.js'

/** A row of the story's table: who, where, the source line there, and below it what happened. */
export interface Row {
  label: string
  site?: SourcePosition
  details: string[]
  /** The call chain, if it helps. */
  callers?: SourcePosition[]
}

/** Widths in characters. */
const SOURCE_WIDTH = 100
const VALUE_WIDTH = 60
const DETAIL_WIDTH = 110
/** So many callers are shown, and so many accesses of one line. */
const CALLERS = 3
const ACCESSES = 6

/** Lines left out have a row with details only. */
export function accessRows(lines: readonly StoryLine[], thrown: string): Row[] {
  const rows: Row[] = []
  const chains = new Map<string, string>()
  for (const line of lines) {
    if (line.type === 'omitted') {
      rows.push({
        label: '',
        details: [`… ${line.count} more ${line.count === 1 ? 'line' : 'lines'} of ${list(line.labels)}`],
      })
    } else if (line.type === 'throw') {
      const detail = `[throws ${shorten(thrown.split('\n')[0], VALUE_WIDTH + 20)}]`
      const last = rows[rows.length - 1]
      const here = last?.label === line.label && last.site?.file === line.site.file && last.site.line === line.site.line
      if (here) last.details.push(detail)
      else rows.push({ label: line.label, site: line.site, details: [detail] })
    } else {
      const row: Row = { label: line.label, site: line.site, details: accessDetails(line.accesses) }
      const key = JSON.stringify(line.stack)
      // The outermost caller is the task's function, which the reader knows; and nobody wants to read a chain twice.
      if (line.stack.length > 1 && chains.get(line.task) !== key) row.callers = line.stack
      chains.set(line.task, key)
      rows.push(row)
    }
  }
  return rows
}

function callChain(stack: SourcePosition[], cwd: string): string {
  const callers = stack.slice(0, CALLERS).map(caller => {
    const place = `${displayPath(caller.file, cwd)}:${caller.line}`
    return `${caller.functionName || '<anonymous>'} (${place})`
  })
  return `called from ${callers.join(' <- ')}`
}

/** Brackets side by side as long as they fit on a line. */
function accessDetails(accesses: readonly RecordedAccess[]): string[] {
  const texts: { text: string; times: number }[] = []
  for (const { kind, name, value } of accesses) {
    const shown = value === undefined ? '' : ` = ${shorten(value.replaceAll('\n', '\\n'), VALUE_WIDTH)}`
    const text = `${kind} ${shorten(name, VALUE_WIDTH)}${shown}`
    const last = texts[texts.length - 1]
    if (last?.text === text) last.times++
    else texts.push({ text, times: 1 })
  }
  const details: string[] = []
  for (const { text, times } of texts.slice(0, ACCESSES)) {
    const bracket = times > 1 ? `[${text}, ${times} times]` : `[${text}]`
    const last = details[details.length - 1]
    if (last !== undefined && last.length + bracket.length < DETAIL_WIDTH)
      details[details.length - 1] = `${last} ${bracket}`
    else details.push(bracket)
  }
  if (texts.length > ACCESSES) details.push(`… ${texts.length - ACCESSES} more accesses`)
  return details
}

/** `Task 0 | bank.ts:7     source line`, the columns aligned over all rows. */
export function formatRows(rows: readonly Row[], show: { cwd: string; readSource: SourceReader }): string[] {
  const placed = rows.map(row => ({
    ...row,
    place: row.site ? `${displayPath(row.site.file, show.cwd)}:${row.site.line}` : '',
  }))
  const labelWidth = Math.max(0, ...rows.map(row => row.label.length))
  const placeWidth = Math.max(0, ...placed.map(row => row.place.length)) + 5
  const lines: string[] = []
  for (const { label, site, place, details, callers } of placed) {
    if (label !== '') {
      const source = site ? (show.readSource(site.file, site.line) ?? '').trim() : ''
      lines.push(`${label.padEnd(labelWidth)} | ${place.padEnd(placeWidth)}${shorten(source, SOURCE_WIDTH)}`.trimEnd())
    }
    const below = callers ? [...details, callChain(callers, show.cwd)] : details
    for (const detail of below) lines.push(`${''.padEnd(labelWidth)} | ${detail}`)
  }
  return lines
}
