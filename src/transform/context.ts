import type { Code } from './code.js'
import type { File } from './file.js'
import type { Node } from './parse.js'
import type { FunctionInfo } from './scopes.js'

/**
 * How code is rendered. `written`: as it is, but functions in it get their heads. `coroutine`: everything is
 * recorded and can suspend. `place`: recorded, can't suspend.
 */
export type Mode = 'written' | 'coroutine' | 'place'

/** The temporary variables of one function body. They are free again after each statement. */
export class Frame {
  private live = 0
  private most = 0

  constructor(private readonly prefix: string) {}

  temp(): string {
    this.live++
    if (this.live > this.most) this.most = this.live
    return `${this.prefix}${this.live}`
  }

  mark(): number {
    return this.live
  }

  release(mark: number): void {
    this.live = mark
  }

  names(): string[] {
    return Array.from({ length: this.most }, (_, index) => `${this.prefix}${index + 1}`)
  }

  declaration(): string {
    return this.most ? `let ${this.names().join(',')};` : ''
  }
}

/** Which of `arguments`, `new.target` and `super` must be reached by another name here. */
export interface Aliases {
  arguments: boolean
  newTarget: boolean
  super: boolean
}

export interface ContextOptions {
  mode: Mode
  /** On one line, without comments and types. */
  tidy: boolean
  /** Closures get only their coroutine. */
  only: boolean
  aliases: Aliases
  frame: Frame
  info: FunctionInfo
  /** Inside a `try` of the function: `return f()` must return the promise, not wait for it. */
  inTry: boolean
  /** Variable with the resources of the statements around, which `using` adds to. */
  disposal?: string
}

export const NO_ALIASES: Aliases = { arguments: false, newTarget: false, super: false }

/** Where a node is rendered. */
export class Context implements ContextOptions {
  readonly mode: Mode
  readonly tidy: boolean
  readonly only: boolean
  readonly aliases: Aliases
  readonly frame: Frame
  readonly info: FunctionInfo
  readonly inTry: boolean
  readonly disposal: string | undefined
  /** What an optional chain gives when it stops early. */
  short = 'void 0'

  constructor(
    readonly file: File,
    private readonly options: ContextOptions,
  ) {
    this.mode = options.mode
    this.tidy = options.tidy
    this.only = options.only
    this.aliases = options.aliases
    this.frame = options.frame
    this.info = options.info
    this.inTry = options.inTry
    this.disposal = options.disposal
  }

  with(changes: Partial<ContextOptions>): Context {
    return new Context(this.file, { ...this.options, ...changes })
  }

  /** The same place as written code: for what must not be recorded, such as decorators. */
  written(): Context {
    return this.mode === 'written' ? this : this.with({ mode: 'written' })
  }

  render(node: Node): Code {
    return this.file.render(node, this)
  }

  temp(): string {
    return this.frame.temp()
  }

  /** A variable of its own, for what must live through other statements. */
  unique(): string {
    return this.file.unique()
  }

  site(offset: number): string {
    return this.file.site(offset, this.info)
  }

  get runtime(): string {
    return this.file.names.runtime
  }

  get coroutine(): boolean {
    return this.mode === 'coroutine'
  }

  /** `call` returns true when the driver has to decide first. In place there is no way to wait. */
  touch(call: string, ...args: Code[]): Code {
    const code: Code[] = [this.coroutine ? '' : `${this.runtime}.on&&`, `${this.runtime}.${call}(`]
    for (const [index, argument] of args.entries()) code.push(index ? ',' : '', argument)
    code.push(this.coroutine ? ')&&(yield)' : ')')
    return code
  }

  /** `call` whose result is either at hand or comes with the next resumption. */
  result(call: string, ...args: Code[]): Code {
    const code: Code[] = [`(${this.runtime}.${call}(`]
    for (const [index, argument] of args.entries()) code.push(index ? ',' : '', argument)
    code.push(`)?(yield):${this.runtime}.value)`)
    return code
  }
}
