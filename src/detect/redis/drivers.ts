/** Finds the drivers of Redis that this process has loaded. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const { cache } = createRequire(import.meta.url)

/** The prototypes of one copy of a driver: what sends commands, and what collects them to be sent together. */
export interface Driver {
  readonly kind: 'ioredis' | 'node-redis'
  readonly client: Prototype
  readonly batch: Prototype
  /** Where messages of channels come in. */
  readonly messages: Prototype
  /** Sends commands on by the clients of its nodes. */
  readonly cluster: Prototype
}

export type Prototype = Record<string, Function>

/** Ends of the paths of the files that have these classes as their default exports. */
const FILES = {
  ioredis: {
    client: '/ioredis/built/Redis.js',
    batch: 'Pipeline.js',
    messages: 'Redis.js',
    cluster: 'cluster/index.js',
  },
  'node-redis': {
    client: '/@redis/client/dist/lib/client/index.js',
    batch: 'multi-command.js',
    messages: 'pub-sub.js',
    cluster: '../cluster/index.js',
  },
} as const

/** Looks among the modules that are loaded: both drivers are CommonJS, also when they are imported. */
export function loadedDrivers(): Driver[] {
  const drivers: Driver[] = []
  const paths = Object.keys(cache)
  for (const kind of ['ioredis', 'node-redis'] as const) {
    for (const path of paths) {
      if (!path.replaceAll('\\', '/').endsWith(FILES[kind].client)) continue
      const beside = (name: string): Prototype | null => prototypeOf(join(dirname(path), name))
      const client = prototypeOf(path)
      const batch = beside(FILES[kind].batch)
      const messages = beside(FILES[kind].messages)
      const cluster = beside(FILES[kind].cluster)
      if (client !== null && batch !== null && messages !== null && cluster !== null)
        drivers.push({ kind, client, batch, messages, cluster })
    }
  }
  return drivers
}

interface Exported {
  readonly prototype?: Prototype
}

function prototypeOf(path: string): Prototype | null {
  const exported = cache[path]?.exports as { default?: Exported; PubSub?: Exported } | undefined
  return (exported?.default ?? exported?.PubSub)?.prototype ?? null
}
