import type { Generated } from './insert-text.js'

/** As much of Vite's and Vitest's types as the plugin uses, so that neither need be installed, in any one version. */

export interface FrontrunVitePlugin {
  name: string
  enforce: 'pre'
  api: unknown
  config(config: VitestUserConfig): VitestUserConfig
  configResolved(config: {
    plugins: readonly { name: string; api?: unknown }[]
    test?: { browser?: { enabled?: boolean } }
  }): void
  configureVitest(context: ConfigureVitestContext): void
  transform: {
    order: 'pre'
    filter: { id: RegExp }
    handler(source: string, id: string): Generated | null
  }
}

// biome-ignore lint/suspicious/noExplicitAny: assignable to and from the user configuration of each Vite version
export type VitestUserConfig = any

export interface ConfigureVitestContext {
  vitest: { version: string }
  project: { config: WorkerConfig }
  /** Vitest 5 */
  defineCacheKeyGenerator?(generator: () => string): void
  /** Vitest 4 */
  experimental_defineCacheKeyGenerator?(generator: () => string): void
}

interface WorkerConfig {
  execArgv?: string[]
  /** Vitest 3 */
  poolOptions?: Record<string, { execArgv?: string[] }>
}
