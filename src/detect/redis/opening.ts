/** Opening a connection is no operation that anybody could notice: it goes on natively, handshake and all. */
import type { Execution } from '../../runtime/execution.js'
import type { RuntimeHooks } from '../../runtime/iteration.js'
import { isPromise } from '../../runtime/natives.js'
import type { Plan } from '../../runtime/outside/operation.js'

/** Opens it at once; the step that asked for it stays open until it is open, or can't be opened. */
export function openSilently(runtime: RuntimeHooks, name: string, open: () => unknown): Plan {
  const { outside } = runtime.execution as Execution
  return {
    kind: 'sync',
    phase: {
      perform() {
        const opening = open()
        if (isPromise(opening)) outside.expect(opening as Promise<unknown>, { name, site: outside.site, task: null })
        return opening
      },
    },
  }
}
