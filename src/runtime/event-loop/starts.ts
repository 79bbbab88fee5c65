/**
 * Which root tasks may begin in one macrotask, one right after the other: `Promise.all([a(), b()])`. Each such sequence is
 * a choice of its own beside that of one task alone. Where two tasks have nothing to do with each other in the
 * macrotasks in which they begin, beginning them together leads nowhere else than beginning them one after the other, so
 * that only sequences are offered whose tasks hang together by conflicts. Those are learned.
 */
import { footprintsConflict, WRITE } from '../../engine/access.js'
import { type LocationTable, ObjectRecord } from '../identity.js'
import type { Recorder } from '../recorder.js'
import { Task, type TaskIdentity, type TaskRegistry } from '../task.js'

export class Starts {
  /** Pairs of roots whose beginnings were seen to conflict; `learned`: in this search, which so far left something out. */
  readonly conflicts: Set<string>
  learned = false
  private readonly record: ObjectRecord
  private readonly identities = new Map<string, TaskIdentity>()
  private readonly byUnstarted = new Map<string, { sequences: number[][]; groups: number[][] }>()
  /** The beginnings of the present execution: which roots, and what they accessed. */
  private begun: { roots: readonly number[]; footprint: readonly number[] }[] = []

  constructor(
    private readonly registry: TaskRegistry,
    locations: LocationTable,
    known: Starts | null,
  ) {
    this.record = new ObjectRecord('starts', locations)
    this.conflicts = new Set(known?.conflicts)
  }

  newExecution(): void {
    this.begun = []
  }

  /** A task that stands for these roots together. */
  join(roots: readonly Task[]): Task {
    const path = roots.map(root => root.identity.path).join('+')
    let identity = this.identities.get(path)
    if (identity === undefined) {
      identity = this.registry.add(path)
      this.identities.set(path, identity)
    }
    const task = new Task(identity, 'root', null)
    task.joined = roots
    return task
  }

  /** Sequences of two or more of these roots that may begin together. */
  sequences(unstarted: readonly Task[]): Task[] {
    return this.of(unstarted).sequences.map(indices => this.join(indices.map(index => unstarted[index] as Task)))
  }

  /** Numbers of tasks of which each prevents the others: whoever takes one into account has to take all. */
  groups(unstarted: readonly Task[]): readonly (readonly number[])[] {
    return this.of(unstarted).groups
  }

  private of(unstarted: readonly Task[]): { sequences: number[][]; groups: number[][] } {
    const key = `${unstarted.map(task => task.identity.number).join()}|${this.conflicts.size}`
    let known = this.byUnstarted.get(key)
    if (known === undefined) {
      known = this.find(unstarted)
      this.byUnstarted.set(key, known)
    }
    return known
  }

  private find(unstarted: readonly Task[]): { sequences: number[][]; groups: number[][] } {
    const near = (one: number, other: number): boolean =>
      this.conflicts.has(pair((unstarted[one] as Task).identity.number, (unstarted[other] as Task).identity.number))
    const sequences: number[][] = []
    const groups: number[][] = []
    const component = unstarted.map((_, index) => index)
    for (let one = 0; one < unstarted.length; one++)
      for (let other = 0; other < one; other++)
        if (near(one, other)) {
          const [from, to] = [component[one], component[other]]
          component.forEach((name, index) => {
            if (name === from) component[index] = to as number
          })
        }
    for (const name of new Set(component)) {
      const members = component.flatMap((of, index) => (of === name ? [index] : []))
      if (members.length === 1) continue
      const found: number[][] = []
      const extend = (sequence: number[]): void => {
        if (sequence.length > 1 && connected(sequence, near)) found.push(sequence)
        for (const next of members) if (!sequence.includes(next)) extend([...sequence, next])
      }
      extend([])
      sequences.push(...found)
      groups.push([
        ...members.map(index => (unstarted[index] as Task).identity.number),
        ...found.map(indices => this.join(indices.map(index => unstarted[index] as Task)).identity.number),
      ])
    }
    return { sequences, groups }
  }

  /** Roots can begin once only. */
  noteBegin(recorder: Recorder, roots: readonly Task[]): void {
    for (const root of roots) recorder.add(this.record.location(root.identity.number), WRITE)
  }

  /** A step in which roots began is over. */
  ended(roots: readonly Task[], footprint: readonly number[]): void {
    const numbers = roots.map(root => root.identity.number)
    const sorted = [...footprint].sort((a, b) => a - b)
    for (const other of this.begun) if (footprintsConflict(sorted, other.footprint)) this.learn(numbers, other.roots)
    this.begun.push({ roots: numbers, footprint: sorted })
  }

  private learn(roots: readonly number[], others: readonly number[]): void {
    for (const root of roots)
      for (const other of others) {
        const name = pair(root, other)
        if (this.conflicts.has(name)) continue
        this.conflicts.add(name)
        this.learned = true
      }
  }
}

/** Root tasks have the same numbers in every numbering of one program. */
const pair = (one: number, other: number): string => `${Math.min(one, other)},${Math.max(one, other)}`

function connected(sequence: readonly number[], near: (one: number, other: number) => boolean): boolean {
  const reached = [sequence[0] as number]
  for (const from of reached) for (const to of sequence) if (!reached.includes(to) && near(from, to)) reached.push(to)
  return reached.length === sequence.length
}
