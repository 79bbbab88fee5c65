/** The platform's `fetch`. */
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { apply } from '../../runtime/natives.js'
import type { Detect } from '../../runtime/outside/gate.js'
import { request } from './operation.js'

/** What `fetch` is replaced by. */
export function fetchGate(runtime: RuntimeHooks): Detect {
  return (self, args, original) => {
    const [input, init] = args as [unknown, RequestInit | undefined]
    const target = input instanceof Request ? input : null
    const address = target?.url ?? String(input)
    // What fetch refuses, it refuses itself.
    if (!URL.canParse(address) || !/^https?:/.test(address)) return null
    const method = String(init?.method ?? target?.method ?? 'GET').toUpperCase()
    return {
      kind: 'promise',
      operation: request(method, new URL(address), runtime.execution as Execution, async exchange => {
        try {
          const response: Response = await (apply(original, self, args) as Promise<Response>)
          await takeIn(response)
          return response
        } finally {
          exchange.over.raise()
        }
      }),
    }
  }
}

/** Waits until the body is here, so that reading it needs no event of the outside world. */
async function takeIn(response: Response): Promise<void> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) return
  await response
    .clone()
    .arrayBuffer()
    // Whoever reads the body gets the error.
    .catch(() => {})
}
