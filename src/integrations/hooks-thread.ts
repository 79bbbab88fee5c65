/** The hooks that `module.register` runs on a thread of their own, on a Node without complete `registerHooks`. */
import { parseSync } from 'oxc-parser'
import { transformSync } from 'oxc-transform'
import { instrument } from '../transform/index.js'
import { createLoadHooks, type LoadContext, type Loaded, type ResolveContext, type Resolved } from './load-hooks.js'
import { policyFromEnvironment } from './policy.js'
import { runtimeUrl } from './runtime-url.js'
import { provideToolchain } from './toolchain.js'

type Next<Context, Answer> = (target: string, context: Context) => Promise<Answer>

provideToolchain({ instrument, parseSync, transformSync })

// These hooks serve every thread of the process, also one that was started without NODE_OPTIONS and has no runtime yet.
const hooks = createLoadHooks(policyFromEnvironment(), runtimeUrl)

export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: Next<ResolveContext, Resolved>,
): Promise<Resolved> {
  const outcome = await settle(next(specifier, context))
  const answer = hooks.resolved(specifier, context, outcome)
  return 'again' in answer ? next(answer.again, context) : answer
}

export async function load(url: string, context: LoadContext, next: Next<LoadContext, Loaded>): Promise<Loaded> {
  return hooks.before(url) ?? hooks.after(url, context, await settle(next(url, context)))
}

function settle<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return promise.then(
    value => ({ value }),
    (error: unknown) => ({ error }),
  )
}
