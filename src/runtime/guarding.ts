/** What primitives that wait (`frontrun/sync` and others) ask of the runtime. */
import type { Timer, TimerGuard } from './clock.js'
import type { Execution } from './execution.js'
import { declare } from './functions.js'
import type { Awaiting, Guard } from './guard.js'
import { READ, type Recorder, WRITE } from './recorder.js'
import { Command, Runtime } from './runtime.js'
import { TaskState } from './task.js'

export class Guarding extends Runtime {
  /**
   * A call of an async operation. If it is awaited, the caller is suspended and does it once it goes on (true); else it is
   * a task of its own, that ends with it.
   */
  await(guard: Guard, site: number): boolean {
    if (!this.awaits || this.eventLoop !== null) {
      this.value = this.later(guard, site)
      return false
    }
    return this.suspendAt(guard, site)
  }

  /** Suspends the async call that is running until the guard lets it go on: the emitted code yields. */
  suspendAt(guard: Guard, site: number): true {
    if (this.eventLoop !== null) {
      this.wait(this.eventLoop.wait(guard, site), site)
      return true
    }
    this.command = Command.Await
    this.guard = guard
    this.site = site
    return true
  }

  /** The promise of an operation that nobody awaits at once. */
  later(guard: Guard, site: number): Promise<unknown> {
    if (this.eventLoop !== null) return this.eventLoop.wait(guard, site)
    return (this.execution as Execution).operation(guard, site).promise
  }

  /** A blocking call: the whole task or thread waits. */
  block(guard: Guard, site: number): true {
    if (this.nested > 0)
      throw new Error('frontrun: a blocking operation in a native callback, which cannot be suspended')
    this.command = Command.Block
    this.guard = guard
    this.site = site
    return true
  }

  /**
   * Accesses a location in an operation that doesn't wait: a write if it succeeds, else a read. `succeedsBefore` tells the
   * search which it would have been before an earlier step.
   */
  attempt(location: number, succeeds: boolean, succeedsBefore: (step: number) => boolean, site: number): void {
    const recorder = this.recorder as Recorder
    recorder.touch(location, succeeds ? WRITE : READ, site)
    recorder.attempt = { location, succeedsBefore }
  }

  /**
   * A time-out: `expire` is called when it has passed, in a step of its own that writes `location`. As any timer it may
   * fire at any time, see docs/time-and-randomness.md, or while the guard lets it.
   */
  startTimeout(
    location: number,
    milliseconds: number,
    site: number,
    expire: (step: number) => void,
    guard: TimerGuard | null = null,
  ): Timer {
    const execution = this.execution as Execution
    const task = execution.newTask('timer', this.task)
    task.site = site
    const fire = (): void => expire(execution.step)
    declare(fire, () => {
      fire()
      this.value = undefined
      return false
    })
    const delay = Math.max(1, Math.trunc(Number(milliseconds)) || 0)
    const timer = execution.clock.add(task, execution.newRecord(), fire, [], delay, null, false)
    timer.location = location
    timer.guard = guard
    task.timer = timer
    task.start = () => execution.begin(fire, [])
    return timer
  }

  /**
   * An operation with a time-out: it and the firing are tasks of their own, of which one comes about. Time runs out only
   * while the operation is not possible. Whoever asked waits for `parked`, which both wake.
   */
  race(guard: Awaiting<any>, milliseconds: number, site: number, late: () => void): Timer {
    const callOff = this.contend(guard, site)
    return this.startTimeout(
      guard.location,
      milliseconds,
      site,
      () => {
        callOff()
        late()
      },
      {
        location: guard.location,
        enabled: () => !guard.possible,
        heldBefore: step => !guard.wasPossible(step),
      },
    )
  }

  /** Lets an operation come about that has a time-out. Returns what calls it off. */
  private contend(guard: Awaiting<any>, site: number): () => void {
    const { eventLoop } = this
    if (eventLoop !== null) {
      void eventLoop.wait(guard, site)
      return () => eventLoop.callOff(guard)
    }
    const execution = this.execution as Execution
    const task = execution.newTask('operation', this.task)
    task.guard = guard
    task.site = site
    task.state = TaskState.Blocked
    return () => execution.callOff(task)
  }

  /** The operation is done: its time-out no longer fires. The step accesses the location as a write. */
  endTimeout(timer: Timer): void {
    const execution = this.execution as Execution
    execution.clock.drop(timer, execution.step)
  }
}
