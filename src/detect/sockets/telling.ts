/** Events of the outside world that come in one order, each in a task of its own. */
import type { Execution } from '../../runtime/execution.js'
import { Frame } from '../../runtime/frame.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { type Task, TaskState } from '../../runtime/task.js'

export class Telling {
  /** The task that tells the latest event, if it has not done so. */
  private last: Task | null = null
  private readonly next = new Map<Task, Task>()

  /**
   * @param from who tells, for people
   * @param told called after each event, in its step
   */
  constructor(
    private readonly runtime: RuntimeHooks,
    private readonly execution: Execution,
    private readonly from: string,
    private readonly told: () => void = () => {},
  ) {}

  /** Has `deliver` run in a task of its own, after what was to be told before; started by the step that is open. */
  tell(name: string, deliver: () => unknown): void {
    const { execution, runtime } = this
    const parent = runtime.task ?? execution.stepped
    if (runtime.execution !== execution || parent === null) return void deliver()
    const { outside } = execution
    // In `setup` and the invariant there is nothing to choose.
    if (execution.step < 0) {
      outside.inStepOf(parent, () => outside.callBack(() => deliver(), []))
      return
    }
    const task = execution.newTask('io', parent)
    task.site = outside.site
    task.operationName = `${name} from ${this.from}`
    const { last } = this
    if (last !== null) {
      task.state = TaskState.Blocked
      this.next.set(last, task)
    }
    this.last = task
    const run = (): void => {
      this.letNextGo(task)
      outside.callBack(() => deliver(), [])
      this.told()
    }
    task.start = () => new Frame(once(run), false, 0)
  }

  private letNextGo(task: Task): void {
    if (this.last === task) this.last = null
    const next = this.next.get(task)
    if (next === undefined) return
    next.state = TaskState.Ready
    if (this.execution.step >= 0) next.causes.push(this.execution.step)
  }
}

// biome-ignore lint/correctness/useYield: a coroutine that is never suspended
function* once(run: () => void): Generator<unknown, void, unknown> {
  run()
}
