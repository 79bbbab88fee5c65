/** From the log of a replayed execution to the recorded trace that `explain` tells. */
import type { NondeterminismError } from '../engine/index.js'
import {
  type BlockedTask,
  displayPath,
  explain,
  type LocationSort,
  printValue,
  type RecordedAccess,
  type RecordedStep,
  type RecordedTrace,
  type SourcePosition,
  type WaitForGraph,
  waitForGraph,
} from '../explain/index.js'
import { HELD, KEYS, ORDER, recordOf, SETTLE, Shape } from '../runtime/identity.js'
import { runtime } from '../runtime/index.js'
import { isObject } from '../runtime/natives.js'
import type { ExecutionResult } from '../runtime/program.js'
import type { LoggedAccess } from '../runtime/recorder.js'
import type { Scheduler } from '../runtime/scheduler.js'
import type { Task, TaskIdentity } from '../runtime/task.js'
import type { Verdict } from './executor.js'
import { functionSource } from './function-source.js'
import { LocationNames } from './location-names.js'
import type { CheckedOptions } from './options.js'
import { raceConflict, racesOf } from './races.js'
import type { InterleavingResult } from './result.js'

export const KINDS: readonly RecordedAccess['kind'][] = ['read', 'write', 'update', 'acquire', 'release']

const position = (site: number): SourcePosition | undefined => runtime.sites.describe(site)

const isPosition = (site: SourcePosition | undefined): site is SourcePosition => site !== undefined

/** `Task 0`, `Thread alice`, `Task 0.2 (timer)`. */
export function taskLabel({ path }: Pick<TaskIdentity, 'path'>, options: CheckedOptions, kind?: string): string {
  const unit = options.unit === 'task' ? 'Task' : 'Thread'
  const [root, ...rest] = path.split('.')
  const name = options.names?.[Number(root)] ?? root
  const suffix = kind === undefined || kind === 'root' || kind === 'async' ? '' : ` (${kind})`
  return `${unit} ${[name, ...rest].join('.')}${suffix}`
}

/** An operation on the outside world goes by the name of the task that asked for it. */
function labelOf(task: Task, options: CheckedOptions): string {
  let asker = task
  while (asker.kind === 'io' && asker.parent !== null) asker = asker.parent
  return taskLabel(asker.identity, options, asker.kind)
}

function recordAccess(entry: LoggedAccess, names: LocationNames): RecordedAccess | null {
  const { key, record } = names.parts(entry.location)
  if (key === ORDER) return null
  const site = position(entry.site)
  // Time passes at no line of the program.
  if (site === undefined && (key === 'timer' || record.label === 'clock')) return null
  return {
    kind: KINDS[entry.kind] ?? 'write',
    location: entry.location,
    name: names.of(entry.location),
    ...(site === undefined ? {} : { site }),
    ...(entry.value === undefined ? {} : { value: entry.value }),
    stack: entry.stack.map(position).filter(isPosition),
    object: sortOf(key, record.shape),
  }
}

function sortOf(key: PropertyKey, shape: Shape): LocationSort {
  if (key === SETTLE) return 'settle'
  if (key === HELD) return 'lock'
  if (key === KEYS) return 'size'
  if (shape === Shape.Scope) return 'variable'
  if (shape === Shape.Map || shape === Shape.Set) return 'key'
  return typeof key === 'number' ? 'element' : 'field'
}

function recordSteps(
  run: ExecutionResult,
  _scheduler: Scheduler,
  options: CheckedOptions,
  names: LocationNames,
): RecordedStep[] {
  const labels = new Map<string, string>()
  for (const { task } of run.log ?? []) labels.set(task.identity.path, labelOf(task, options))
  const step = (identity: TaskIdentity, causes: number[]): RecordedStep => ({
    task: identity.path,
    label: labels.get(identity.path) ?? taskLabel(identity, options),
    causes,
    accesses: [],
  })
  const { segments } = run
  const steps =
    segments === null
      ? run.schedule.map((identity, index) => step(identity, run.causes[index] ?? []))
      : segments.map((segment, index) => {
          // What comes before a macrotask comes before its first part, and each part before the next.
          if (segments[index - 1]?.step === segment.step) return step(segment.task.identity, [index - 1])
          const before = (run.causes[segment.step] ?? []).map(cause =>
            segments.findLastIndex(part => part.step === cause),
          )
          return step(
            segment.task.identity,
            before.filter(part => part >= 0),
          )
        })
  for (const entry of run.log ?? []) {
    const access = entry.step >= 0 ? recordAccess(entry, names) : null
    if (access !== null) steps[entry.step]?.accesses.push(access)
  }
  return steps
}

/** The operation that a task waits for, where it is one of its own. */
function operationOf({ cell }: Task): Task | undefined {
  const producer = cell?.producer
  return producer?.kind === 'operation' && producer.guard !== null ? producer : undefined
}

