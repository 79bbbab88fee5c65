/** Finds the drivers of Redis that this process has loaded. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const { cache } = createRequire(import.meta.url)

/** The prototypes of one copy of a driver: what sends commands, and what collects them to be sent together. */
export interface Driver {
  readonly kind: 'ioredis' | 'node-redis'
  readonly client: Prototype
  readonly batch: Prototype
}

export type Prototype = Record<string, Function>

/** Ends of the paths of the files that have these classes as their default exports. */
const FILES = {
  ioredis: { client: '/ioredis/built/Redis.js', batch: 'Pipeline.js' },
  'node-redis': { client: '/@redis/client/dist/lib/client/index.js', batch: 'multi-command.js' },
} as const

/** Looks among the modules that are loaded: both drivers are CommonJS, also when they are imported. */
export function loadedDrivers(): Driver[] {
  const drivers: Driver[] = []
  const paths = Object.keys(cache)
  for (const kind of ['ioredis', 'node-redis'] as const) {
    for (const path of paths) {
      if (!path.replaceAll('\\', '/').endsWith(FILES[kind].client)) continue
      const client = prototypeOf(path)
      const batch = prototypeOf(join(dirname(path), FILES[kind].batch))
      if (client !== null && batch !== null) drivers.push({ kind, client, batch })
    }
  }
  return drivers
}

function prototypeOf(path: string): Prototype | null {
  const exported = (cache[path]?.exports as { default?: { prototype?: Prototype } } | undefined)?.default
  return exported?.prototype ?? null
}
