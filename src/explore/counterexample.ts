/** What becomes of the first failing schedule: it is made small, replayed, and told. */
import type { Executor, Verdict } from './executor.js'
import { minimize } from './minimize.js'
import { racesOf } from './races.js'
import { encodeReplay, shapeOf } from './replay-string.js'
import type { InterleavingResult, TaskSchedule } from './result.js'
import { deadlockOf, tellStory } from './story.js'

const UNREPEATABLE =
  'frontrun: the failing schedule could not be replayed for the story: the program does something that neither the schedule nor the seed decides.'

export async function tellCounterexample(
  executor: Executor,
  result: InterleavingResult,
  verdict: Verdict,
): Promise<void> {
  const { options } = executor
  const found = result.counterexample as TaskSchedule
  // What did not end is neither made small nor repeated: each time would take as long again.
  const endless = verdict.kind === 'timeout' || verdict.kind === 'livelock'
  const slow = endless || options.clock === 'real'
  const small = slow ? { schedule: found, runs: 0 } : await minimize(executor, found, verdict)
  result.counterexample = small.schedule
  result.shrinkRuns = small.runs
  result.replay = encodeReplay(shapeOf(options), small.schedule)
  const story = await executor.attempt(() => executor.follow(small.schedule, { log: true }))
  const attempts = endless ? Math.min(1, options.reproduceOnFailure) : options.reproduceOnFailure
  for (let attempt = 0; attempt < attempts; attempt++) {
    result.reproductionAttempts++
    const replayed = await executor.attempt(() => executor.follow(small.schedule))
    if (replayed?.verdict?.kind === verdict.kind) result.reproductionSuccesses++
  }
  if (story?.verdict?.kind !== verdict.kind) {
    result.explanation = `${verdict.message}\n\n  ${UNREPEATABLE}`
    return
  }
  if (story.run.races.length > 0) result.races = racesOf(story.run, executor.scheduler, options)
  result.deadlock = deadlockOf(story.run, executor.scheduler, options)
  if ('error' in story.verdict) result.error = story.verdict.error
  result.explanation = tellStory(story.run, executor.scheduler, story.verdict, options, result)
}
