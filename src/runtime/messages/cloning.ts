/** What becomes of a value on its way through a port: a structured clone, in which ports that were transferred are themselves. */
import type { Execution } from '../execution.js'
import { stamp } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { isDataView, isMap, isObject, isSet, isSharedArrayBuffer, isTypedArray } from '../natives.js'
import type { Recorder } from '../recorder.js'

const nativeClone = structuredClone

/** Stands for a port in what is cloned. */
const PLACE = 'frontrun: the place of a port'

export interface Transfer {
  /** The ports that go along, and what each becomes. */
  moved: Map<object, () => object>
  buffers: ArrayBuffer[]
}

/** Clones as `postMessage` does; throws what that throws. */
export function cloneMessage(
  runtime: RuntimeHooks,
  value: unknown,
  { moved, buffers }: Transfer,
  isPort: (value: object) => boolean,
  site: number,
): { value: unknown; ports: object[] } {
  const recorder = runtime.recorder as Recorder
  for (const buffer of buffers) {
    recorder.addElement(buffer, 'byteLength', 1, site)
    if (buffer.byteLength > 0) recorder.addBytes(new Uint8Array(buffer), 0, buffer.byteLength, 1, site)
  }
  const found: object[] = []
  const places = new Map<object, number>()
  const prepared = replace(value, port => {
    if (!isPort(port)) return undefined
    if (!moved.has(port)) throw missingTransfer()
    let place = places.get(port)
    if (place === undefined) {
      place = found.push(port) - 1
      places.set(port, place)
    }
    return { [PLACE]: place }
  })
  if (isObject(prepared)) recorder.addReachableRead(prepared, site, true)
  const clone = nativeClone(prepared, { transfer: buffers })
  shareMemory(recorder, prepared, clone, site)
  const ports = [...moved.values()].map(move => move())
  const at = new Map([...moved.keys()].map((port, index) => [port, ports[index] as object]))
  const result = replace(clone, object =>
    Object.hasOwn(object, PLACE)
      ? at.get(found[(object as Record<string, number>)[PLACE] as number] as object)
      : undefined,
  )
  if (isObject(result)) (runtime.execution as Execution).foreign.returned(result, site)
  return { value: result, ports }
}

/** The value with some objects in it replaced; the very value where there is nothing to replace. */
function replace(value: unknown, replacement: (object: object) => object | undefined): unknown {
  const copies = new Map<object, unknown>()
  const needs = (object: unknown, seen: Set<object>): boolean => {
    if (!isObject(object) || seen.has(object)) return false
    seen.add(object)
    if (replacement(object) !== undefined) return true
    return isPlain(object) && Object.values(object).some(each => needs(each, seen))
  }
  if (!needs(value, new Set())) return value
  const copy = (object: unknown): unknown => {
    if (!isObject(object)) return object
    const known = copies.get(object)
    if (known !== undefined) return known
    const replaced = replacement(object)
    if (replaced !== undefined || !isPlain(object)) return replaced ?? object
    const made = (Array.isArray(object) ? [] : {}) as Record<string, unknown>
    copies.set(object, made)
    for (const [key, each] of Object.entries(object)) made[key] = copy(each)
    return made
  }
  return copy(value)
}

const isPlain = (object: object): boolean =>
  Array.isArray(object) || Object.getPrototypeOf(object) === Object.prototype || Object.getPrototypeOf(object) === null

/** A clone of shared memory is another object, and the same memory: its bytes are the same locations. */
function shareMemory(recorder: Recorder, original: unknown, clone: unknown, site: number): void {
  const [before, after] = [sharedIn(original), sharedIn(clone)]
  before.forEach((memory, index) => {
    const other = after[index]
    if (other !== undefined && other !== memory) stamp(other, recorder.record(memory, site))
  })
}

function sharedIn(root: unknown): SharedArrayBuffer[] {
  const found: SharedArrayBuffer[] = []
  const seen = new Set<unknown>()
  const visit = (value: unknown): void => {
    if (!isObject(value) || seen.has(value)) return
    seen.add(value)
    if (isSharedArrayBuffer(value)) found.push(value)
    else if (isTypedArray(value) || isDataView(value)) visit(value.buffer)
    else if (isMap(value)) for (const entry of Map.prototype.entries.call(value)) entry.forEach(visit)
    else if (isSet(value)) for (const entry of Set.prototype.values.call(value)) visit(entry)
    else if (typeof value === 'object') Object.values(value).forEach(visit)
  }
  visit(root)
  return found
}

const missingTransfer = (): Error =>
  Object.assign(new TypeError('Object that needs transfer was found in message but not listed in transferList'), {
    code: 'ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST',
  })
