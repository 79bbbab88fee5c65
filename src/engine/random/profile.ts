import { kindOf, READ, RELEASE, UPDATE } from '../access.js'
import type { Upcoming } from '../strategy.js'

/** A step as it was, to tell what the same step will be next time. */
interface SeenStep {
  site: number
  footprint: readonly number[]
}

const NOTHING: readonly number[] = []
/** Steps per task whose footprints are kept. */
const REMEMBERED_STEPS = 10_000

/**
 * What the executions so far have shown of the program, and where the present one stands. Sizes (steps, accesses) are the
 * largest seen: an execution that ended early, in a deadlock or by a branch, tells nothing about the others.
 */
export class Profile {
  /** Steps of one execution that had at least two enabled tasks. */
  mostChoices = 0
  /** Such steps of the present execution. */
  choices = 0
  /** Locations on which the order of two tasks' accesses matters. */
  readonly shared: number[] = []

  /** Steps of a task and of all that it started, per task. */
  readonly #family: number[] = []
  /** Accesses to a shared location by a task and all that it started. */
  readonly #familyAccesses: number[][] = []
  readonly #parent: number[] = []
  readonly #seen: SeenStep[][] = []
  readonly #seenAtSite: Map<number, readonly number[]>[] = []
  readonly #locations: { tasks: number[]; kinds: number; shared: boolean }[] = []

  // Of the present execution:
  #upcoming: Upcoming | undefined
  /** Where the step that runs began. */
  #site = 0
  readonly #schedule: number[] = []
  #steps: number[] = []
  #accesses: Map<number, number>[] = []

  begin(): void {
    this.choices = 0
    this.#schedule.length = 0
    this.#steps = []
    this.#accesses = []
  }

  enabled(tasks: readonly number[], upcoming: Upcoming | undefined): void {
    if (tasks.length > 1) this.choices++
    this.#upcoming = upcoming
  }

  chosen(task: number): void {
    this.#site = this.#upcoming?.site(task) ?? 0
  }

  /**
   * The footprint of the task's next step: what it has declared, or else what the same step of the same task accessed the last
   * time, if it stands at the same place of the program; or else the last step from there. Nothing, if it was never seen.
   */
  next(task: number): readonly number[] {
    const declared = this.#upcoming?.footprint(task)
    if (declared !== undefined) return declared
    const site = this.#upcoming?.site(task) ?? 0
    const step = this.#seen[task]?.[this.#steps[task] ?? 0]
    if (step !== undefined && step.site === site) return step.footprint
    return (site === 0 ? undefined : this.#seenAtSite[task]?.get(site)) ?? NOTHING
  }

  executed(task: number, accesses: readonly number[], causes: readonly number[]): void {
    const index = this.#steps[task] ?? 0
    if (index === 0 && causes.length > 0 && this.#parent[task] === undefined) this.#adopt(task, causes)
    this.#steps[task] = index + 1
    this.#schedule.push(task)
    this.#remember(task, index, accesses)
    this.#accesses[task] ??= new Map()
    const counts = this.#accesses[task]
    for (const access of accesses) {
      const location = access >>> 3
      this.#note(location, task, kindOf(access))
      if (kindOf(access) !== RELEASE) counts.set(location, (counts.get(location) ?? 0) + 1)
    }
  }

  #remember(task: number, index: number, accesses: readonly number[]): void {
    if (index >= REMEMBERED_STEPS) return
    const site = this.#site
    const footprint = accesses.slice()
    this.#seen[task] ??= []
    this.#seen[task][index] = { site, footprint }
    if (site === 0) return
    this.#seenAtSite[task] ??= new Map()
    this.#seenAtSite[task].set(site, footprint)
  }

  #note(location: number, task: number, kind: number): void {
    this.#locations[location] ??= { tasks: [], kinds: 0, shared: false }
    const info = this.#locations[location]
    if (info.shared) return
    if (!info.tasks.includes(task)) info.tasks.push(task)
    info.kinds |= 1 << kind
    if (info.tasks.length < 2 || info.kinds === 1 << READ || info.kinds === 1 << UPDATE) return
    info.shared = true
    this.shared.push(location)
  }

  /** The last cause of a task's first step is the step that started it, if it is a task that some other started. */
  #adopt(task: number, causes: readonly number[]): void {
    const parent = this.#schedule[causes[causes.length - 1]]
    // Never in a circle: a task that waited before its first step may have been released by its own child.
    for (let other: number | undefined = parent; other !== undefined; other = this.#parent[other])
      if (other === task) return
    this.#parent[task] = parent
  }

  end(): void {
    this.mostChoices = Math.max(this.mostChoices, this.choices)
    const steps = this.#steps.slice()
    const accesses = this.#accesses.map(counts => new Map(counts))
    for (const task of this.#childrenFirst()) {
      const parent = this.#parent[task]
      if (parent === undefined) continue
      steps[parent] = (steps[parent] ?? 0) + (steps[task] ?? 0)
      accesses[parent] ??= new Map()
      for (const [location, count] of accesses[task] ?? [])
        accesses[parent].set(location, (accesses[parent].get(location) ?? 0) + count)
    }
    steps.forEach((count, task) => {
      this.#family[task] = Math.max(this.#family[task] ?? 0, count)
    })
    accesses.forEach((counts, task) => {
      this.#familyAccesses[task] ??= []
      for (const [location, count] of counts)
        this.#familyAccesses[task][location] = Math.max(this.#familyAccesses[task][location] ?? 0, count)
    })
  }

  #childrenFirst(): number[] {
    const depth = (task: number): number => {
      let count = 0
      for (let other = this.#parent[task]; other !== undefined; other = this.#parent[other]) count++
      return count
    }
    return [...this.#steps.keys()].sort((a, b) => depth(b) - depth(a))
  }

  /** The task that started this one; undefined for a root task. */
  parentOf(task: number): number | undefined {
    return this.#parent[task]
  }

  /** Steps of a task and of all that it starts; 0 if it never ran. */
  stepsOf(task: number): number {
    return this.#family[task] ?? 0
  }

  /** Accesses to a location by a task and all that it starts, not counting those that give a lock back. */
  accessesOf(task: number, location: number): number {
    return this.#familyAccesses[task]?.[location] ?? 0
  }
}
