import { ACQUIRE, addAccess, READ, RELEASE, UPDATE, WRITE } from '../../src/engine/access.js'
import type { Attempt, Guard, PendingOperation, Strategy } from '../../src/engine/index.js'
import { STOP } from '../../src/engine/index.js'
import type { Operation, Program, Registers, Value } from './program.js'

export interface Event {
  task: number
  accesses: number[]
}

interface Task {
  code: Generator<Operation, void, void>
  next: Operation | undefined
  registers: Registers
  started: boolean
  steps: number
  lastStep: number
  causes: number[]
  asleep: boolean
}

/** Location numbers are kept from one execution of a program to the next. */
const locations = new WeakMap<Program, Map<string, number>>()

/** One execution of a program, driven step by step. */
export class Execution {
  readonly events: Event[] = []
  readonly values = new Map<string, number>()
  readonly holders = new Map<string, number>()
  readonly #tasks: Task[]
  readonly #locations: Map<string, number>
  readonly #before = new Map<string, Map<number, number>>()
  readonly #sleepers = new Map<string, number[]>()
  readonly #program: Program
  #last = -1
  #accesses: number[] = []

  constructor(program: Program) {
    this.#program = program
    if (!locations.has(program)) locations.set(program, new Map())
    this.#locations = locations.get(program) as Map<string, number>
    const spawned = new Set(program.tasks.flatMap(spawnedBy))
    this.#tasks = program.tasks.map((operations, i) => {
      const registers: Registers = {}
      const code = run(operations, registers)
      const started = !spawned.has(i)
      const task: Task = {
        code,
        next: undefined,
        registers,
        started,
        steps: 0,
        lastStep: -1,
        causes: [],
        asleep: false,
      }
      advance(task)
      return task
    })
  }

  enabled(): number[] {
    const result: number[] = []
    for (let i = 0; i < this.#tasks.length; i++) if (this.#isEnabled(i)) result.push(i)
    const at = result.indexOf(this.#last)
    if (at > 0) {
      result.splice(at, 1)
      result.unshift(this.#last)
    }
    return result
  }

  #isEnabled(i: number): boolean {
    const task = this.#tasks[i]
    if (!task.started || !task.next || task.asleep || this.#isCancelled(i)) return false
    const first = task.next.op === 'step' ? task.next.body[0] : task.next
    if (first?.op === 'acquire') return !this.holders.has(first.x)
    if (first?.op === 'await') return first.condition(this.#value(first.x))
    if (first?.op === 'join') return this.#isOver(first.task)
    return true
  }

  /** What the next step of a task has to wait for. */
  #guard(task: Task): Guard | undefined {
    const first = task.next?.op === 'step' ? task.next.body[0] : task.next
    if (first?.op !== 'acquire' && first?.op !== 'await') return undefined
    const condition = first.op === 'await' ? first.condition : (holds: number) => holds === 0
    const { x } = first
    return {
      location: this.#location(x),
      heldBefore: event => {
        const value = this.#before.get(x)?.get(event)
        if (value === undefined) throw new Error(`step ${event} does not access ${x}`)
        return condition(value)
      },
    }
  }

  #isOver(i: number): boolean {
    return (this.#tasks[i].started && !this.#tasks[i].next) || this.#isCancelled(i)
  }

  #isCancelled(i: number): boolean {
    return this.#tasks[i].steps === 0 && this.values.get(`timer${i}`) === 1
  }

  get deadlocked(): boolean {
    return this.#tasks.some((task, i) => task.started && task.next && !this.#isCancelled(i))
  }

  step(i: number): { accesses: number[]; causes: number[]; attempt: Attempt | undefined; guard: Guard | undefined } {
    const task = this.#tasks[i]
    const operation = task.next as Operation
    const guard = this.#guard(task)
    const { causes } = task
    task.causes = []
    this.#accesses = []
    const isTimer = task.steps === 0 && this.#program.timers?.includes(i)
    if (isTimer) this.#access(`timer${i}`, WRITE)
    this.#perform(i, task, operation, causes)
    this.events.push({ task: i, accesses: this.#accesses })
    task.steps++
    task.lastStep = this.events.length - 1
    this.#last = i
    if (!task.asleep) advance(task)
    return { accesses: this.#accesses, causes, attempt: this.#attempt(task, operation), guard }
  }

  #perform(i: number, task: Task, operation: Operation, causes: number[]): void {
    const { registers } = task
    switch (operation.op) {
      case 'read':
        registers[operation.to] = this.#read(operation.x)
        return
      case 'write':
        this.#write(operation.x, valueIn(operation.value, registers))
        return
      case 'increment':
        this.#write(operation.x, this.#value(operation.x) + 1)
        return
      case 'update':
        this.#access(operation.x, UPDATE)
        this.values.set(operation.x, this.#value(operation.x) + 1)
        return
      case 'exchange': {
        const won = this.#value(operation.x) === valueIn(operation.from, registers)
        registers[operation.to] = won ? 1 : 0
        if (won) this.#write(operation.x, valueIn(operation.value, registers))
        else this.#read(operation.x)
        return
      }
      case 'acquire':
        this.#access(operation.x, ACQUIRE)
        this.holders.set(operation.x, i)
        return
      case 'await': {
        const value = this.#read(operation.x)
        if (operation.change !== undefined) this.#write(operation.x, operation.change(value))
        return
      }
      case 'release':
        this.#access(operation.x, RELEASE)
        this.holders.delete(operation.x)
        return
      case 'try':
        registers[operation.to] = this.holders.has(operation.x) ? 0 : 1
        this.#access(operation.x, this.holders.has(operation.x) ? READ : WRITE)
        if (registers[operation.to]) this.holders.set(operation.x, i)
        return
      case 'spawn':
        this.#tasks[operation.task].started = true
        this.#tasks[operation.task].causes.push(this.events.length)
        return
      case 'join':
        // The end of a task without a step is its start.
        if (this.#tasks[operation.task].lastStep >= 0) causes.push(this.#tasks[operation.task].lastStep)
        else causes.push(...this.#tasks[operation.task].causes)
        if (this.#isCancelled(operation.task)) this.#read(`timer${operation.task}`)
        return
      case 'sleep':
        if (task.asleep) return
        this.#access(operation.x, WRITE)
        this.#sleepers.set(operation.x, [...(this.#sleepers.get(operation.x) ?? []), i])
        task.asleep = true
        return
      case 'wake': {
        const [sleeper, ...others] = this.#sleepers.get(operation.x) ?? []
        this.#access(operation.x, sleeper === undefined ? READ : WRITE)
        if (sleeper === undefined) return
        this.#sleepers.set(operation.x, others)
        this.#tasks[sleeper].asleep = false
        this.#tasks[sleeper].causes.push(this.events.length)
        advance(this.#tasks[sleeper])
        return
      }
      case 'cancel':
        if (this.#tasks[Number(operation.x.slice(5))].steps > 0) this.#read(operation.x)
        else this.#write(operation.x, 1)
        return
      case 'step':
        for (const inner of run(operation.body, registers)) this.#perform(i, task, inner, causes)
    }
  }

  #attempt(task: Task, operation: Operation): Attempt | undefined {
    if (operation.op !== 'exchange' && operation.op !== 'try') return undefined
    const before = this.#before.get(operation.x)
    const expected = operation.op === 'exchange' ? valueIn(operation.from, { ...task.registers }) : 0
    return { location: this.#location(operation.x), succeedsBefore: event => before?.get(event) === expected }
  }

  #read(x: string): number {
    this.#access(x, READ)
    return this.#value(x)
  }

  #write(x: string, value: number): void {
    this.#access(x, WRITE)
    this.values.set(x, value)
  }

  #value(x: string): number {
    return this.values.get(x) ?? this.#program.initial?.[x] ?? 0
  }

  #access(x: string, kind: 0 | 1 | 2 | 3 | 4): void {
    const before = this.#before.get(x) ?? new Map<number, number>()
    this.#before.set(x, before)
    if (!before.has(this.events.length)) before.set(this.events.length, this.holders.has(x) ? 1 : this.#value(x))
    addAccess(this.#accesses, this.#location(x) * 8 + kind)
  }

  #location(x: string): number {
    const known = this.#locations.get(x)
    if (known !== undefined) return known
    this.#locations.set(x, this.#locations.size)
    return this.#locations.size - 1
  }

  /** Blocked operations and cancelled timers. */
  pending(): PendingOperation[] {
    const result: PendingOperation[] = []
    this.#tasks.forEach((task, i) => {
      if (!task.started || !task.next || task.asleep) return
      const first = task.next.op === 'step' ? task.next.body[0] : task.next
      if (this.#isCancelled(i))
        result.push({ task: i, accesses: [this.#location(`timer${i}`) * 8 + WRITE], causes: task.causes })
      else if (first?.op === 'acquire' || first?.op === 'await') {
        const kind =
          first.op === 'acquire' ? ACQUIRE : first.op === 'await' && first.change === undefined ? READ : WRITE
        const guard = this.#guard(task)
        result.push({ task: i, accesses: [this.#location(first.x) * 8 + kind], causes: task.causes, guard })
      }
    })
    return result
  }

  /** Final values, what each task has read, and who is blocked. */
  state(): string {
    const values = [...this.values].filter(([x]) => !x.startsWith('_')).sort(([a], [b]) => (a < b ? -1 : 1))
    const tasks = this.#tasks.map(
      task => JSON.stringify(Object.entries(task.registers).sort()) + (task.next ? '!' : ''),
    )
    return `${values.map(([x, value]) => `${x}=${value}`).join(' ')} ${tasks.join(' ')}`
  }
}

function advance(task: Task): void {
  task.next = task.code.next().value as Operation | undefined
}

/** The steps of a task, with branches decided when they are reached. */
function* run(operations: Operation[], registers: Registers): Generator<Operation, void, void> {
  for (const operation of operations) {
    if (operation.op === 'set') registers[operation.to] = valueIn(operation.value, registers)
    else if (operation.op === 'if')
      yield* run(operation.condition(registers) ? operation.body : operation.otherwise, registers)
    else if (operation.op === 'while') while (operation.condition(registers)) yield* run(operation.body, registers)
    else yield operation
  }
}

function valueIn(value: Value, registers: Registers): number {
  return typeof value === 'number' ? value : value(registers)
}

function spawnedBy(operations: Operation[]): number[] {
  return operations.flatMap(operation => {
    if (operation.op === 'spawn') return [operation.task]
    if (operation.op === 'if') return [...spawnedBy(operation.body), ...spawnedBy(operation.otherwise)]
    return operation.op === 'step' || operation.op === 'while' ? spawnedBy(operation.body) : []
  })
}

/** Runs one execution as the strategy says; undefined if the strategy stopped it. */
export function runOnce(program: Program, strategy: Strategy): Execution | undefined {
  const execution = new Execution(program)
  for (;;) {
    const enabled = execution.enabled()
    if (enabled.length === 0) break
    const task = strategy.choose(enabled)
    if (task === STOP) {
      strategy.end(execution.pending(), false)
      return undefined
    }
    const { accesses, causes, attempt, guard } = execution.step(task)
    strategy.executed(task, accesses, causes, attempt, guard)
  }
  strategy.end(execution.pending(), true)
  return execution
}
