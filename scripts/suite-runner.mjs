/**
 * One task run by frontrun's scheduler, for suite-as-tasks.mjs. FRONTRUN_DIST: another build than ../dist.
 *
 * The way in which it takes the runtime keeps this file from being instrumented: a strategy is not part of what it runs.
 */
import { firstComeFirstServed } from './first-come.mjs'

const $fr = globalThis[Symbol.for('frontrun.runtime')]

const dist = process.env.FRONTRUN_DIST ?? new URL('../dist/', import.meta.url).href
const { checkOptions } = await import(`${dist}explore/options.js`)
const { Session } = await import(`${dist}runtime/session.js`)
const { Execution } = await import(`${dist}runtime/execution.js`)
const { Scheduler } = await import(`${dist}runtime/scheduler.js`)
const {
  TaskState: { Ready: READY },
} = await import(`${dist}runtime/task.js`)

const strategy = firstComeFirstServed({ Execution, READY })

/** One execution, as an exploration runs it. */
export async function runOnce(task) {
  const options = checkOptions('suite-as-tasks', {
    setup: () => null,
    tasks: [task],
    invariant: () => true,
    clock: 'virtual',
    timeoutPerRun: 60_000,
  })
  const session = Session.begin({ seed: 0, virtualTime: true, detectors: [] })
  try {
    const scheduler = new Scheduler($fr, options, options)
    session.adoptModules(scheduler)
    const { failure, blocked, execution } = await scheduler.execute(strategy)
    steps += execution.steps
    // The frameworks let unhandled rejections pass, so these do not count here either.
    if (failure?.message.startsWith('unhandled rejection:')) return
    if (failure !== null) throw failure.error ?? new Error(`frontrun: ${failure.kind}: ${failure.message}`)
    if (blocked.length > 0) throw new Error('frontrun: the test waits for something that nobody will bring about')
  } finally {
    session.end()
  }
}

let steps = 0
process.on('exit', () => {
  if (process.env.FRONTRUN_STEPS && steps > 0) process.stderr.write(`suite-as-tasks: ${steps} steps\n`)
})
