/** Synchronisation primitives that are real outside an exploration and known to the scheduler inside one. */
export { Lock } from './lock.js'
