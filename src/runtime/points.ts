/**
 * Accesses that threads stop before. Objects rather than closures, since a closure takes a context besides.
 */
import { frameAhead } from './accessors.js'
import type { Frame } from './frame.js'
import type { Hooks, Scope } from './hooks.js'
import type { Key } from './identity.js'
import type { Recorder } from './recorder.js'
import type { Point } from './task.js'

export class ReadPoint implements Point {
  awaited = false
  readonly onlyNotes = true
  constructor(
    private readonly hooks: Hooks,
    private readonly target: object,
    private readonly key: Key,
    readonly site: number,
  ) {}
  perform(): void {
    this.hooks.noteRead(this.target, this.key, this.site)
  }
  ahead(): Frame | null {
    return frameAhead(this.hooks, this.target, this.key, [], this.site)
  }
}

export class WritePoint implements Point {
  awaited = false
  readonly onlyNotes = true
  constructor(
    private readonly hooks: Hooks,
    private readonly target: object,
    private readonly key: Key,
    private readonly value: unknown,
    readonly site: number,
  ) {}
  perform(): void {
    ;(this.hooks.recorder as Recorder).addWrite(this.target, this.key, this.value, this.site)
  }
  ahead(): Frame | null {
    return frameAhead(this.hooks, this.target, this.key, [this.value], this.site)
  }
}

export class VariablePoint implements Point {
  awaited = false
  readonly onlyNotes = true
  constructor(
    private readonly hooks: Hooks,
    private readonly scope: Scope,
    private readonly name: string,
    private readonly kind: number,
    private readonly value: unknown,
    readonly site: number,
  ) {}
  perform(): void {
    this.hooks.noteVariable(this.scope, this.name, this.kind, this.site, this.value)
  }
}
