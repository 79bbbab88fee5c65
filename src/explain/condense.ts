import { classifyConflict } from './classify.js'
import type { Conflict } from './conflict.js'
import { relevantAccesses } from './relevance.js'
import type { RecordedAccess, RecordedTrace, SourcePosition } from './trace.js'

/** What one task did on one source line, without another told line in between. */
export interface AccessLine {
  type: 'accesses'
  /** Index of its first step. */
  step: number
  task: string
  label: string
  site?: SourcePosition
  stack: SourcePosition[]
  accesses: RecordedAccess[]
}

export interface ThrowLine {
  type: 'throw'
  step: number
  task: string
  label: string
  site: SourcePosition
}

/** Lines left out, to keep the story short. */
export interface OmittedLines {
  type: 'omitted'
  count: number
  /** Labels of the tasks they belong to. */
  labels: string[]
}

export type StoryLine = AccessLine | ThrowLine | OmittedLines

type KeptLine = (AccessLine | ThrowLine) & { essential: boolean }

export interface CondenseOptions {
  /** Default 30. */
  maxLines?: number
  /** Where the failing task threw, for a line of its own. */
  thrownAt?: SourcePosition
}

/**
 * Reduces an execution to the lines that matter for `conflict`, in the order in which they were executed: the accesses
 * to its locations and to related ones, and the place of the error. Never reorders, and merges only neighbours of one
 * task on one source line.
 */
export function condenseTrace(
  trace: RecordedTrace,
  conflict: Conflict = classifyConflict(trace),
  { maxLines = 30, thrownAt }: CondenseOptions = {},
): StoryLine[] {
  return cap(linesOf(trace, conflict, thrownAt), Math.max(maxLines, 3), conflict.accesses.length === 0)
}

function linesOf(trace: RecordedTrace, conflict: Conflict, thrownAt?: SourcePosition): KeptLine[] {
  const relevant = relevantAccesses(trace, conflict)
  const essential = new Set(conflict.accesses.map(a => `${a.step} ${a.access}`))
  const { failure } = trace
  const thrownIn = failure.step ?? trace.steps.findLastIndex(({ task }) => task === failure.task)
  const lines: KeptLine[] = []
  trace.steps.forEach(({ task, label, accesses, suspendedAt }, step) => {
    accesses.forEach((access, index) => {
      if (!relevant(access)) return
      const site = access.site ?? access.stack[0] ?? suspendedAt
      const key = essential.has(`${step} ${index}`)
      const last = lines[lines.length - 1]
      if (last?.type === 'accesses' && last.task === task && samePlace(last, site, access)) {
        last.accesses.push(access)
        last.essential ||= key
      } else {
        const { stack } = access
        lines.push({ type: 'accesses', step, task, label, site, stack, accesses: [access], essential: key })
      }
    })
    if (thrownAt && step === thrownIn) {
      lines.push({ type: 'throw', step, task, label, site: thrownAt, essential: true })
    }
  })
  return lines
}

function samePlace(line: AccessLine, site: SourcePosition | undefined, access: RecordedAccess): boolean {
  if (!line.site || !site) return line.site === site
  const same = line.site.file === site.file && line.site.line === site.line
  return same && line.stack.length === access.stack.length
}

/**
 * Drops lines beyond the limit: the accesses of the conflict stay, then what is nearest to them; without a conflict
 * (a livelock, a time-out) the last lines stay, and the first few.
 */
function cap(lines: KeptLine[], maxLines: number, noConflict: boolean): StoryLine[] {
  if (lines.length <= maxLines) return lines.map(publicLine)
  const anchors = lines.flatMap((line, i) => (line.essential ? [i] : []))
  if (noConflict) anchors.push(lines.length - 1)
  const nearest = anchors.length > 0 ? distances(lines.length, anchors) : lines.map((_, i) => i)
  const byDistance = lines.map((_, i) => i).sort((a, b) => nearest[a] - nearest[b] || a - b)
  // Dropped runs take a line each; fewer kept lines until all of it fits.
  for (let keep = maxLines - 1; ; keep--) {
    const kept = new Set(byDistance.slice(0, Math.max(keep, 1)))
    const told = fold(lines, kept)
    if (told.length <= maxLines || keep <= 1) return told
  }
}

function distances(length: number, anchors: number[]): number[] {
  const nearest = new Array<number>(length).fill(length)
  for (const anchor of anchors.slice(0, 100)) {
    for (let i = 0; i < length; i++) nearest[i] = Math.min(nearest[i], Math.abs(i - anchor))
  }
  return nearest
}

function fold(lines: KeptLine[], kept: Set<number>): StoryLine[] {
  const told: StoryLine[] = []
  lines.forEach((line, i) => {
    if (kept.has(i)) {
      told.push(publicLine(line))
      return
    }
    const last = told[told.length - 1]
    if (last?.type !== 'omitted') told.push({ type: 'omitted', count: 1, labels: [line.label] })
    else {
      last.count++
      if (!last.labels.includes(line.label)) last.labels.push(line.label)
    }
  })
  return told
}

function publicLine({ essential: _, ...line }: KeptLine): StoryLine {
  return line
}
