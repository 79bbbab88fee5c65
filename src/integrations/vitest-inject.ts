import { createPlugin } from './vitest.js'

/** A resolved configuration goes to `createServer` as it is: a copy of it would be resolved again. */
const injected = new WeakSet<object>()

interface InlineConfig {
  plugins?: unknown[]
}

/** A Vite configuration with frontrun's plugin added, if it is Vitest's and doesn't have it yet. */
export function withFrontrun<Options extends InlineConfig>(options: Options = {} as Options): Options {
  const plugins = options.plugins ?? []
  if (!isVitest(plugins) || plugins.some(plugin => injected.has(plugin as object))) return options
  const plugin = createPlugin({}, { injected: true })
  injected.add(plugin)
  return { ...options, plugins: [plugin, ...plugins] }
}

/** Vitest's command sets the variable; a program that creates Vitest by its API gives only its plugins away. */
function isVitest(plugins: unknown[]): boolean {
  if (process.env.VITEST !== undefined) return true
  const flat = plugins.flat(10) as ({ name?: unknown } | null | undefined)[]
  return flat.some(plugin => typeof plugin?.name === 'string' && /^vitest(?::|$)/.test(plugin.name))
}
