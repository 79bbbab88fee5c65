/**
 * The process's one runtime, reached through a global symbol: emitted code, duplicate copies of this package and
 * other realms all share its state.
 */
import { installFunctionText } from './function-text.js'
import { RuntimeHooks } from './iteration.js'
import { Sites } from './sites.js'

const key = Symbol.for('frontrun.runtime')
const shared = globalThis as { [key]?: RuntimeHooks }

if (shared[key] === undefined) {
  shared[key] = new RuntimeHooks(new Sites())
  installFunctionText(shared[key])
}

export const runtime: RuntimeHooks = shared[key]

/** Where the copy of frontrun that made the runtime was loaded from, if it is not this one. */
runtime.home ??= import.meta.url
export const otherCopy: string | undefined = runtime.home === import.meta.url ? undefined : runtime.home