function recordBlocked(run: ExecutionResult, options: CheckedOptions, names: LocationNames): BlockedTask[] {
  // Who waits for an operation of its own that it did not await at once waits for what that waits for.
  const operations = run.blocked.map(operationOf)
  return run.blocked
    .filter(task => !operations.includes(task))
    .map(task => {
      const site = position(operationOf(task)?.site ?? task.site)
      const base = {
        task: task.identity.path,
        label: labelOf(task, options),
        ...(site === undefined ? {} : { site }),
      }
      const guard = task.guard ?? operationOf(task)?.guard ?? null
      if (guard !== null) {
        const holders = guard.holders()
        return {
          ...base,
          waitsFor: guard.describe((guard.record === null ? undefined : names.ofRecord(guard.record)) ?? ''),
          ...(guard.location < 0 ? {} : { resource: names.of(guard.location) }),
          ...(holders.length === 0 ? {} : { heldBy: holders.map(holder => holder.identity.path) }),
        }
      }
      const { cell } = task
      const call = cell?.lockCall ?? null
      if (call !== null) {
        const record = recordOf(call.owner)
        const name = record === undefined ? undefined : names.ofRecord(record)
        const heldBy = call.holders().map(holder => holder.identity.path)
        return { ...base, waitsFor: call.describe(name ?? ''), ...(heldBy.length === 0 ? {} : { heldBy }) }
      }
      const producer = cell?.producer ?? null
      if (producer?.operationName)
        return { ...base, waitsFor: `the operation '${producer.operationName}'`, heldBy: [producer.identity.path] }
      const made = cell === null ? undefined : position(cell.site)
      return {
        ...base,
        waitsFor:
          made === undefined
            ? 'a promise that nobody settles'
            : `a promise made at ${displayPath(made.file)}:${made.line}`,
        ...(producer === null ? {} : { heldBy: [producer.identity.path] }),
      }
    })
}

/** Of what was thrown, where it is no error; the story says that it was. */
function messageOf({ kind, message, error, details }: Verdict): string {
  if (details !== undefined) return [message.charAt(0).toUpperCase() + message.slice(1), ...details].join('\n')
  if (kind !== 'error' || error instanceof Error) return message
  return isObject(error) ? message.replace(/^threw /, '') : printValue(error)
}

export function tellStory(
  run: ExecutionResult,
  scheduler: Scheduler,
  verdict: Verdict,
  options: CheckedOptions,
  result: InterleavingResult<unknown>,
  remarks: readonly string[] = [],
): string {
  const names = new LocationNames(scheduler, run.state)
  const read = new Set(
    (run.log ?? [])
      .filter(entry => entry.step < 0 && entry.task.identity.path === 'invariant')
      .map(entry => entry.location),
  )
  const trace: RecordedTrace = {
    unit: options.unit,
    steps: recordSteps(run, scheduler, options, names),
    blocked: recordBlocked(run, options, names),
    failure: {
      kind: verdict.kind,
      message: verdict.kind === 'race' ? '' : messageOf(verdict),
      ...('error' in verdict ? { error: verdict.error } : {}),
      ...(run.failure?.task ? { task: run.failure.task.identity.path, step: run.failure.step } : {}),
      ...(read.size > 0 ? { locations: [...read] } : {}),
    },
    invariant: options.invariant === null ? '' : functionSource(options.invariant),
  }
  const notes = run.overtook
    ? ["This order needs a timer to fire before work that was ready; clock: 'virtual' leaves such orders out."]
    : []
  notes.push(...remarks)
  const [race] = racesOf(run, scheduler, options)
  return explain(trace, {
    numExplored: result.numExplored,
    reproductionAttempts: result.reproductionAttempts,
    reproductionSuccesses: result.reproductionSuccesses,
    ...(result.replay === undefined ? {} : { replay: result.replay }),
    notes,
    ...(verdict.kind === 'race' && race !== undefined ? { conflict: raceConflict(run, trace, race) } : {}),
  })
}

export function deadlockOf(
  run: ExecutionResult,
  scheduler: Scheduler,
  options: CheckedOptions,
): WaitForGraph | undefined {
  return run.blocked.length === 0
    ? undefined
    : waitForGraph(recordBlocked(run, options, new LocationNames(scheduler, run.state)))
}

export function describeFailure(error: NondeterminismError, scheduler: Scheduler, explored: number): string {
  const names = new LocationNames(scheduler, undefined)
  const list = (accesses: readonly number[]): string =>
    accesses.length === 0
      ? 'nothing'
      : accesses.map(access => `${KINDS[access & 7]} ${names.of(access >> 3)}`).join(', ')
  const task = scheduler.registry.all[error.task]?.path ?? String(error.task)
  return [
    `Nondeterminism found after ${explored} ${explored === 1 ? 'interleaving' : 'interleavings'}.`,
    `  Run again under the same schedule, the program did something else: step ${error.step + 1}, of task ${task}.`,
    ...(error.because === undefined
      ? [
          `  Before:   ${list(error.expected)}`,
          `  This run: ${error.actual === undefined ? 'the task could not run there' : list(error.actual)}`,
        ]
      : [`  ${error.because}`]),
    '  Something outlives an execution (a module-level cache, say), or comes from outside: make it fresh in setup.',
  ].join('\n\n')
}
