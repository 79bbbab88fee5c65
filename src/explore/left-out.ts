/** What an exploration did not run although it belongs to the program, so that its result is no proof. */
import { displayPath } from '../explain/index.js'
import { runtime } from '../runtime/index.js'
import type { ExecutionResult } from '../runtime/program.js'

export class LeftOut {
  private intervalCut = false
  private unfairLoop = 0
  private timeLeftOut = false
  /** Foreign code that went on asynchronously. */
  private unseen: string | null = null
  /** What a detector could not look into, in words. */
  private unseenOutside: string | null = null
  /** An execution was cut by `maxSteps`, without being a failure. */
  stepCut = false

  constructor(private readonly clock: 'explored' | 'virtual' | 'real') {}

  note(run: ExecutionResult): void {
    this.intervalCut ||= run.intervalCut
    this.unfairLoop ||= run.unfairLoop
    this.stepCut ||= run.starved && run.unfairLoop === 0
    this.timeLeftOut ||= run.timeLeftOut
    this.unseen ??= run.execution.foreign.unseen
    this.unseenOutside ??= run.execution.outside.unseen
  }

  /** `unfinished`: a failing execution did not end. */
  reason(unfinished: boolean): string | undefined {
    if (this.clock === 'real')
      return "with clock: 'real' timers fire in one order only, and what the clock shows is another time in each execution"
    if (this.intervalCut) return 'an interval, or a chain of timers, could have gone on'
    if (this.stepCut || unfinished) return 'an execution did not end'
    if (this.unfairLoop !== 0) {
      const site = runtime.sites.describe(this.unfairLoop)
      const loop = site === undefined ? 'a loop' : `the loop at ${displayPath(site.file)}:${site.line}`
      return `schedules were cut under which ${loop} goes on and on while others could run`
    }
    if (this.timeLeftOut)
      return "a loop that waits, turn by turn, for others was run only where that changes something, so that not every time was seen which the clock could show; clock: 'virtual' runs every turn"
    if (this.unseen === null) return this.unseenOutside ?? undefined
    return `code that is not instrumented went on asynchronously (${this.unseen}): what it does in between cannot be interleaved. Trace its package with tracePackages`
  }
}
