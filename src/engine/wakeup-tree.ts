import type { Reversal } from './reversal.js'
import type { SleepSet } from './sleep-set.js'

/**
 * A step of a wakeup tree: the sequences of steps that are still to be explored from a state, each leading to a trace of its
 * own (Abdulla, Aronis, Jonsson, Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction", JACM 2017).
 * Siblings are a linked list, oldest first.
 */
export interface WakeupStep {
  task: number
  footprint: readonly number[]
  first: WakeupStep | undefined
  next: WakeupStep | undefined
}

const NO_FOOTPRINT: readonly number[] = []

export function wakeupStep(task: number): WakeupStep {
  return { task, footprint: NO_FOOTPRINT, first: undefined, next: undefined }
}

/** The alternatives of one state. */
export class WakeupTree {
  first: WakeupStep | undefined = undefined

  get size(): number {
    let size = 0
    for (let step = this.first; step; step = step.next) size++
    return size
  }

  at(index: number): WakeupStep {
    let step = this.first as WakeupStep
    while (index-- > 0) step = step.next as WakeupStep
    return step
  }

  remove(removed: WakeupStep): void {
    if (this.first === removed) {
      this.first = removed.next
      return
    }
    for (let step = this.first; step; step = step.next) {
      if (step.next === removed) {
        step.next = removed.next
        return
      }
    }
  }

  /** Only a search that doesn't take the oldest alternative first leaves any that is asleep when its turn comes. */
  removeAsleep(sleep: SleepSet): void {
    if (sleep.size === 0) return
    for (let step = this.first; step; step = step.next) if (sleep.has(step.task)) this.remove(step)
  }

  /**
   * Adds a reversal, unless a sequence already in the tree leads to a trace that contains it. Uses the reversal up.
   *
   * The step that is being explored never fits: it is the earlier event of the race, and conflicts with the last step.
   */
  insert(reversal: Reversal, inOrder: boolean): void {
    let parent: WakeupTree | WakeupStep = this
    for (;;) {
      let last: WakeupStep | undefined
      let fitting: WakeupStep | undefined
      for (let step: WakeupStep | undefined = parent.first; step; step = step.next) {
        if (fits(step, reversal, inOrder)) {
          fitting = step
          break
        }
        last = step
      }
      if (!fitting) {
        append(parent, last, reversal)
        return
      }
      if (reversal.length === 0 || !fitting.first) return
      parent = fitting
    }
  }
}

/** Whether the reversal can start with this step; removes it from the reversal. */
function fits(step: WakeupStep, reversal: Reversal, inOrder: boolean): boolean {
  const k = reversal.indexOf(step.task)
  if (k < 0) return inOrder && reversal.commutesWith(step.footprint)
  if (!reversal.isInitial(k)) return false
  reversal.remove(k)
  return true
}

function append(parent: WakeupTree | WakeupStep, last: WakeupStep | undefined, reversal: Reversal): void {
  let chain: WakeupStep | undefined
  for (let i = reversal.length - 1; i >= 0; i--) {
    const step = wakeupStep(reversal.tasks[i])
    step.footprint = reversal.footprints[i]
    step.first = chain
    chain = step
  }
  if (last) last.next = chain
  else parent.first = chain
}
