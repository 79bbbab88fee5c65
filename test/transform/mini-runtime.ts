/** The runtime's side of the contract at its smallest: it runs every coroutine to its end, at once, and keeps a log of accesses. */
export interface MiniRuntime {
  on: boolean
  /** Every access asks the driver first. */
  threads: boolean
  accesses: string[]
  [key: string]: any
}

type Pending = { await?: unknown; run?: () => unknown }

const MARK = /"\$fr";?\s*\}$/

export function createMiniRuntime(): MiniRuntime {
  let pending: Pending = {}
  let scopes = 0
  const functionText = Function.prototype.toString
  const { apply, construct, ownKeys } = Reflect
  const instrumented = (f: unknown) => typeof f === 'function' && MARK.test(apply(functionText, f, []))
  const NativePromise = Promise

  const resume = (): { value?: unknown; error?: unknown; failed: boolean } => {
    const { run } = pending
    try {
      return { value: run?.(), failed: false }
    } catch (error) {
      return { error, failed: true }
    }
  }

  const runSync = (generator: Generator): unknown => {
    let step = generator.next()
    while (!step.done) {
      if ('await' in pending) throw new Error('mini-runtime: await in a synchronous function')
      const { value, error, failed } = resume()
      step = failed ? generator.throw(error) : generator.next(value)
    }
    return step.value
  }

  const runAsync = async (generator: Generator): Promise<unknown> => {
    let step = generator.next()
    while (!step.done) {
      if ('await' in pending) {
        let value: unknown
        let error: unknown
        let failed = false
        try {
          value = await pending.await
        } catch (caught) {
          failed = true
          error = caught
        }
        step = failed ? generator.throw(error) : generator.next(value)
      } else {
        const { value, error, failed } = resume()
        step = failed ? generator.throw(error) : generator.next(value)
      }
    }
    return step.value
  }

  const note = (text: string): boolean => {
    if (!runtime.on) return false
    runtime.accesses.push(text)
    if (!runtime.threads) return false
    pending = {}
    return true
  }

  const finish = (run: () => unknown): boolean => {
    if (runtime.threads) {
      pending = { run }
      return true
    }
    runtime.value = run()
    return false
  }

  const need = (f: unknown): ((...a: never[]) => unknown) => {
    if (typeof f !== 'function') throw new TypeError('not a function')
    return f as never
  }

  const getIterator = (source: any) => {
    const iterator = apply(need(source[Symbol.iterator]), source, [])
    if (Object(iterator) !== iterator) throw new TypeError('not an iterator')
    return { iterator, next: (iterator as any).next }
  }
  const isObject = (value: unknown) => Object(value) === value
  const checked = (result: unknown) => {
    if (!isObject(result)) throw new TypeError('iterator result is not an object')
    return result
  }
  const name = (key: unknown) => (isObject(key) ? '?' : String(key))

  const runtime: MiniRuntime = {
    on: false,
    threads: false,
    accesses: [],
    value: undefined,
    turns: 0,
    file: () => 0,
    scope: () => ++scopes,
    enters: () => true,
    enter(kind: number, _site: number, coroutine: (...args: unknown[]) => Generator, self: unknown, args: unknown[]) {
      const generator = apply(coroutine, self, args)
      return kind & 1 ? runAsync(generator) : runSync(generator)
    },
    read: (_o: unknown, key: unknown) => note(`read ${name(key)}`),
    readMethod: (_o: unknown, key: unknown) => note(`method ${name(key)}`),
    readSuper: (_o: unknown, key: unknown) => note(`super ${name(key)}`),
    write: (_o: unknown, key: unknown) => note(`write ${name(key)}`),
    remove: (_o: unknown, key: unknown) => note(`remove ${name(key)}`),
    has: (_o: unknown, key: unknown) => note(`has ${name(key)}`),
    readVar: (_scope: number, key: string) => note(`readVar ${key}`),
    writeVar: (_scope: number, key: string) => note(`writeVar ${key}`),
    readKeys: () => note('keys'),
    spread: () => note('spread'),
    spreadObject: () => note('spreadObject'),
    made: (value: unknown) => value,
    converts: () => {},
    to(value: unknown) {
      runtime.value = value
      return false
    },
    turn() {
      if (++runtime.turns > 1e6) throw new Error('endless loop')
      return runtime.on && runtime.threads ? note('turn') : false
    },
    loop: () => 0,
    poll(): boolean {
      return runtime.turn()
    },
    object(value: unknown) {
      if (value === null || value === undefined) throw new TypeError(`Cannot destructure '${value}'`)
    },
    key(key: unknown, base: unknown) {
      if (!isObject(key) || base === null || base === undefined) return key
      return ownKeys({ [key as string]: 0 })[0]
    },
    call(f: unknown, self: unknown, args: never[]) {
      need(f)
      if (instrumented(f) || runtime.threads) {
        pending = { run: () => apply(f as never, self, args) }
        return true
      }
      runtime.value = apply(f as never, self, args)
      return false
    },
    construct: (f: unknown, args: unknown[]) => finish(() => construct(f as never, args)),
    callReturn(f: unknown, self: unknown, args: never[]) {
      this.callAwait(f, self, args)
    },
    callAwait(f: unknown, self: unknown, args: never[]) {
      pending = { await: apply(need(f), self, args) }
    },
    wait(value: unknown) {
      pending = { await: value }
    },
    rest(source: object, keys: PropertyKey[]) {
      note('rest')
      return finish(() => {
        const all: Record<PropertyKey, unknown> = {}
        const known = new Set(keys.map(key => (typeof key === 'symbol' ? key : String(key))))
        for (const key of ownKeys(Object(source)))
          if (!known.has(key) && Object.getOwnPropertyDescriptor(Object(source), key)?.enumerable)
            all[key] = (source as any)[key]
        return all
      })
    },
    iterate(source: unknown) {
      note('iterate')
      return finish(() => getIterator(source))
    },
    next: (state: any) => finish(() => checked(apply(state.next, state.iterator, []))),
    close: (state: any) =>
      finish(() => {
        const { return: end } = state.iterator
        if (end !== undefined && end !== null) {
          if (!isObject(apply(end, state.iterator, []))) throw new TypeError('return gave no object')
        }
      }),
    iterateAsync(source: any) {
      const method = source[Symbol.asyncIterator]
      if (method !== undefined && method !== null) {
        const iterator = apply(need(method), source, []) as any
        if (!isObject(iterator)) throw new TypeError('not an async iterator')
        pending = {
          await: NativePromise.resolve({ iterator, next: iterator.next }),
        }
      } else {
        const { iterator, next } = getIterator(source)
        pending = { await: NativePromise.resolve({ iterator, next, sync: true }) }
      }
    },
    iterationResult: (value: unknown) => value,
    nextAsync(state: any) {
      if (!state.sync) {
        const result = apply(state.next, state.iterator, [])
        pending = { await: (async () => checked(await result))() }
      } else {
        pending = {
          await: (async () => {
            const result: any = checked(apply(state.next, state.iterator, []))
            const { done } = result
            const value = await result.value
            return { done, value }
          })(),
        }
      }
    },
    closeAsync(state: any) {
      pending = {
        await: (async () => {
          const { return: end } = state.iterator
          if (end !== undefined && end !== null && !isObject(await apply(end, state.iterator, [])))
            throw new TypeError('return gave no object')
        })(),
      }
    },
    g: (object: unknown, key: unknown) => inPlace(object, `read ${name(key)}`),
    ge: (object: any, key: any) => inPlace(object[key], 'read []'),
    s: (object: unknown, key: unknown) => inPlace(object, `write ${name(key)}`),
    u: (object: unknown, key: unknown) => inPlace(object, `update ${name(key)}`),
    sk: (object: unknown) => inPlace(object, 'write []'),
    nc: (f: unknown, self: unknown, args: never[]) => apply(need(f), self, args),
    nn: (f: unknown, args: unknown[]) => construct(f as never, args),
    gate: (value: unknown) => value,
  }
  const inPlace = <T>(value: T, text: string): T => {
    if (runtime.on) runtime.accesses.push(text)
    return value
  }
  return runtime
}

/** Makes `runtime` the one instrumented code finds. */
export function installMiniRuntime(runtime: MiniRuntime): void {
  ;(globalThis as Record<symbol, unknown>)[Symbol.for('frontrun.runtime')] = runtime
}
