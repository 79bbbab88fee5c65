/** Redis, as `ioredis` and `redis` (node-redis) talk to it: keys, and members of what is under them. */
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { type Detect, gate } from '../../runtime/outside/gate.js'
import type { Patches } from '../../runtime/patches.js'
import { loadedDrivers, type Prototype } from './drivers.js'
import { emitOfIoredis, ioredisGates } from './ioredis.js'
import { messagesOfNodeRedis, nodeRedisGates } from './node-redis.js'
import { Overseers } from './overseers.js'
import type { Servers } from './servers.js'
import { Subscriptions } from './subscriptions.js'

const NAME = 'redis'

let servers: Servers | null = null

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
  // Gates are made once, and so is what they know.
  servers ??= { overseers: new Overseers(), subscriptions: new Subscriptions(runtime) }
  const known = servers
  patches.onUndo(() => known.overseers.close())
  const gatesOf = { ioredis: ioredisGates(runtime, known), 'node-redis': nodeRedisGates(runtime, known) }
  for (const { kind, client, batch, messages, cluster } of loadedDrivers()) {
    install(client, gatesOf[kind].client)
    install(batch, gatesOf[kind].batch)
    if (kind === 'ioredis') patches.replace(messages, 'emit', emitOfIoredis(runtime, known, messages.emit as Function))
    else {
      const handle = messages.handleMessageReply as Function
      patches.replace(messages, 'handleMessageReply', messagesOfNodeRedis(runtime, known, handle))
    }
    for (const prototype of [client, batch, cluster]) {
      runtime.understood.add(prototype)
      patches.onUndo(() => runtime.understood.delete(prototype))
    }
  }
}
