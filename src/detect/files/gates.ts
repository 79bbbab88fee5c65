/** Puts gates in the place of Node's file functions. */
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply, isPromise } from '../../runtime/natives.js'
import { type Detect, gate } from '../../runtime/outside/gate.js'
import { type Operation, type Phase, type Plan, single } from '../../runtime/outside/operation.js'
import { removeInSteps, writeInSteps } from './compound.js'
import { FileNotes } from './file-notes.js'
import type { Meaning, MeaningOf } from './meaning.js'
import { meanings } from './meanings.js'
import { fs, isOverlooking, promises } from './natives.js'
import { installWatcherGates } from './watcher-gates.js'
import { FileWorld } from './world.js'

/** Methods of a `FileHandle`, by the function that does the same with a descriptor. */
const HANDLE_METHODS: Record<string, string> = {
  appendFile: 'appendFile',
  chmod: 'fchmod',
  chown: 'fchown',
  datasync: 'fdatasync',
  read: 'read',
  readFile: 'readFile',
  readv: 'readv',
  stat: 'fstat',
  sync: 'fsync',
  truncate: 'ftruncate',
  utimes: 'futimes',
  write: 'write',
  writeFile: 'writeFile',
  writev: 'writev',
}

/** Asynchronous calls that are several steps. */
const IN_STEPS: Record<string, (execution: Execution, args: any[]) => Operation | null> = {
  rm: removeInSteps,
  writeFile: writeInSteps,
}

type Functions = Record<PropertyKey, Function>

const hidesPromises = Number.parseInt(process.versions.node, 10) >= 25

export class FileGates {
  private handlesKnown = false

  constructor(
    private readonly runtime: RuntimeHooks,
    private readonly isActive: () => boolean,
  ) {}

  install(): void {
    const functions = fs as unknown as Functions
    const promised = promises as unknown as Functions
    for (const [name, meaningOf] of Object.entries(meanings)) {
      this.replace(functions, `${name}Sync`, this.synchronous(meaningOf))
      // Node makes it of others, which are seen.
      if (name === 'cp' && !copiesUnseen()) continue
      this.replace(functions, name, this.callback(name, meaningOf))
      this.replace(promised, name, this.promise(name, meaningOf))
    }
    const { native } = fs.realpath as unknown as Functions
    const realpath = meanings.realpath as MeaningOf
    if (native !== undefined) {
      this.replace(fs.realpath as unknown as Functions, 'native', this.callback('realpath', realpath))
      this.replace(fs.realpathSync as unknown as Functions, 'native', this.synchronous(realpath))
    }
    this.installFolders()
    installWatcherGates(
      () => this.execution,
      (owner, name, detect) => this.replace(owner, name, detect),
    )
  }

  private replace(owner: Functions, name: PropertyKey, detect: Detect): void {
    const original = owner[name]
    if (typeof original === 'function')
      owner[name] = gate(this.runtime, original, this.isActive, detect, result => this.waitFor(result))
  }

  /** Not looked at, but waited for: since 25 Node doesn't tell that promises of its file functions are under way. */
  private waitFor(result: unknown): void {
    if (isOverlooking() || !isPromise(result) || !hidesPromises) return
    const { outside } = this.execution
    const under = { name: 'an operation on a file', site: outside.site, task: this.runtime.task }
    outside.expect(result as Promise<unknown>, under, handle => {
      if (this.isHandle(handle)) this.gateHandle(handle)
    })
  }

  private get execution(): Execution {
    return this.runtime.execution as Execution
  }

  private synchronous(meaningOf: MeaningOf): Detect {
    return (self, args, original) => {
      const meaning = meaningOf(args, FileWorld.of(this.execution))
      return meaning && { kind: 'sync', phase: this.phase(meaning, () => apply(original, self, args)) }
    }
  }

  private promise(name: string, meaningOf: MeaningOf): Detect {
    return (self, args, original) => {
      const steps = IN_STEPS[name]?.(this.execution, args)
      if (steps) return { kind: 'promise', operation: steps }
      const about = this.isHandle(args[0]) ? [args[0].fd, ...args.slice(1)] : args
      const meaning = meaningOf(about, FileWorld.of(this.execution))
      const perform = (): unknown => apply(original, self, args)
      return meaning && { kind: 'promise', operation: single(meaning.name, this.phase(meaning, perform)) }
    }
  }

  private callback(name: string, meaningOf: MeaningOf): Detect {
    return (self, args, original) => {
      const callback = args.at(-1)
      if (typeof callback !== 'function') return null
      const given = args.slice(0, -1)
      const steps = IN_STEPS[name]?.(this.execution, given)
      if (steps) return { kind: 'callback', operation: steps, callback }
      const meaning = meaningOf(given, FileWorld.of(this.execution))
      return meaning && this.withCallback(meaning, callback, done => apply(original, self, [...given, done]), name)
    }
  }

