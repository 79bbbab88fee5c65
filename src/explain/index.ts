export { classifyConflict } from './classify.js'
export {
  type AccessLine,
  type CondenseOptions,
  condenseTrace,
  type OmittedLines,
  type StoryLine,
  type ThrowLine,
} from './condense.js'
export type { Conflict } from './conflict.js'
export type { ConflictPattern } from './patterns/candidate.js'
export {
  type AccessOptions,
  type Site,
  type StepOptions,
  TraceRecorder,
  type TraceRecorderOptions,
} from './recorder.js'
export { displayPath, type SourceReader, sourceReader } from './source.js'
export { explain, formatTrace, type StoryDetails } from './story.js'
export type {
  AccessKind,
  BlockedTask,
  FailureKind,
  LocationSort,
  RecordedAccess,
  RecordedFailure,
  RecordedStep,
  RecordedTrace,
  SourcePosition,
} from './trace.js'
export { printValue } from './values.js'
export { type WaitForGraph, waitForGraph } from './wait-for-graph.js'
