/** What code that oxc has lowered calls: decorators as TypeScript's, `using` as the proposal says. */
type Disposal = { dispose: (() => unknown) | undefined; isAsync: boolean }

function decorate(
  decorators: Function[],
  target: any,
  key?: PropertyKey,
  described?: PropertyDescriptor | null,
): unknown {
  let result: any =
    key === undefined ? target : described === null ? Object.getOwnPropertyDescriptor(target, key) : described
  for (const decorator of [...decorators].reverse())
    result = (key === undefined ? decorator(result) : decorator(target, key, result)) || result
  if (key !== undefined && result) Object.defineProperty(target, key, result)
  return result
}

const decorateParam = (index: number, decorator: Function) => (target: unknown, key: unknown) =>
  decorator(target, key, index)

/** Keeps what a block has to dispose of; `e` is what the block threw. */
function usingCtx() {
  const empty = {}
  let error: unknown = empty
  const stack: Disposal[] = []
  const use = (isAsync: boolean) => (value: any) => {
    if (value === null || value === undefined) {
      if (isAsync) stack.push({ dispose: undefined, isAsync })
      return value
    }
    const method = (isAsync && value[Symbol.asyncDispose]) || value[Symbol.dispose]
    if (typeof method !== 'function') throw new TypeError('not disposable')
    stack.push({ dispose: () => method.call(value), isAsync })
    return value
  }
  const failed = (thrown: unknown): void => {
    error = error === empty ? thrown : suppressed(thrown, error)
  }
  const failedLater = (thrown: unknown): unknown => {
    failed(thrown)
    return finish()
  }
  const finish = (): unknown => {
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      try {
        const result = next.dispose?.()
        if (next.isAsync) return Promise.resolve(result).then(finish, failedLater)
      } catch (thrown) {
        failed(thrown)
      }
    }
    if (error !== empty) throw error
    return undefined
  }
  return {
    u: use(false),
    a: use(true),
    d: finish,
    set e(thrown: unknown) {
      failed(thrown)
    },
  }
}

const suppressed = (error: unknown, before: unknown): Error =>
  Object.assign(new Error(), { name: 'SuppressedError', error, suppressed: before })

export const babelHelpers = { decorate, decorateParam, usingCtx }
