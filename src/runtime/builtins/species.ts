/** What array methods make their results of: an instance of the array's own class, where it has one. */
import type { RuntimeHooks } from '../iteration.js'
import { isObject } from '../natives.js'

/** ArraySpeciesCreate of the standard. */
export function* arraySpecies(
  runtime: RuntimeHooks,
  self: object,
  length: number,
  site: number,
): Generator<unknown, unknown[], unknown> {
  const plain = (): unknown[] => runtime.made(new Array(length))
  if (!Array.isArray(self)) return plain()
  let Class: unknown = self.constructor
  if (Class === Array) return plain()
  if (isObject(Class)) Class = (Class as { [Symbol.species]?: unknown })[Symbol.species]
  if (Class === undefined || Class === null || Class === Array) return plain()
  return (runtime.construct(Class, [length], site) ? yield : runtime.value) as unknown[]
}

/** Puts an element into what `arraySpecies` made. */
export function putElement(target: unknown[], index: number, value: unknown): void {
  if (target.constructor === Array) target[index] = value
  else Object.defineProperty(target, index, { value, writable: true, enumerable: true, configurable: true })
}
