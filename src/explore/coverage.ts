/** Explorations that could see nothing are errors: functions and packages must have been loaded instrumented. */
import { matchesPackage, packageOfPath } from '../integrations/policy.js'
import { isInstrumented } from '../runtime/functions.js'
import { runtime } from '../runtime/index.js'
import type { ExecutionResult, Scheduler } from '../runtime/scheduler.js'
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
    const name = options.names?.[index]
    throw new FrontrunError(
      `${api}: ${options.unit} ${index}${name === undefined ? '' : ` (${name})`} is not instrumented: nothing in it can be scheduled, and it never calls awaitPoint(). ${HOW}.`,
    )
  })
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
