/** Sorting with a comparison of the program's own, where threads can be interrupted in it. */
import { Frame } from '../frame.js'
import { declare, infoOf, isInstrumented } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import { isTypedArray } from '../natives.js'
import { READ, type Recorder, WRITE } from '../recorder.js'

type Steps<T> = Generator<unknown, T, any>

export function installSorting(runtime: RuntimeHooks, owner: Record<string, Function>): void {
  /** A merge sort: stable, as the language demands. In which order a sort compares, it leaves open. */
  function* sorted(items: unknown[], compare: Function, site: number): Steps<unknown[]> {
    if (items.length < 2) return items
    const half = items.length >> 1
    const left = yield* sorted(items.slice(0, half), compare, site)
    const right = yield* sorted(items.slice(half), compare, site)
    const merged: unknown[] = []
    let taken = 0
    for (const item of right) {
      for (; taken < left.length; taken++) {
        const pair = [left[taken], item]
        if (Number(runtime.call(compare, undefined, pair, site) ? yield : runtime.value) > 0) break
        merged.push(left[taken])
      }
      merged.push(item)
    }
    for (; taken < left.length; taken++) merged.push(left[taken])
    return merged
  }

  function* sort(self: any, compare: Function, copies: boolean, site: number): Steps<unknown> {
    let items: unknown[] = []
    let size = 0
    runtime.declare(site, () => {
      ;(runtime.recorder as Recorder).addContentRead(self, site)
      size = self.length
      items = copies ? Array.from(self) : []
      if (!copies) for (let index = 0; index < size; index++) if (index in self) items.push(self[index])
    })
    yield
    const defined = items.filter(item => item !== undefined)
    const rest = items.length - defined.length
    const result = [...(yield* sorted(defined, compare, site)), ...new Array(rest).fill(undefined)]
    if (copies) return runtime.made(isTypedArray(self) ? new (self as any).constructor(result) : result)
    runtime.declare(site, () => {
      const recorder = runtime.recorder as Recorder
      recorder.addElement(self, 'length', READ, site)
      for (let index = 0; index < size; index++) recorder.addElement(self, index, WRITE, site)
      for (let index = 0; index < size; index++)
        if (index < result.length) self[index] = result[index]
        else delete self[index]
    })
    yield
    return self
  }

  for (const name of ['sort', 'toSorted']) {
    const native = owner[name]
    if (native === undefined) continue
    const atOnce = infoOf(native)
    declare(native, (target, self, args, site) => {
      const [compare] = args
      const list = Array.isArray(self) || isTypedArray(self)
      if (list && runtime.points && runtime.nested === 0 && isInstrumented(compare))
        return runtime.push(new Frame(sort(self, compare, name === 'toSorted', site), false, 0), site)
      return (atOnce as (...all: unknown[]) => boolean)(target, self, args, site)
    })
  }
}
