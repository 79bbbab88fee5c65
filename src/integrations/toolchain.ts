import { createRequire } from 'node:module'

/** The parsers and the transform: several megabytes of native code. */
export interface Toolchain {
  instrument: typeof import('../transform/index.js').instrument
  parseSync: typeof import('oxc-parser').parseSync
  transformSync: typeof import('oxc-transform').transformSync
}

let loaded: Toolchain | undefined

/**
 * Loaded with the first file there is to instrument: most processes that inherit NODE_OPTIONS (npm, a test runner's
 * workers) never instrument one. Synchronous, since `require` and the synchronous hooks are.
 */
export function toolchain(): Toolchain {
  if (loaded !== undefined) return loaded
  const require = createRequire(import.meta.url)
  const { instrument }: Pick<Toolchain, 'instrument'> = require('../transform/index.js')
  const { parseSync }: Pick<Toolchain, 'parseSync'> = require('oxc-parser')
  const { transformSync }: Pick<Toolchain, 'transformSync'> = require('oxc-transform')
  loaded = { instrument, parseSync, transformSync }
  return loaded
}

/** For a thread that can't `require` ES modules: that of the hooks, before Node 22.23. */
export function provideToolchain(tools: Toolchain): void {
  loaded = tools
}
