import { type RecordedTrace, TraceRecorder } from '../../src/explain/index.js'

/** One operation of a toy thread program: `r x` reads into the task's register of x, `w x` writes it plus one. */
export interface Operation {
  kind: 'read' | 'write'
  variable: string
}

export interface Run {
  trace: RecordedTrace
  final: Map<string, number>
  /** For each variable: was an update lost because the value it was computed from was out of date? */
  lost: boolean
}

/** Runs the programs in the given order of tasks, each operation a step, and records it. */
export function run(programs: readonly (readonly Operation[])[], schedule: readonly number[]): Run {
  const state = new Map<string, number>()
  const registers = programs.map(() => new Map<string, number>())
  const next = programs.map(() => 0)
  const writes = new Map<string, number>()
  const recorder = new TraceRecorder({ unit: 'thread' })
  let line = 0
  for (const task of schedule) {
    const { kind, variable } = programs[task][next[task]++]
    const site = `program.ts:${++line}`
    if (kind === 'read') {
      const value = state.get(variable) ?? 0
      registers[task].set(variable, value)
      recorder.read(task, variable, { value, site })
    } else {
      const value = (registers[task].get(variable) as number) + 1
      state.set(variable, value)
      writes.set(variable, (writes.get(variable) ?? 0) + 1)
      recorder.write(task, variable, { value, site })
    }
  }
  // Every write adds one to what was read: fewer in the end means that some were lost.
  const lost = [...writes].some(([variable, count]) => state.get(variable) !== count)
  return { trace: recorder.trace(), final: state, lost }
}

/** A record by hand: `0 read x = 1`, one access a step; `0: read x = 1, write x = 2` several in one. */
export function trace(text: string, recorder: TraceRecorder = new TraceRecorder()): RecordedTrace {
  let line = 0
  for (const row of text.trim().split('\n')) {
    line++
    const [, task, rest] = /^\s*([\d.]+):?\s+(.*)$/.exec(row) as RegExpExecArray
    recorder.step(task)
    for (const part of rest.split(/,\s+/)) {
      const [, kind, name, value] = /^(\w+) (.+?)(?: = (.+))?$/.exec(part) as RegExpExecArray
      const object = name.endsWith('.length') ? 'size' : undefined
      const given = value === undefined ? {} : { value: parse(value) }
      recorder.access(kind as 'read', name, { ...given, site: `app.ts:${line}`, object })
    }
  }
  return recorder.trace()
}

function parse(value: string): unknown {
  return value === 'undefined' ? undefined : JSON.parse(value)
}
