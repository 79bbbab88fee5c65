/** Promises as the scheduler sees them: what settles them, and who waits. */
import { hasNativeThen } from './builtins/promise-protocol.js'
import { Cell, CellState } from './cell.js'
import type { Frame } from './frame.js'
import { SETTLE } from './identity.js'
import { isObject, isPromise } from './natives.js'
import { READ, WRITE } from './recorder.js'
import { Command } from './runtime.js'
import { thenableCall } from './starters.js'
import { type Task, TaskState } from './task.js'
import { TaskLedger } from './task-ledger.js'
import { willBeHandled } from './thenables.js'

export abstract class Settling extends TaskLedger {
  /** Tasks that the present step suspended, children before the parents that wait for them. */
  protected suspended: Task[] = []
  /** Rejected cells, to see at the end which nobody handled. */
  protected rejected: Cell[] = []

  /** Resolves a cell as the language resolves a promise: with a value, or by following another promise or thenable. */
  resolve(cell: Cell, value: unknown, isError: boolean): void {
    if (cell.resolved) return
    cell.resolved = true
    if (this.runtime.eventLoop !== null) return cell.resolveNatively(value, isError)
    if (isError) this.settle(cell, CellState.Rejected, value, [])
    else if (!isObject(value)) this.settle(cell, CellState.Fulfilled, value, [])
    else if (isPromise(value) && hasNativeThen(value)) {
      const followed = this.cellOf(value as Promise<unknown>)
      if (followed === cell)
        this.settle(cell, CellState.Rejected, new TypeError('Chaining cycle detected for promise #<Promise>'), [])
      else this.whenSettled(followed, () => this.settle(cell, followed.state, followed.value, followed.causes))
    } else {
      let then: unknown
      try {
        then = (value as { then?: unknown }).then
      } catch (error) {
        return this.settle(cell, CellState.Rejected, error, [])
      }
      if (typeof then !== 'function') return this.settle(cell, CellState.Fulfilled, value, [])
      const task = this.newTask('microtask', this.runtime.task)
      const call = then
      willBeHandled(value)
      task.start = () => thenableCall(this.runtime, cell, value, call)
    }
  }

  private get isCurrent(): boolean {
    return (this.runtime.execution as unknown) === this
  }

  /** What a promise's resolve and reject functions do: the first call counts. */
  settleOnce(cell: Cell, value: unknown, isError: boolean): void {
    // Something native outlived its execution: nobody waits any more.
    if (!this.isCurrent) return
    if (cell.record !== null) {
      this.recorder.touch(cell.record.location(SETTLE), cell.resolved ? READ : WRITE, 0)
      this.recorder.vary()
    }
    if (!cell.resolved) this.resolve(cell, value, isError)
  }

  settle(cell: Cell, state: CellState, value: unknown, causes: readonly number[]): void {
    cell.resolved = true
    cell.state = state
    cell.value = value
    cell.causes = this.step >= 0 ? [...causes, this.step] : [...causes]
    if (state === CellState.Rejected) this.rejected.push(cell)
    const { waiters, followers } = cell
    cell.waiters = null
    cell.followers = null
    if (waiters !== null) for (const task of waiters) this.wake(task, cell)
    if (followers !== null) for (const follow of followers) follow()
    if (cell.materialised) {
      cell.settleNative()
      if (cell.escaped || this.foreign.seen) this.foreign.needsDrain = true
    }
  }

  whenSettled(cell: Cell, follow: () => void): void {
    cell.handled = true
    if (cell.state !== CellState.Pending) follow()
    else if (cell.followers === null) cell.followers = [follow]
    else cell.followers.push(follow)
  }

  cellOf(promise: Promise<unknown>): Cell {
    return Cell.of(promise) ?? this.foreign.watch(promise)
  }

  protected wake(task: Task, cell: Cell): void {
    task.state = TaskState.Ready
    task.cell = null
    task.input = cell.value
    task.inputIsError = cell.state === CellState.Rejected
    for (const cause of cell.causes) task.causes.push(cause)
  }

  /** The running fiber waits for the runtime's operand; `task` is it, or what it becomes. */
  suspend(task: Task): void {
    const { runtime } = this
    const guarded = runtime.command === Command.Await
    task.guard = guarded ? runtime.guard : null
    task.operand = guarded ? undefined : runtime.operand
    task.operandRejected = !guarded && runtime.operandRejected
    task.context = runtime.contexts?.used ? (runtime.context ?? runtime.contexts.capture()) : null
    task.site = runtime.site
    task.stack = runtime.recorder?.log ? runtime.callChain() : null
    this.suspended.push(task)
  }

  /** Blocks `task` until its operand is settled; a child that it started in this same step goes on as part of it. */
  protected register(task: Task): void {
    for (;;) {
      if (task.guard !== null) {
        task.state = TaskState.Blocked
        return
      }
      const { operand } = task
      const cell = !task.operandRejected && isPromise(operand) ? this.cellOf(operand as Promise<unknown>) : null
      if (cell === null) {
        task.state = TaskState.Ready
        task.input = operand
        task.inputIsError = task.operandRejected
        return
      }
      cell.handled = true
      if (cell.state !== CellState.Pending) return this.wake(task, cell)
      const child = cell.producer
      if (child === null || child.born !== this.step || child.numbered || child.adopted || child === task) {
        task.state = TaskState.Blocked
        task.cell = cell
        if (cell.waiters === null) cell.waiters = [task]
        else cell.waiters.push(task)
        return
      }
      child.adopted = true
      let base = child.frame as Frame
      while (base.parent !== null) base = base.parent
      base.parent = task.frame
      base.awaited = task.frame !== null
      base.outside = task.context
      task.context = child.context
      task.frame = child.frame
      task.operand = child.operand
      task.operandRejected = child.operandRejected
      task.guard = child.guard
      task.site = child.site
      task.stack = child.stack
      task.start = null
    }
  }
}
