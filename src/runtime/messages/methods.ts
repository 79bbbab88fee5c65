/** The methods that ports and broadcast channels of an exploration have in common with real ones. */

import type { Execution } from '../execution.js'
import { declare } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import type { Endpoint } from './endpoint.js'
import type { Listener } from './listeners.js'

export type Perform = (endpoint: Endpoint, self: object, args: any[], site: number) => unknown

export class Methods {
  constructor(
    private readonly runtime: RuntimeHooks,
    private readonly prototype: object,
    /** Null: it was transferred, and does nothing any more. */
    private readonly endpointOf: (self: object) => Endpoint | null,
  ) {}

  private guarded(perform: Perform, self: object, args: unknown[], site: number): unknown {
    const endpoint = this.endpointOf(self)
    if (endpoint === null) return undefined
    if (endpoint.execution !== this.runtime.execution)
      throw new Error(
        'frontrun: this port belongs to an execution that is over. Make channels in setup or in the tasks.',
      )
    return perform(endpoint, self, args, site)
  }

  /** Called from instrumented code, it is a step of its own in threads; else a part of the step that is open. */
  private natively(perform: Perform, self: object, args: unknown[]): unknown {
    const { runtime } = this
    const outside = runtime.task === null && runtime.execution !== null
    if (outside) (runtime.execution as Execution).beginForeign()
    try {
      return this.guarded(perform, self, args, 0)
    } finally {
      if (outside) (runtime.execution as Execution).endForeign()
    }
  }

  add(name: string, perform: Perform): void {
    const methods = this
    const method = {
      [name](this: object, ...args: unknown[]): unknown {
        return methods.natively(perform, this, args)
      },
    }[name] as Function
    declare(method, (_, self, args, site) =>
      this.runtime.pointwise(site, () => this.guarded(perform, self, args, site)),
    )
    Object.defineProperty(this.prototype, name, { value: method, writable: true, configurable: true, enumerable: true })
  }

  /** A method that calls listeners, which can be suspended. */
  addEmitting(name: string, emit: (endpoint: Endpoint, args: any[]) => Generator<unknown, unknown, unknown>): void {
    const method = {
      [name](): never {
        throw new Error(`frontrun: ${name} of a port was called from code that is not instrumented`)
      },
    }[name] as Function
    declare(method, (_, self, args, site) => {
      const endpoint = this.endpointOf(self)
      if (endpoint !== null) return this.runtime.coroutine(emit(endpoint, args), false, site)
      this.runtime.value = false
      return false
    })
    Object.defineProperty(this.prototype, name, { value: method, writable: true, configurable: true, enumerable: true })
  }

  /** `onmessage` and the like. */
  addHandler(type: string): void {
    const methods = this
    const name = `on${type}`
    Object.defineProperty(this.prototype, name, {
      get(this: object): unknown {
        return methods.endpointOf(this)?.listeners.handler(type)?.callback ?? null
      },
      set(this: object, callback: unknown) {
        methods.natively(
          endpoint => {
            const known = endpoint.listeners.handler(type)
            const isOne = typeof callback === 'function' || (typeof callback === 'object' && callback !== null)
            if (known !== undefined && isOne) {
              endpoint.noteListeners(1)
              known.callback = callback
            } else if (known !== undefined) endpoint.removeListener(known)
            else if (isOne) endpoint.addListener(listener(type, callback, { isHandler: true }))
          },
          this,
          [],
        )
      },
      configurable: true,
      enumerable: true,
    })
  }

  /** Of every EventTarget. */
  addEventTarget(): void {
    this.add('addEventListener', (endpoint, _, [type, callback, options]) => {
      if (callback === null || callback === undefined) return
      const { capture, once, signal } = optionsOf(options)
      if (signal?.aborted) return
      const added = listener(String(type), callback, { capture, once })
      endpoint.addListener(added)
      signal?.addEventListener('abort', () => endpoint.removeListener(added.removed ? undefined : added), {
        once: true,
      })
    })
    this.add('removeEventListener', (endpoint, _, [type, callback, options]) =>
      endpoint.removeListener(endpoint.listeners.find(String(type), callback, optionsOf(options).capture)),
    )
    this.addEmitting('dispatchEvent', function* (endpoint, [event]) {
      yield* endpoint.emit(String(event.type), event, () => event)
      return !event.defaultPrevented
    })
  }

  /** Of Node's ports, which are emitters as well. */
  addEmitter(): void {
    for (const [name, once] of [
      ['on', false],
      ['addListener', false],
      ['once', true],
    ] as const)
      this.add(name, (endpoint, self, [type, callback]) => {
        if (typeof callback !== 'function')
          throw Object.assign(new TypeError('The "listener" argument must be of type function.'), {
            code: 'ERR_INVALID_ARG_TYPE',
          })
        endpoint.addListener(listener(String(type), callback, { once, takesValue: true }))
        return self
      })
    for (const name of ['off', 'removeListener'])
      this.add(name, (endpoint, self, [type, callback]) => {
        endpoint.removeListener(endpoint.listeners.find(String(type), callback, false))
        return self
      })
    this.add('removeAllListeners', (endpoint, self, [type]) => {
      for (const name of type === undefined ? endpoint.listeners.types : [String(type)])
        for (const each of endpoint.listeners.of(name)) endpoint.removeListener(each)
      return self
    })
    this.add('listenerCount', (endpoint, _, [type]) => {
      endpoint.noteListeners(0)
      return endpoint.listeners.of(String(type)).length
    })
    this.add('eventNames', endpoint => {
      endpoint.noteListeners(0)
      return endpoint.listeners.types
    })
    this.add('setMaxListeners', (_, self) => self)
    this.add('getMaxListeners', () => 10)
    this.addEmitting('emit', function* (endpoint, [type, value]) {
      const heard = endpoint.listeners.of(String(type)).length > 0
      yield* endpoint.emit(String(type), value, () => new MessageEvent(String(type), { data: value }))
      return heard
    })
  }
}

function listener(type: string, callback: unknown, rest: Partial<Listener>): Listener {
  const none = { capture: false, once: false, takesValue: false, isHandler: false, removed: false }
  return { ...none, ...rest, type, callback }
}

function optionsOf(options: unknown): { capture: boolean; once: boolean; signal?: AbortSignal } {
  if (typeof options === 'boolean') return { capture: options, once: false }
  const { capture, once, signal } = (options ?? {}) as { capture?: boolean; once?: boolean; signal?: AbortSignal }
  return { capture: !!capture, once: !!once, ...(signal === undefined ? {} : { signal }) }
}
