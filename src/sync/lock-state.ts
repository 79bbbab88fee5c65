import type { Execution } from '../runtime/execution.js'
import { Awaiting, Watched } from '../runtime/guard.js'
import { HELD } from '../runtime/identity.js'
import { runtime } from '../runtime/index.js'
import { ACQUIRE, RELEASE, type Recorder } from '../runtime/recorder.js'
import type { Task } from '../runtime/task.js'

/** A lock in one execution: who holds it. */
export class LockState extends Watched<Task | null> {
  constructor(
    lock: object,
    readonly execution: Execution,
  ) {
    const record = (runtime.recorder as Recorder).record(lock, 0)
    super(record, record.location(HELD), null)
  }

  /** The view of the present execution. */
  static of(lock: object, known: LockState | null): LockState {
    const execution = runtime.execution as Execution
    return known?.execution === execution ? known : new LockState(lock, execution)
  }

  tryAcquire(site: number): boolean {
    const taken = this.now === null
    runtime.attempt(this.location, taken, step => this.before(step) === null, site)
    if (taken) this.change(runtime.task ?? this.execution.stepped, this.execution.step)
    return taken
  }

  release(site: number): void {
    if (this.now === null) throw new Error('frontrun: Lock.release: the lock is not held')
    ;(runtime.recorder as Recorder).touch(this.location, RELEASE, site)
    this.change(null, this.execution.step)
  }
}

/** Waits until a lock is free, and takes it. */
export class Acquiring extends Awaiting<Task | null> {
  readonly kind = ACQUIRE
  readonly owned = true

  protected ready(holder: Task | null): boolean {
    return holder === null
  }

  perform(task: Task, { recorder, step }: Execution): void {
    recorder.touch(this.location, ACQUIRE, task.site)
    // An acquire that nobody awaits is a task of its own; who called it holds the lock.
    this.watched.change(task.kind === 'operation' ? (task.parent ?? task) : task, step)
  }

  holders(): readonly Task[] {
    const holder = this.watched.now
    return holder === null ? [] : [holder]
  }

  describe(name: string): string {
    return `lock ${name}`
  }
}
