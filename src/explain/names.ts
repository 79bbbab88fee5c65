import type { RecordedTrace } from './trace.js'

/** How the tasks of one trace are called in sentences and in tables. */
export interface TaskNames {
  /** `Task 0`: as in the first column of the table. */
  label(task: string): string
  /** `task 0`: inside a sentence. */
  one(task: string): string
  /** `tasks 0 and 1`, `threads 0, 1 and 2`, `task 0` if there is only one. */
  many(tasks: readonly string[]): string
}

export function taskNames(trace: RecordedTrace): TaskNames {
  const labels = new Map<string, string>()
  for (const step of trace.steps) labels.set(step.task, step.label)
  for (const blocked of trace.blocked) if (!labels.has(blocked.task)) labels.set(blocked.task, blocked.label)

  const prefix = trace.unit === 'thread' ? 'Thread ' : 'Task '
  const label = (task: string) => labels.get(task) ?? prefix + task
  const bare = (task: string) => (label(task).startsWith(prefix) ? label(task).slice(prefix.length) : undefined)
  const one = (task: string) => {
    const name = bare(task)
    return name === undefined ? label(task) : `${trace.unit} ${name}`
  }
  const many = (tasks: readonly string[]) => {
    const sorted = [...tasks].sort(compareTasks)
    const names = sorted.map(bare)
    if (tasks.length === 1 || names.includes(undefined)) return list(sorted.map(one))
    return `${trace.unit}s ${list(names as string[])}`
  }
  return { label, one, many }
}

/**
 * How to call lines of control, each given as the tasks it runs through: `0` for a line that reads in task 0 and writes
 * in its `.then` callback 0.1. Lines that would get the same name go by their last task.
 */
export function lineNames(...lines: (readonly string[])[]): string[] {
  const names = lines.map(commonAncestor)
  return new Set(names).size === names.length ? names : lines.map(tasks => tasks[tasks.length - 1])
}

function commonAncestor(tasks: readonly string[]): string {
  let [common] = tasks.map(task => task.split('.'))
  for (const task of tasks) {
    const path = task.split('.')
    const differs = common.findIndex((part, i) => part !== path[i])
    if (differs >= 0) common = common.slice(0, Math.max(differs, 1))
  }
  return common.join('.')
}

/** `a`, `a and b`, `a, b and c`. */
export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

export function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** The order of task paths: `0`, `0.2`, `0.10`, `1`. */
export function compareTasks(a: string, b: string): number {
  const left = a.split('.')
  const right = b.split('.')
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = Number(left[i]) - Number(right[i])
    if (difference) return difference
    if (Number.isNaN(difference) && left[i] !== right[i]) return left[i] < right[i] ? -1 : 1
  }
  return left.length - right.length
}
