/** How the meaning of a file function is put: by its paths, or by its descriptor. */
import type { FileNotes } from './file-notes.js'
import { absolute, displayed, textOf } from './paths.js'
import type { FileWorld } from './world.js'

/** One call, in terms of what it touches. */
export interface Meaning {
  /** What it does to what, for people. */
  readonly name: string
  note?(files: FileNotes): void
  noted?(files: FileNotes, result: unknown, error: unknown): void
  /** Its result is a file that must be closed. */
  readonly opens?: boolean
}

/** Null: not a call that this detector has anything to say to. `world`: the files that are open. */
export type MeaningOf = (args: any[], world: FileWorld) => Meaning | null

/** A function of one path. */
export const onPath =
  (verb: string, note: (files: FileNotes, path: string, args: any[]) => void, noted?: Noted): MeaningOf =>
  args => {
    const text = textOf(args[0])
    if (text === null) return null
    const path = absolute(text)
    return {
      name: `${verb} ${displayed(path)}`,
      note: files => note(files, path, args),
      ...(noted === undefined ? {} : { noted: (files, result, error) => noted(files, path, args, result, error) }),
    }
  }
type Noted = (files: FileNotes, path: string, args: any[], result: any, error: unknown) => void

/** A function of two paths. */
export const onPaths =
  (verb: string, note: (files: FileNotes, from: string, to: string, args: any[]) => void): MeaningOf =>
  args => {
    const [from, to] = [textOf(args[0]), textOf(args[1])]
    if (from === null || to === null) return null
    const [source, target] = [absolute(from), absolute(to)]
    return {
      name: `${verb} ${displayed(source)} to ${displayed(target)}`,
      note: files => note(files, source, target, args),
    }
  }

/** A function of a file descriptor. 0 to 2 are the process's own. */
export const onDescriptor =
  (verb: string, note: (files: FileNotes, descriptor: number, args: any[]) => void, noted?: Noted2): MeaningOf =>
  (args, world) => {
    const [descriptor] = args
    if (!Number.isInteger(descriptor) || descriptor < 3) return null
    return {
      name: `${verb} ${displayed(world.file(descriptor).path)}`,
      note: files => note(files, descriptor, args),
      ...(noted === undefined
        ? {}
        : { noted: (files, result, error) => noted(files, descriptor, args, result, error) }),
    }
  }
type Noted2 = (files: FileNotes, descriptor: number, args: any[], result: any, error: unknown) => void

/** By path, or by descriptor where a function takes both. */
export const either =
  (path: MeaningOf, descriptor: MeaningOf): MeaningOf =>
  (args, world) =>
    (typeof args[0] === 'number' ? descriptor : path)(args, world)
