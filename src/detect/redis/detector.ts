/** Redis, as `ioredis` and `redis` (node-redis) talk to it: keys, and members of what is under them. */
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { type Detect, gate } from '../../runtime/outside/gate.js'
import type { Patches } from '../../runtime/patches.js'
import { loadedDrivers, type Prototype } from './drivers.js'
import { ioredisGates } from './ioredis.js'
import { nodeRedisGates } from './node-redis.js'
import { Overseers } from './overseers.js'

const NAME = 'redis'

const overseers = new Overseers()

/** By original: a function gets one gate, however many explorations there are. */
const gates = new WeakMap<Function, Function>()

/** Puts gates in front of the drivers that are loaded, for one exploration. */
export function detectRedis(runtime: RuntimeHooks, patches: Patches): void {
  runtime.detectors.add(NAME)
  patches.onUndo(() => runtime.detectors.delete(NAME))
  const isActive = (): boolean => runtime.detectors.has(NAME)
  const install = (prototype: Prototype, detects: Record<string, Detect>): void => {
    for (const [name, detect] of Object.entries(detects)) {
      const original = prototype[name]
      if (typeof original !== 'function') continue
      let replacement = gates.get(original)
      if (replacement === undefined) {
        replacement = gate(runtime, original, isActive, detect)
        gates.set(original, replacement)
      }
      patches.replace(prototype, name, replacement)
    }
  }
  patches.onUndo(() => overseers.close())
  const gatesOf = { ioredis: ioredisGates(runtime, overseers), 'node-redis': nodeRedisGates(runtime, overseers) }
  for (const { kind, client, batch } of loadedDrivers()) {
    install(client, gatesOf[kind].client)
    install(batch, gatesOf[kind].batch)
    for (const prototype of [client, batch]) {
      runtime.understood.add(prototype)
      patches.onUndo(() => runtime.understood.delete(prototype))
    }
  }
}