  private withCallback(meaning: Meaning, callback: Function, call: (done: Function) => void, name: string): Plan {
    const failsNever = name === 'exists'
    let values: unknown[] = []
    const perform = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        call((error: unknown, ...results: unknown[]) => {
          values = failsNever ? [error] : [null, ...results]
          if (failsNever || error === null || error === undefined) resolve(results[0])
          else reject(error)
        })
      })
    return {
      kind: 'callback',
      operation: single(meaning.name, this.phase(meaning, perform)),
      callback,
      toArguments: error => (error === null ? values : [error]),
    }
  }

  private phase(meaning: Meaning, perform: () => unknown): Phase {
    let files: FileNotes | null = null
    return {
      note: notes => {
        files = new FileNotes(notes, this.execution)
        meaning.note?.(files)
      },
      perform,
      discard: result => {
        if (meaning.opens === true) closeUnused(result)
      },
      noted: (_, result, error) => {
        if (files === null) return
        if (error === undefined) files.succeeded()
        if (this.isHandle(result)) this.gateHandle(result)
        meaning.noted?.(files, result, error)
      },
    }
  }

  // --- file handles ------------------------------------------------------------------------------------------------

  private isHandle(value: unknown): value is { fd: number; close: Function } {
    return typeof value === 'object' && value !== null && value.constructor?.name === 'FileHandle' && 'fd' in value
  }

  /** Node shows the class of its file handles by handing one out only. */
  private gateHandle(handle: { close: Function }): void {
    const close = meanings.close as MeaningOf
    this.replace(handle as unknown as Functions, 'close', this.method(close))
    if (this.handlesKnown) return
    this.handlesKnown = true
    const prototype = Object.getPrototypeOf(handle) as Functions
    for (const [method, name] of Object.entries(HANDLE_METHODS))
      this.replace(prototype, method, this.method(meanings[name] as MeaningOf))
  }

  private method(meaningOf: MeaningOf): Detect {
    return (self, args, original) => {
      if (!this.isHandle(self)) return null
      const meaning = meaningOf([self.fd, ...args], FileWorld.of(this.execution))
      const perform = (): unknown => apply(original, self, args)
      return meaning && { kind: 'promise', operation: single(meaning.name, this.phase(meaning, perform)) }
    }
  }

  // --- folders -----------------------------------------------------------------------------------------------------

  /** What `opendir` gives reads the folder little by little. */
  private installFolders(): void {
    const prototype = fs.Dir.prototype as unknown as Functions
    const { runtime, isActive } = this
    const list = meanings.readdir as MeaningOf
    const { read, readSync, entries } = prototype as { read: Function; readSync: Function; entries: Function }
    prototype.read = gate(runtime, read, isActive, (self, args, original) => {
      const meaning = list([self.path], FileWorld.of(this.execution))
      if (meaning === null) return null
      const [callback] = args
      if (typeof callback === 'function')
        return this.withCallback(meaning, callback, done => apply(original, self, [done]), 'read')
      const perform = (): unknown => apply(original, self, args)
      return { kind: 'promise', operation: single(meaning.name, this.phase(meaning, perform)) }
    })
    prototype.readSync = gate(runtime, readSync, isActive, (self, args, original) => {
      const meaning = list([self.path], FileWorld.of(this.execution))
      return meaning && { kind: 'sync', phase: this.phase(meaning, () => apply(original, self, args)) }
    })
    // Node's own generator doesn't call `read`.
    const iterate = function (this: object): unknown {
      return runtime.on && isActive() && runtime.enters() ? readAll(this as never) : apply(entries, this, [])
    }
    prototype.entries = iterate
    prototype[Symbol.asyncIterator] = iterate
  }
}

/** The part of Node that copies folders is native, as it is since 25, or has taken its functions from `fs` already. */
const copiesUnseen = (): boolean =>
  Number.parseInt(process.versions.node, 10) >= 25 ||
  (process as unknown as { moduleLoadList: string[] }).moduleLoadList.includes('NativeModule internal/fs/cp/cp')

function closeUnused(result: unknown): void {
  if (typeof result === 'number') fs.closeSync(result)
  else void (result as { close(): Promise<void> }).close().catch(() => {})
}

async function* readAll(folder: {
  read(): Promise<unknown>
  close(): Promise<void>
}): AsyncGenerator<unknown, void, undefined> {
  try {
    for (let entry = await folder.read(); entry !== null; entry = await folder.read()) yield entry
  } finally {
    await folder.close()
  }
}
