import { fileURLToPath } from 'node:url'
import { instrument } from '../transform/index.js'
import { hoistPrelude } from './hoisted-prelude.js'
import { keepJsxPragmas } from './jsx-pragmas.js'
import { languageOf } from './module-format.js'
import {
  type InstrumentationPolicy,
  isSourceFile,
  normalizePath,
  ownFolder,
  parsePackageList,
  policyFromEnvironment,
  shouldInstrument,
} from './policy.js'
import { runtimeUrl } from './runtime-url.js'
import type { ConfigureVitestContext, FrontrunVitePlugin, VitestUserConfig } from './vite-types.js'

export type { MatcherOptions } from './matchers.js'
export type { FrontrunVitePlugin } from './vite-types.js'

export interface FrontrunPluginOptions {
  /** Names or globs of packages to instrument like the project's own code. Default: none. */
  tracePackages?: readonly string[]
  /** Only these of the project's own files: globs (`src/**`) or regular expressions of the path. Default: all. */
  include?: readonly (string | RegExp)[]
  /** Files to leave alone. Default: none. */
  exclude?: readonly (string | RegExp)[]
}

/** How frontrun's own plugin knows the one that `frontrun vitest` adds from the one in the user's configuration. */
export interface FrontrunPluginApi {
  injected: boolean
}

const runtimePath = fileURLToPath(runtimeUrl)
const registerUrl = new URL('./register.js', import.meta.url).href
const setupFile = fileURLToPath(new URL('./vitest-setup.js', import.meta.url))

/**
 * The Vite plugin that instruments tests and what they import, for Vitest 3.2 and later.
 *
 * Works in Node environments, in every pool. It does nothing outside Vitest and in browser mode, where there is no
 * runtime. `frontrun vitest` adds it by itself; this is for running Vitest directly.
 *
 * @example
 * // vitest.config.ts
 * import { frontrun } from 'frontrun/vitest'
 * export default defineConfig({ plugins: [frontrun({ tracePackages: ['p-queue'] })] })
 */
export function frontrun(options: FrontrunPluginOptions = {}): FrontrunVitePlugin {
  return createPlugin(options, { injected: false })
}

export default frontrun

export function createPlugin(options: FrontrunPluginOptions, api: FrontrunPluginApi): FrontrunVitePlugin {
  const tracePackages = [...new Set([...(options.tracePackages ?? []), ...policyFromEnvironment().tracePackages])]
  const policy: InstrumentationPolicy = { ...options, tracePackages }
  let active = true

  const plugin: FrontrunVitePlugin = {
    name: 'frontrun',
    enforce: 'pre',
    api,

    config(config) {
      return vitestDefaults(config, tracePackages)
    },

    configResolved({ plugins, test }) {
      const underVitest = plugins.some(({ name }) => name === 'vitest' || name.startsWith('vitest:'))
      const ours = plugins.filter(({ name }) => name === 'frontrun')
      const chosen = ours.find(other => !(other.api as FrontrunPluginApi | undefined)?.injected) ?? ours[0]
      active = underVitest && chosen === plugin && test?.browser?.enabled !== true
    },

    configureVitest(context) {
      if (active) preloadInWorkers(context)
      const defineCacheKey = context.defineCacheKeyGenerator ?? context.experimental_defineCacheKeyGenerator
      // Vitest's file cache knows plugins by name only: what this one makes depends on more than that.
      defineCacheKey?.(() => JSON.stringify(['frontrun', import.meta.url, active, policy], printPattern))
    },

    transform: {
      order: 'pre',
      filter: { id: /\.(?:[cm]?[jt]s|[jt]sx)(?:$|\?)/ },
      handler(source, id) {
        if (!active || !isModuleId(id)) return null
        const path = normalizePath(id)
        if (!shouldInstrument(path, policy)) return null
        try {
          const options = { format: 'module', lang: languageOf(path), runtime: runtimePath } as const
          const instrumented = instrument(source, path, options)
          return instrumented.code === source ? null : hoistPrelude(keepJsxPragmas(instrumented, source), path)
        } catch {
          // What can't be parsed is the next plugin's to report, or to compile first.
          return null
        }
      },
    },
  }
  return plugin
}

/** `/project/x.ts`, `/project/x.ts?v=hash`, but not `\0virtual.js`, `x.ts?raw` or `x.vue?type=script&lang.ts`. */
function isModuleId(id: string): boolean {
  const [path, query] = id.split('?')
  if (id.startsWith('\0') || !isSourceFile(path)) return false
  return query === undefined || query.split('&').every(part => /^(?:v|t|import|mock|run|vitest)\b/.test(part))
}

function vitestDefaults(config: VitestUserConfig, tracePackages: readonly string[]): VitestUserConfig {
  const test = config.test ?? {}
  // `frontrun vitest` with the plugin configured as well: what one asks for, the other keeps.
  const traced = new Set([...parsePackageList(test.env?.FRONTRUN_TRACE_PACKAGES), ...tracePackages])
  const inline = tracePackages.map(packagePath)
  return {
    test: {
      setupFiles: [test.setupFiles].flat().includes(setupFile) ? [] : [setupFile],
      env: { FRONTRUN_ACTIVE: '1', FRONTRUN_TRACE_PACKAGES: [...traced].join(',') },
      server: {
        deps: {
          // Natively loaded and so one copy, whether installed or linked. The set-up file needs Vitest's own `vitest`.
          external: runtimePath.endsWith('.js') ? [ownFiles] : [],
          ...(test.server?.deps?.inline === true ? {} : { inline }),
        },
      },
    },
  }
}

const ownFiles = new RegExp(
  `^(?:file://)?${ownFolder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?!integrations/vitest-setup\\.js)`,
)

function packagePath(pattern: string): RegExp {
  const name = pattern.split('*').map(text => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`/node_modules/${name.join('[^/]*')}/`)
}

/**
 * Loads the runtime before anything else in a worker, and instruments what the worker loads without Vite: CommonJS that
 * is required by a traced package or by the project.
 */
function preloadInWorkers({ vitest, project }: ConfigureVitestContext): void {
  if (process.env.NODE_OPTIONS?.includes(registerUrl) || !runtimePath.endsWith('.js')) return
  const flag = `--import=${registerUrl}`
  const { config } = project
  if (Number.parseInt(vitest.version, 10) >= 4) {
    config.execArgv = [...(config.execArgv ?? []), flag]
    return
  }
  config.poolOptions ??= {}
  for (const pool of ['forks', 'threads', 'vmForks', 'vmThreads']) {
    const options = config.poolOptions[pool]
    config.poolOptions[pool] = { ...options, execArgv: [...(options?.execArgv ?? []), flag] }
  }
}

function printPattern(_key: string, value: unknown): unknown {
  return value instanceof RegExp ? String(value) : value
}
