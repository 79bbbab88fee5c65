import { isPromise } from '../natives.js'
import { type Task, TaskState } from '../task.js'
import type { Operation, Phase } from './operation.js'
import type { Outside } from './outside.js'

/** An operation as its task carries it: where it stands, and who is told how it ended. */
export class RunningOperation {
  private readonly phases: Generator<Phase, unknown, unknown>
  private phase: Phase | null = null
  /** A blocking phase is over: what it resulted in. */
  private over: { value: unknown; failed: boolean } | null = null

  constructor(
    private readonly outside: Outside,
    readonly operation: Operation,
    private readonly task: Task,
    private readonly end: (value: unknown, failed: boolean) => void,
  ) {
    this.phases = operation.phases()
  }

  /** One step of its task. */
  step(): void {
    const { over } = this
    if (over !== null) {
      this.over = null
      this.conclude(over.value, over.failed)
      if (this.phase === null) return
      // What comes next is a step of its own.
      this.task.state = TaskState.Ready
      return
    }
    if (this.phase === null) {
      this.advance(undefined, false)
      if (this.phase === null) return
    }
    this.perform(this.phase as Phase)
  }

  private perform(phase: Phase): void {
    const { outside, task, operation } = this
    let result: unknown
    try {
      phase.note?.(outside.notes(task.site))
      result = outside.silently(() => phase.perform())
    } catch (error) {
      return this.conclude(error, true)
    }
    if (!isPromise(result)) return this.conclude(result, false)
    const under = { name: operation.name, site: task.site, task }
    const late = (value: unknown): void => phase.discard?.(value)
    if (phase.blocks) {
      task.state = TaskState.Blocked
      outside.block(
        result as Promise<unknown>,
        under,
        (value, failed) => {
          this.over = { value, failed }
          task.state = TaskState.Ready
        },
        late,
      )
    } else {
      const then = (value: unknown, failed: boolean): void => outside.inStepOf(task, () => this.conclude(value, failed))
      outside.expect(result as Promise<unknown>, under, then, late)
    }
  }

  private conclude(value: unknown, failed: boolean): void {
    const { phase, outside, task } = this
    if (failed) phase?.noted?.(outside.notes(task.site), undefined, value)
    else phase?.noted?.(outside.notes(task.site), value)
    this.advance(value, failed)
  }

  /** To the next phase, which is another step, or to the end. */
  private advance(value: unknown, failed: boolean): void {
    let ended: unknown
    let threw = false
    try {
      const next = failed ? this.phases.throw(value) : this.phases.next(value)
      if (!next.done) {
        this.phase = next.value
        return
      }
      ended = next.value
    } catch (error) {
      ended = error
      threw = true
    }
    this.phase = null
    this.task.operation = null
    this.end(ended, threw)
  }
}
