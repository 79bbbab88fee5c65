/** HTTP: requests of this process, to servers anywhere, and handlers of its servers. */
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { gate } from '../../runtime/outside/gate.js'
import type { Patches } from '../../runtime/patches.js'
import { installClientGates } from './client.js'
import { fetchGate } from './fetch.js'
import { installServerGates } from './server.js'

const NAME = 'http'

/** Turns on, for one exploration, what `installHttpGates` put in place. */
export function detectHttp(runtime: RuntimeHooks, patches: Patches): void {
  runtime.detectors.add(NAME)
  patches.onUndo(() => runtime.detectors.delete(NAME))
}

/** Puts gates in the place of what sends and receives requests, for good; without an exploration they do nothing. */
export function installHttpGates(runtime: RuntimeHooks): void {
  const isActive = (): boolean => runtime.detectors.has(NAME)
  installClientGates(runtime, isActive)
  installServerGates(runtime, isActive)
  globalThis.fetch = gate(runtime, globalThis.fetch, isActive, fetchGate(runtime)) as typeof fetch
}
