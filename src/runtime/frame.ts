import type { Cell } from './cell.js'
import type { Context } from './contexts.js'

/** A suspended or running generator: one function call of instrumented code. */
export class Frame {
  /** The frame that waits for this one's result, below it on the stack. */
  parent: Frame | null = null
  /** The parent awaits the result: it is delivered after a suspension, and no promise is made for it. */
  awaited = false
  /** The promise of this call, where somebody may hold it. */
  cell: Cell | null = null
  /** Context in which the parent goes on, where this call ran in another one. */
  outside: Context | null = null
  /** What `new` made, if this call is a construction. */
  constructed: object | null = null
  /** The site of the call that made this frame, for call chains. */
  site = 0
  depth = 0
  /** Sites of the calls that led here, where the caller's frames are not below this one. */
  callers: readonly number[] | null = null
  /** What it returns must be an object: it is a step of an iteration. */
  yieldsObject = false
  constructor(
    readonly generator: Generator<unknown, unknown, unknown>,
    readonly isAsync: boolean,
    /** Site of the function itself. */
    readonly functionSite: number,
  ) {}
}
