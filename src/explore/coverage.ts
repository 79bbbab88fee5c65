/** Explorations that could see nothing are errors: functions and packages must have been loaded instrumented. */
import { fileURLToPath } from 'node:url'
import { matchesPackage, packageOfPath } from '../integrations/policy.js'
import { BOUND, INSTRUMENTED, infoOf, isInstrumented } from '../runtime/functions.js'
import { otherCopy, runtime } from '../runtime/index.js'
import type { ExecutionResult } from '../runtime/program.js'
import type { Scheduler } from '../runtime/scheduler.js'
import { FrontrunError } from './errors.js'
import type { CheckedOptions } from './options.js'

const HOW =
  "Run with `frontrun vitest` or `frontrun node <file>` (or `node --import frontrun/register <file>`), or add frontrun() from 'frontrun/vitest' to the plugins of vitest.config.ts"

/** After the first execution: every task must have shown a scheduling point or instrumented code. */
export function checkInstrumentation(
  api: string,
  options: CheckedOptions,
  run: ExecutionResult,
  scheduler: Scheduler,
): void {
  options.tasks.forEach((task, index) => {
    if (isInstrumented(task)) return
    const identity = scheduler.registry.find(String(index))
    if (identity !== undefined && run.execution.seen.has(identity)) return
    throw new FrontrunError(
      `${api}: ${labelOf(options, index)} is not instrumented: nothing in it can be scheduled, and it never calls awaitPoint(). ${HOW}.`,
    )
  })
}

/** Before anything runs: functions that are to stop at trace markers must be instrumented themselves. */
export function checkMarkable(api: string, options: CheckedOptions): void {
  options.tasks.forEach((task, index) => {
    const info = infoOf(task)
    if (info === INSTRUMENTED || info === BOUND || typeof info === 'function') return
    throw new FrontrunError(
      `${api}: ${labelOf(options, index)} is not instrumented: it cannot stop at markers. ${HOW}.`,
    )
  })
}

function labelOf({ unit, names }: CheckedOptions, index: number): string {
  const name = names?.[index]
  return `${unit} ${index}${name === undefined ? '' : ` (${name})`}`
}

/** What instruments the code and what explores it must share more than one object: they must be one installation. */
export function checkOneCopy(api: string): void {
  if (otherCopy === undefined) return
  const [theirs, ours] = [otherCopy, import.meta.url].map(url => fileURLToPath(new URL('..', url)))
  throw new FrontrunError(
    `${api}: two copies of frontrun are loaded: ${theirs} instruments the code, ${ours} was imported. Use the command, plugin or hook of the installation that the tests import.`,
  )
}

/** Before anything runs: packages to be traced that are loaded must be loaded instrumented. */
export function checkPackagesTraced(api: string, patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const isOfPackage = (file: string): boolean => matchesPackage(packageOfPath(file) ?? '', [pattern])
    if (runtime.sites.files.some(file => isOfPackage(file.id))) continue
    throw new FrontrunError(
      `${api}: tracePackages names '${pattern}', but no file of such a package was loaded instrumented. ` +
        `Run with \`frontrun --trace-packages=${pattern} <command>\`, or give tracePackages to frontrun() in vitest.config.ts; and check the name.`,
    )
  }
}
