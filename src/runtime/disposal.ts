/** What `using` and `await using` dispose of, in coroutines. */
import { Frame } from './frame.js'
import { Hooks } from './hooks.js'
import { isObject } from './natives.js'
import { Command } from './runtime.js'

interface Resource {
  readonly value: unknown
  /** Undefined: nothing to dispose of, only an await. */
  readonly method: Function | undefined
  readonly isAsync: boolean
}

/** The resources of one block, first declared first, and what the block threw. */
export interface Resources {
  readonly list: Resource[]
  failed: boolean
  error: unknown
}

export class Disposal extends Hooks {
  resources(): Resources {
    return { list: [], failed: false, error: undefined }
  }

  /** Declares a resource. */
  use(resources: Resources, value: any, isAsync: boolean): unknown {
    if (value === null || value === undefined) {
      if (isAsync) resources.list.push({ value, method: undefined, isAsync })
      return value
    }
    if (!isObject(value)) throw new TypeError(`${String(value)} is not an object: it can't be disposed of`)
    resources.list.push({ value, method: disposerOf(value, isAsync), isAsync })
    return value
  }

  /** The block threw, or disposing did: the later error goes on, and keeps the one before it. */
  failed(resources: Resources, error: unknown): void {
    resources.error = resources.failed ? suppressedError(error, resources.error) : error
    resources.failed = true
  }

  dispose(resources: Resources, site: number): boolean {
    if (resources.list.length > 0) return this.push(new Frame(this.disposeAll(resources, site), false, 0), site)
    if (resources.failed) throw resources.error
    return false
  }

  /** A block with `await using` suspends at its end only if such a declaration was come by. */
  disposeAsync(resources: Resources, site: number): boolean {
    if (!resources.list.some(each => each.isAsync)) return this.dispose(resources, site)
    this.push(new Frame(this.disposeAll(resources, site), true, 0), site)
    this.command = Command.CallAwait
    return true
  }

  /** DisposeResources of the standard. */
  private *disposeAll(resources: Resources, site: number): Generator<unknown, void, unknown> {
    let needsAwait = false
    let hasAwaited = false
    for (let next = resources.list.pop(); next !== undefined; next = resources.list.pop()) {
      const { value, method, isAsync } = next
      if (!isAsync && needsAwait && !hasAwaited) {
        yield this.wait(undefined, site)
        needsAwait = false
      }
      if (method === undefined) {
        needsAwait = true
        continue
      }
      try {
        const result = this.call(method, value, [], site) ? yield : this.value
        if (isAsync) {
          hasAwaited = true
          yield this.wait(result, site)
        }
      } catch (error) {
        this.failed(resources, error)
      }
    }
    if (needsAwait && !hasAwaited) yield this.wait(undefined, site)
    if (resources.failed) throw resources.error
  }
}

// Node has them before the language does.
const { dispose, asyncDispose } = Symbol as { dispose?: symbol; asyncDispose?: symbol }
const keyOf = (name: string, known: symbol | undefined): symbol => known ?? Symbol.for(`Symbol.${name}`)

function disposerOf(value: any, isAsync: boolean): Function {
  let method = isAsync ? value[keyOf('asyncDispose', asyncDispose)] : undefined
  const onlySync = method === undefined || method === null
  if (onlySync) method = value[keyOf('dispose', dispose)]
  if (typeof method !== 'function') throw new TypeError('an object that is used has no method to dispose of it')
  if (!isAsync || !onlySync) return method
  // What a synchronous method returns is not waited for.
  return function (this: unknown): void {
    Reflect.apply(method, this, [])
  }
}

function suppressedError(error: unknown, suppressed: unknown): unknown {
  const { SuppressedError } = globalThis as { SuppressedError?: new (error: unknown, suppressed: unknown) => Error }
  if (SuppressedError !== undefined) return new SuppressedError(error, suppressed)
  return Object.assign(new Error(), { name: 'SuppressedError', error, suppressed })
}
