/** Deterministic concurrency testing: the public API. */

export * from './explain/index.js'
export { awaitPoint } from './explore/await-point.js'
export { type ControlledRunner, controlledInterleaving } from './explore/controlled-interleaving.js'
export { FrontrunError } from './explore/errors.js'
export { exploreDpor } from './explore/explore-dpor.js'
export { exploreInterleavings } from './explore/explore-interleavings.js'
export { ScheduleMismatchError } from './explore/fixed-schedule.js'
export { InterleavedLoop } from './explore/interleaved-loop.js'
export type {
  ExploreDporOptions,
  ExploreInterleavingsOptions,
  ExploreOptions,
  Progress,
  TaskFunction,
  TaskFunctions,
} from './explore/options.js'
export { runWithSchedule } from './explore/replay.js'
export { type ExplorationFailure, InterleavingResult, type StopReason, type TaskSchedule } from './explore/result.js'
export { readSchedule, writeSchedule } from './explore/schedule-file.js'
