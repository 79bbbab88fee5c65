/** Deterministic concurrency testing: the public API. */

export * from './explain/index.js'
export { awaitPoint } from './explore/await-point.js'
export { type ControlledRunner, controlledInterleaving } from './explore/controlled-interleaving.js'
export { FrontrunError } from './explore/errors.js'
export { exploreDpor } from './explore/explore-dpor.js'
export { exploreInterleavings } from './explore/explore-interleavings.js'
export {
  type ExploreMarkerInterleavingsOptions,
  exploreMarkerInterleavings,
} from './explore/explore-marker-interleavings.js'
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
export type { DataRace, RaceAccess } from './explore/races.js'
export { runWithSchedule } from './explore/replay.js'
export { type ExplorationFailure, InterleavingResult, type StopReason, type TaskSchedule } from './explore/result.js'
export { readSchedule, writeSchedule } from './explore/schedule-file.js'
export { allMarkerSchedules } from './markers/all-marker-schedules.js'
export { IncompleteScheduleError, ScheduleStallError, TimeoutError, UnknownStepError } from './markers/errors.js'
export { type FrontrunOptions, frontrun, frontrun as asyncFrontrun } from './markers/frontrun.js'
export { type MarkerPlace, MarkerRegistry } from './markers/marker-registry.js'
export { Schedule } from './markers/schedule.js'
export { Step } from './markers/step.js'
export {
  TraceExecutor,
  TraceExecutor as AsyncTraceExecutor,
  type TraceExecutorOptions,
  type WaitOptions,
  type WorkerFunction,
  type WorkerFunctions,
} from './markers/trace-executor.js'
