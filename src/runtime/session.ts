/** An exploration's hold on the process: one at a time; everything it replaced is put back when it ends. */
import { installArrays } from './builtins/arrays.js'
import { installAtomics } from './builtins/atomics.js'
import { installCollections } from './builtins/collections.js'
import { installConstruction } from './builtins/construction.js'
import { installCopies } from './builtins/copies.js'
import { installFunctions } from './builtins/functions.js'
import { installIterators } from './builtins/iterators.js'
import { installMemory } from './builtins/memory.js'
import { installObjects } from './builtins/objects.js'
import { installPlatform } from './builtins/platform.js'
import { installPromises } from './builtins/promises.js'
import { declarePureBuiltins } from './builtins/pure.js'
import { installStrings } from './builtins/strings.js'
import { installWaiting } from './builtins/waiting.js'
import { installWebLocks } from './builtins/web-locks.js'
import { installContexts } from './contexts.js'
import { Foreign, isWithinExploration } from './foreign.js'
import { BUILTIN, ObjectRecord, stamp, walk } from './identity.js'
import { runtime } from './index.js'
import type { RuntimeHooks } from './iteration.js'
import { installChannels } from './messages/channels.js'
import { Patches } from './patches.js'
import { installRandom } from './random.js'
import type { Scheduler } from './scheduler.js'
import { installTime } from './time.js'

let active: Session | null = null
let builtinsKnown = false

/** Makes operations of the outside world known; what it replaces, it replaces for one exploration. */
export type Detector = (runtime: RuntimeHooks, patches: Patches) => void

export interface SessionOptions {
  seed: number
  /** `none`: the platform's timers are left alone; `real`: only its timers are taken over, not its clocks. */
  time: 'virtual' | 'real' | 'none'
  detectors: readonly Detector[]
}

export class Session {
  private readonly patches = new Patches()
  /** Rejections of native promises that nobody handled while the exploration ran. */
  readonly unhandled: unknown[] = []

  /** Takes the process for an exploration. Throws, with what to do, when one is under way. */
  static begin(options: SessionOptions): Session {
    if (active !== null) {
      throw new SessionError(
        isWithinExploration()
          ? 'an exploration was started inside another one (in its setup, tasks or invariant). Run them one after the other.'
          : 'another exploration is under way in this process. Await it before starting the next: explorations take over timers and promises, so they cannot overlap (no test.concurrent, no Promise.all over explorations).',
      )
    }
    const session = new Session()
    active = session
    try {
      session.install(options)
    } catch (error) {
      session.end()
      throw error
    }
    return session
  }

  private install({ seed, time, detectors }: SessionOptions): void {
    if (!builtinsKnown) {
      builtinsKnown = true
      // It hangs on the global object: whoever looks through that must not come upon it.
      stamp(runtime, BUILTIN)
      declarePureBuiltins(globalThis as unknown as Record<string, unknown>)
      installObjects(runtime)
      installFunctions(runtime)
      installCopies(runtime)
      installArrays(runtime)
      installCollections(runtime)
      installPromises(runtime)
      installPlatform(runtime)
      installMemory(runtime)
      installStrings(runtime)
      installIterators(runtime)
      installConstruction(runtime)
      installAtomics(runtime)
      installWaiting(runtime)
      installChannels(runtime)
      installWebLocks(runtime)
    }
    if (time !== 'none') installTime(runtime, this.patches, time === 'virtual')
    installContexts(runtime, this.patches)
    installRandom(runtime, this.patches, seed)
    // Small buffers would lie anywhere in memory that outlives executions: where, would be another in each.
    this.patches.replace(Buffer, 'poolSize', 0)
    for (const detect of detectors) detect(runtime, this.patches)
    this.catchRejections()
    this.patches.commit()
    Foreign.rememberBaseline()
  }

  /** A rejected native promise is a finding of the exploration, not the end of the process. */
  private catchRejections(): void {
    const others = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[]
    process.removeAllListeners('unhandledRejection')
    const note = (reason: unknown): void => {
      if (runtime.eventLoop === null) this.unhandled.push(reason)
      else runtime.eventLoop.unhandled(reason)
    }
    process.on('unhandledRejection', note)
    // Without a listener Node would warn of rejections that are handled late.
    const late = (): void => {}
    process.on('rejectionHandled', late)
    this.patches.onUndo(() => {
      process.off('unhandledRejection', note)
      process.off('rejectionHandled', late)
      for (const listener of others) process.on('unhandledRejection', listener)
    })
  }

  /** Gives the objects of module level, which outlive executions, identities of their own. */
  adoptModules(scheduler: Scheduler): void {
    let count = 0
    stamp(globalThis, new ObjectRecord('globalThis', scheduler.locations))
    for (const file of runtime.sites.files) {
      walk(
        rootsOf(file.roots),
        object => {
          if (scheduler.recorder.knows(object)) return false
          stamp(object, new ObjectRecord(`module#${count++}`, scheduler.locations))
          return true
        },
        { prototypes: true },
      )
    }
  }

  end(): void {
    runtime.on = false
    runtime.execution = null
    runtime.recorder = null
    runtime.points = false
    runtime.contexts = null
    this.patches.restore()
    Foreign.forgetContexts()
    if (active === this) active = null
  }
}

export class SessionError extends Error {}

function rootsOf(roots: () => Record<string, unknown>): Record<string, unknown> {
  try {
    return roots()
  } catch {
    return {}
  }
}
