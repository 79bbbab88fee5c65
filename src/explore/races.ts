/** Races of an execution, for people. */
import { type Conflict, displayPath, type RecordedTrace, type SourcePosition } from '../explain/index.js'
import { runtime } from '../runtime/index.js'
import type { ExecutionResult } from '../runtime/program.js'
import type { Race, RacingAccess } from '../runtime/races.js'
import type { Scheduler } from '../runtime/scheduler.js'
import { LocationNames } from './location-names.js'
import type { CheckedOptions } from './options.js'
import { KINDS, taskLabel } from './story.js'

/** One side of a race. */
export interface RaceAccess {
  /** `Thread 0`, `Task alice`. */
  task: string
  /** `update`: it adds or takes away a key. */
  kind: 'read' | 'write' | 'update'
  /** By an operation of `Atomics`; the other side is then none, or of another element that overlaps with this one. */
  atomic: boolean
  /** The step of the counterexample, counted from 0. */
  step: number
  /** Where in the source, if that is known. */
  site?: SourcePosition
}

/** Two accesses of one location by two tasks, of which at least one changes it, and that nothing but the schedule orders. */
export interface DataRace {
  /** `state.total`, `hits[2]`. */
  location: string
  first: RaceAccess
  second: RaceAccess
}

export function racesOf(run: ExecutionResult, scheduler: Scheduler, options: CheckedOptions): DataRace[] {
  if (run.races.length === 0) return []
  const names = new LocationNames(scheduler, run.state)
  const side = ({ task, kind, atomic, step, site }: RacingAccess): RaceAccess => {
    const position = runtime.sites.describe(site)
    return {
      task: taskLabel(task, options),
      kind: KINDS[kind] as RaceAccess['kind'],
      atomic,
      step,
      ...(position === undefined ? {} : { site: position }),
    }
  }
  return run.races.map(({ location, first, second }) => ({
    location: names.of(location),
    first: side(first),
    second: side(second),
  }))
}

/** `Data race: thread 0 writes state.n (bank.ts:7), thread 1 reads it (bank.ts:12), and nothing orders the two.` */
export function describeRace({ location, first, second }: DataRace): string {
  const part = ({ task, kind, atomic, site }: RaceAccess, what: string): string => {
    const verb = kind === 'update' ? 'changes' : `${kind}s`
    const place = site === undefined ? '' : ` (${displayPath(site.file)}:${site.line})`
    return `${task.slice(0, 1).toLowerCase()}${task.slice(1)} ${verb} ${what}${atomic ? ' by Atomics' : ''}${place}`
  }
  return `Data race: ${part(first, location)}, ${part(second, 'it')}, and nothing orders the two.`
}

/** The first race as the conflict that the story is about. */
export function raceConflict({ races }: ExecutionResult, trace: RecordedTrace, told: DataRace): Conflict {
  const [race] = races as [Race]
  const place = ({ step, kind, site }: RacingAccess): { step: number; access: number }[] => {
    const accesses = trace.steps[step]?.accesses ?? []
    const position = runtime.sites.describe(site)
    // Of an element of several bytes only the first is logged.
    const candidates = accesses.map((access, index) => ({ access, index }))
    const at = ({ access }: (typeof candidates)[number]): boolean =>
      access.site?.line === position?.line && access.site?.column === position?.column
    const found =
      candidates.find(({ access }) => access.location === race.location && access.kind === KINDS[kind]) ??
      candidates.find(at)
    return found === undefined ? [] : [{ step, access: found.index }]
  }
  const accesses = [...place(race.first), ...place(race.second)]
  const locations = accesses.map(({ step, access }) => trace.steps[step]?.accesses[access]?.location ?? race.location)
  return {
    pattern: 'race',
    location: told.location,
    locations: [...new Set(locations)],
    tasks: [...new Set([race.first.task.path, race.second.task.path])],
    accesses,
    sentence: describeRace(told),
  }
}
