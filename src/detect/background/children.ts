/** Child processes that are run to their end. What they do to the outside world is not seen, only that they do something. */
import type { ChildProcess } from 'node:child_process'
import { promisify } from 'node:util'
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import { type Detect, gate } from '../../runtime/outside/gate.js'
import type { Phase } from '../../runtime/outside/operation.js'
import { Signal } from '../signal.js'

type Functions = Record<PropertyKey, Function>

/** Two children may have to do with each other: with the same files, the same server. */
const note: NonNullable<Phase['note']> = notes =>
  notes.write(
    notes.resource('children', () => 'what child processes do'),
    'run',
  )

/** For `exec`, `execFile` and `spawn`. The child runs at once, since the caller gets it; its step stays open until it has ended. */
export function childGates(runtime: RuntimeHooks, isActive: () => boolean, functions: Functions): Functions {
  const gates: Functions = {}
  for (const name of ['exec', 'execFile']) {
    const original = functions[name] as Function
    const replacement = gate(runtime, original, isActive, withCallback(runtime, name))
    const promised = (original as unknown as Functions)[promisify.custom]
    if (promised !== undefined)
      Object.defineProperty(replacement, promisify.custom, {
        value: gate(runtime, promised, isActive, withPromise(runtime, name)),
      })
    gates[name] = replacement
  }
  gates.spawn = gate(runtime, functions.spawn as Function, isActive, withEvents(runtime))
  for (const name of ['execSync', 'execFileSync', 'spawnSync'])
    gates[name] = gate(runtime, functions[name] as Function, isActive, (self, args, original) => ({
      kind: 'sync',
      phase: { note, perform: () => apply(original, self, args) },
    }))
  return gates
}

const called = (name: string, [command]: unknown[]): string => `${name} ${String(command)}`

function withCallback(runtime: RuntimeHooks, name: string): Detect {
  return (self, args, original) => {
    const callback = args.at(-1)
    if (typeof callback !== 'function') return null
    const { outside } = runtime.execution as Execution
    let results: unknown[] = []
    let returns: unknown
    const perform = (): void => {
      const over = new Signal()
      const ended = (...given: unknown[]): void => {
        results = given
        over.raise()
      }
      returns = apply(original, self, [...args.slice(0, -1), ended])
      outside.expect(over.promise, { name: called(name, args), site: outside.site, task: runtime.task })
    }
    outside.inPlace({ note, perform }, outside.site)
    const operation = {
      name: called(name, args),
      // Nothing but the call of the callback.
      *phases() {},
    }
    return { kind: 'callback', operation, callback, toArguments: () => results, returns }
  }
}

function withPromise(runtime: RuntimeHooks, name: string): Detect {
  return (self, args, original) => {
    const { outside } = runtime.execution as Execution
    const perform = (): unknown => {
      const over = apply(original, self, args) as Promise<unknown>
      outside.expect(over, { name: called(name, args), site: outside.site, task: runtime.task })
      return over
    }
    return { kind: 'sync', phase: { note, perform } }
  }
}

/** What a child tells of its end. */
const LAST = new Set<unknown>(['exit', 'close', 'error', 'disconnect'])

/** Its end is told by a task of its own. What it prints is told as it comes, while its step is open. */
function withEvents(runtime: RuntimeHooks): Detect {
  return (self, args, original) => {
    const { outside, step } = runtime.execution as Execution
    // What `setup` starts may go on for ever: a server.
    if (step < 0) return null
    const kept: unknown[][] = []
    let returns: ChildProcess | null = null
    let emit: Function = () => true
    const perform = (): void => {
      const child = apply(original, self, args) as ChildProcess
      returns = child
      emit = child.emit
      const over = new Promise<void>(resolve => {
        child.emit = (event: unknown, ...given: unknown[]): boolean => {
          if (!LAST.has(event)) return apply(emit, child, [event, ...given]) as boolean
          kept.push([event, ...given])
          // One that could not be started has no end.
          if (event === 'close' || (event === 'error' && child.pid === undefined)) resolve()
          return true
        }
      })
      outside.expect(over, { name: called('spawn', args), site: outside.site, task: runtime.task })
    }
    outside.inPlace({ note, perform }, outside.site)
    const callback = (): void => {
      if (returns === null) return
      returns.emit = emit as never
      for (const event of kept.splice(0)) apply(emit, returns, event)
    }
    const operation = {
      name: called('spawn', args),
      // Nothing but the events.
      *phases() {},
    }
    return { kind: 'callback', operation, callback, toArguments: () => [], returns }
  }
}
