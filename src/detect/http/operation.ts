/** Requests as operations. */
import type { Execution } from '../../runtime/execution.js'
import { isPromise } from '../../runtime/natives.js'
import type { Notes, Operation } from '../../runtime/outside/operation.js'
import type { Resource } from '../../runtime/outside/resource.js'
import { Exchange, send } from './exchange.js'

/** Requests that only look. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const CONTENT = 'content'

const resourceOf = (notes: Notes, { origin, pathname }: URL): Resource =>
  notes.resource(`http:${origin}${pathname}`, () => `${origin}${pathname}`)

/**
 * A request, to its end. To a server of another process it is one step, which reads or writes what is at the address. If
 * a handler of this process gets it, that is a task of its own, whose accesses are seen: then nothing else is noted, and
 * the request goes on when the handler has answered.
 *
 * @param start sends it; `exchange.over` is raised when the whole response is here
 */
export function request(
  method: string,
  url: URL,
  execution: Execution,
  start: (exchange: Exchange) => unknown,
): Operation {
  return {
    name: `${method} ${url.origin}${url.pathname}`,
    *phases() {
      const task = execution.stepped
      if (task === null) throw new Error('frontrun: a request was sent outside of any step')
      const exchange = new Exchange(method, url, execution, task)
      let answer: unknown
      const arrived = yield {
        perform() {
          send(exchange)
          answer = start(exchange)
          // An execution that is cut short leaves requests that nobody waits for.
          if (isPromise(answer)) answer.catch(() => {})
          return exchange.arrived.promise.then(() => (exchange.isLocal ? undefined : answer))
        },
        noted(notes) {
          if (exchange.isLocal) return
          if (SAFE.has(method)) notes.read(resourceOf(notes, url), CONTENT)
          else notes.write(resourceOf(notes, url), CONTENT)
        },
      }
      if (!exchange.isLocal) return arrived
      return yield { blocks: true, perform: () => exchange.over.promise.then(() => answer) }
    },
  }
}
