import { classifyConflict } from './classify.js'
import { condenseTrace } from './condense.js'
import type { Conflict } from './conflict.js'
import { waitingRows, waitPicture } from './deadlock-story.js'
import { type ThrownStory, thrownStory } from './errors.js'
import { type TaskNames, taskNames } from './names.js'
import { displayPath, type SourceReader, sourceReader } from './source.js'
import { accessRows, formatRows } from './table.js'
import type { FailureKind, RecordedTrace } from './trace.js'
import { waitForGraph } from './wait-for-graph.js'

/** What the explorer knows beyond the trace. Everything may be left out; its line is left out then. */
export interface StoryDetails {
  numExplored?: number
  reproductionAttempts?: number
  reproductionSuccesses?: number
  /** For the `replay` option. */
  replay?: string
  /** Remarks, each a line (or several, separated by newlines): "This order needs a timer to fire before ready work: …". */
  notes?: string[]
  /** Default: classified from the trace. */
  conflict?: Conflict
  /** Default: reads files from disk. */
  readSource?: SourceReader
  /** Paths are shown relative to it. Default: the working directory. */
  cwd?: string
  /** Lines of the table. Default 30. */
  maxLines?: number
}

/** A source text of an invariant longer than this is cut. */
const INVARIANT_LINES = 8

/** Tells the story of a failing execution, as plain text: see `formatTrace`. */
export function explain(trace: RecordedTrace, details: StoryDetails): string {
  return formatTrace(trace, details)
}

/**
 * Formats a recorded trace for people: what went wrong in one sentence, the lines that led there in the order in which
 * they were executed, with the values read and written, and how to see it again. Plain text without colour codes.
 *
 * @example
 * console.log(formatTrace(recorder.trace(), { numExplored: 2, replay: 'fr1:t2:0,1x2,0' }))
 */
export function formatTrace(trace: RecordedTrace, details: StoryDetails = {}): string {
  const { cwd = process.cwd(), notes = [], maxLines } = details
  const { failure } = trace
  const names = taskNames(trace)
  const conflict = details.conflict ?? classifyConflict(trace)
  const thrown = failure.error === undefined ? undefined : thrownStory(failure.error)
  const thrownAt = failure.kind === 'error' ? (failure.site ?? thrown?.site) : undefined

  const rows = accessRows(condenseTrace(trace, conflict, { maxLines, thrownAt }), thrown?.title ?? failure.message)
  const waits = failure.kind === 'deadlock' || failure.kind === 'timeout' || failure.kind === 'livelock'
  if (waits) rows.push(...waitingRows(trace, names))
  const parts = [
    [conflict.sentence],
    formatRows(rows, { cwd, readSource: details.readSource ?? sourceReader(cwd) }),
    waits ? waitPicture(waitForGraph(trace.blocked), names) : [],
    failure.kind === 'error' ? errorLines(trace, thrown, cwd) : [],
    notes.flatMap(note => note.split('\n')),
    footer(trace, thrown, details),
  ]
  const indented = parts.filter(part => part.length > 0).map(part => part.map(line => `  ${line}`.trimEnd()).join('\n'))
  return [header(trace, names, details.numExplored), ...indented].join('\n\n')
}

const HEADERS: Record<FailureKind, string> = {
  invariant: 'Race condition',
  error: 'Error',
  deadlock: 'Deadlock',
  livelock: 'Livelock',
  timeout: 'Timeout',
  nondeterminism: 'Nondeterminism',
  serializability: 'Serializability violation',
  race: 'Data race',
}

function header({ failure }: RecordedTrace, names: TaskNames, explored: number | undefined): string {
  const who = failure.kind === 'error' && failure.task !== undefined ? ` in ${names.one(failure.task)}` : ''
  const after = explored === undefined ? '' : ` after ${explored} ${explored === 1 ? 'interleaving' : 'interleavings'}`
  return `${HEADERS[failure.kind]}${who} found${after}.`
}

function errorLines({ failure }: RecordedTrace, thrown: ThrownStory | undefined, cwd: string): string[] {
  const site = failure.site ?? thrown?.site
  const lines = (thrown?.title ?? failure.message).split('\n')
  if (site) {
    const place = `${displayPath(site.file, cwd)}:${site.line}`
    lines.push(`  at ${site.functionName ? `${site.functionName} (${place})` : place}`)
  }
  return [...lines, ...(thrown?.causes ?? []).flatMap(cause => `Caused by: ${cause}`.split('\n'))]
}

function footer(trace: RecordedTrace, thrown: ThrownStory | undefined, details: StoryDetails): string[] {
  const { kind, message } = trace.failure
  const lines: string[] = []
  if (kind === 'invariant') {
    if (trace.invariant) lines.push(...invariantLines(trace.invariant))
    if (thrown) lines.push(...`Invariant failed: ${thrown.title}`.split('\n'))
    else if (!trace.invariant && message) lines.push(...message.split('\n'))
  } else if (kind === 'serializability' || kind === 'race') {
    lines.push(...message.split('\n').filter(line => line !== ''))
  }
  const { reproductionAttempts: attempts = 0, reproductionSuccesses: successes = 0, replay } = details
  if (attempts > 0) {
    lines.push(`Reproduced ${successes}/${attempts} times (${Math.floor((100 * successes) / attempts)}%)`)
  }
  if (replay !== undefined) lines.push(`Replay: { replay: '${replay.replace(/[\\']/gu, '\\$&')}' }`)
  return lines
}

/** The source text with its own indentation taken off, so that a closing brace stands under its line. */
function invariantLines(source: string): string[] {
  const [first, ...rest] = source.trim().split('\n')
  const margin = Math.min(...rest.filter(line => line.trim()).map(line => line.length - line.trimStart().length))
  const lines = [first, ...rest.map(line => line.slice(Number.isFinite(margin) ? margin : 0))]
  const shown = lines.length > INVARIANT_LINES ? [...lines.slice(0, INVARIANT_LINES - 1), '…'] : lines
  return [`Invariant: ${shown[0]}`, ...shown.slice(1)]
}
