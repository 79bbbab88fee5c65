/**
 * `node --import frontrun/register app.js` instruments the program's own files as Node loads them: ES modules, CommonJS
 * and TypeScript. Packages named in `FRONTRUN_TRACE_PACKAGES` (names or globs, with commas between) are treated alike.
 * A file that can't be instrumented is loaded as it is.
 */
import Module from 'node:module'
import '../detect/gates.js'
import { instrumentCommonJs, resolveTypeScriptInRequire } from './commonjs.js'
import { createLoadHooks, type LoadContext, type Loaded, type ResolveContext, type Resolved } from './load-hooks.js'
import { policyFromEnvironment } from './policy.js'

interface SyncHooks {
  resolve(
    specifier: string,
    context: ResolveContext,
    next: (specifier: string, context: ResolveContext) => Resolved,
  ): Resolved
  load(url: string, context: LoadContext, next: (url: string, context: LoadContext) => Loaded): Loaded
}

/** What newer versions of Node add to the types of 20. */
const node = Module as unknown as {
  registerHooks?(hooks: SyncHooks): void
  register?(specifier: string, options: { parentURL: string }): void
  setSourceMapsSupport?(enabled: boolean, options: { nodeModules: boolean; generatedCode: boolean }): void
}

const registered = Symbol.for('frontrun.register')

function register(): void {
  const policy = policyFromEnvironment()
  const ready = new Map<string, string>()
  instrumentCommonJs(policy, ready)
  if (hasCompleteSyncHooks()) {
    node.registerHooks?.(syncHooks(createLoadHooks(policy, undefined, (path, code) => ready.set(path, code))))
  } else {
    resolveTypeScriptInRequire(policy)
    node.register?.('./hooks-thread.js', { parentURL: import.meta.url })
  }
  if (node.setSourceMapsSupport) {
    node.setSourceMapsSupport(true, { nodeModules: policy.tracePackages.length > 0, generatedCode: false })
  } else {
    process.setSourceMapsEnabled(true)
  }
}

/**
 * Before these versions a load hook of `registerHooks` takes CommonJS away from the CommonJS loader: a file it passes on
 * unchanged gets a `require` without cache or children, and can't be handed back (`source: null` is refused).
 */
function hasCompleteSyncHooks(): boolean {
  if (node.registerHooks === undefined) return false
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major === 22) return minor >= 23
  if (major === 24) return minor >= 12
  return major > 25 || (major === 25 && minor >= 1)
}

function syncHooks(hooks: ReturnType<typeof createLoadHooks>): SyncHooks {
  return {
    resolve(specifier, context, next) {
      const answer = hooks.resolved(
        specifier,
        context,
        attempt(() => next(specifier, context)),
      )
      return 'again' in answer ? next(answer.again, context) : answer
    },
    load: (url, context, next) =>
      hooks.before(url) ??
      hooks.after(
        url,
        context,
        attempt(() => next(url, context)),
      ),
  }
}

function attempt<T>(call: () => T): { value: T } | { error: unknown } {
  try {
    return { value: call() }
  } catch (error) {
    return { error }
  }
}

const state = globalThis as { [registered]?: boolean }
if (!state[registered]) {
  state[registered] = true
  register()
}
