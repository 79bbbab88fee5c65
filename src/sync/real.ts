/** Operations outside of explorations. */
import type { RealCore } from './core.js'
import type { Operation } from './operation.js'

/** Somebody who waits outside of an exploration. */
export class RealWait<S> {
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly core: RealCore<S>,
    readonly operation: Operation<S, unknown>,
    private readonly by: object,
    private readonly resolve: (value: any) => void,
    private readonly reject: (reason: unknown) => void,
    timeout: number | undefined,
  ) {
    core.waiting.push(this)
    if (timeout !== undefined) this.timer = setTimeout(() => this.end(() => operation.giveUp()), timeout)
  }

  serve(): void {
    this.end(() => this.operation.act(this.by))
  }

  private end(give: () => unknown): void {
    const { waiting } = this.core
    waiting.splice(waiting.indexOf(this), 1)
    clearTimeout(this.timer)
    try {
      this.resolve(give())
    } catch (error) {
      this.reject(error)
    }
  }
}

export function doReal<S, T>(
  core: RealCore<S>,
  operation: Operation<S, T>,
  by: object,
  timeout: number | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (operation.ready(core.state)) resolve(operation.act(by))
    else if (timeout === 0) resolve(operation.giveUp())
    else new RealWait(core, operation, by, resolve, reject, timeout)
  })
}

/** Blocking: on one thread nothing can happen meanwhile, so what is not possible at once never will be. */
export function doRealSync<S, T>(
  api: string,
  core: RealCore<S>,
  operation: Operation<S, T>,
  by: object,
  timeout: number | undefined,
): T {
  if (operation.ready(core.state)) return operation.act(by)
  if (timeout !== undefined) return operation.giveUp()
  throw new Error(`frontrun: ${api} would wait for ever: nothing else can run on this thread`)
}
