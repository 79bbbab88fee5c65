/**
 * `Atomics`, sequentially consistent: an operation is one step of a thread, and accesses the bytes of its element. A load
 * reads, a compareExchange that finds another value reads, all others write.
 */
import { declare } from '../functions.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply } from '../natives.js'
import { NO_VALUE, READ, type Recorder, WRITE } from '../recorder.js'
import { type IntegerView, primitive, type Scratch, scratchFor, toIndex } from './integer-views.js'

/** How many values the operations take, besides the view and the index. */
const OPERANDS = { load: 0, store: 1, add: 1, sub: 1, and: 1, or: 1, xor: 1, exchange: 1, compareExchange: 2 } as const

export function installAtomics(runtime: RuntimeHooks): void {
  for (const [name, operands] of Object.entries(OPERANDS)) {
    const target = (Atomics as unknown as Record<string, Function>)[name]
    declare(target, (native, self, args, site) => {
      const operation = prepare(args, operands)
      // What the language does not accept: let it complain.
      if (operation.scratch === null) {
        runtime.value = apply(native, self, operation.args)
        return false
      }
      const { view, index, scratch, values } = operation
      return runtime.pointwise(site, () => {
        const recorder = runtime.recorder as Recorder
        if (name === 'compareExchange') noteExchange(recorder, view, index, scratch, values, site)
        else {
          const value = recorder.log === null ? NO_VALUE : outcome(native, view, index, scratch, values)
          noteAtomic(recorder, view, index, site, name !== 'store', name !== 'load', () =>
            recorder.addElement(view, index, name === 'load' ? READ : WRITE, site, value),
          )
        }
        return apply(native, self, operation.args)
      })
    })
  }
}

export interface Prepared {
  view: IntegerView
  index: number
  /** Null: the operation will throw. */
  scratch: Scratch | null
  /** As the element takes them. */
  values: (number | bigint)[]
  /** For the native operation: what had to be converted by the program's own code is. */
  args: unknown[]
}

/** Checks and converts what an operation is given, in the order in which the language does, and as often. */
export function prepare([view, position, ...rest]: unknown[], operands: number): Prepared {
  const scratch = scratchFor(view)
  if (scratch === null) return { view: view as IntegerView, index: 0, scratch, values: [], args: [view] }
  const at = primitive(position)
  const index = toIndex(at)
  if (!(index < (view as IntegerView).length))
    return { view: view as IntegerView, index, scratch: null, values: [], args: [view, at] }
  const values: (number | bigint)[] = []
  const given: unknown[] = []
  for (let operand = 0; operand < operands; operand++) {
    const value = primitive(rest[operand])
    scratch[0] = value as never
    values.push(scratch[0])
    given.push(value)
  }
  return { view: view as IntegerView, index, scratch, values, args: [view, index, ...given] }
}

/** What the element will be. */
function outcome(native: Function, view: IntegerView, index: number, scratch: Scratch, values: unknown[]): unknown {
  scratch[0] = view[index] as never
  apply(native, Atomics, [scratch, 0, ...values])
  return scratch[0]
}

/** Records an operation: what writes the element comes before what finds there what it wrote. */
export function noteAtomic(
  recorder: Recorder,
  view: IntegerView,
  index: number,
  site: number,
  loads: boolean,
  stores: boolean,
  note: () => void,
): void {
  if (recorder.races === null) return note()
  const [first = 0] = recorder.bytesOf(view, index, site)
  recorder.races.synchronised(first * 16 + view.BYTES_PER_ELEMENT, loads, stores, note)
}

/** A compareExchange writes if it finds what it expects, and else reads: the search is told which it would have been earlier. */
function noteExchange(
  recorder: Recorder,
  view: IntegerView,
  index: number,
  scratch: Scratch,
  [expected, replacement]: (number | bigint)[],
  site: number,
): void {
  const found = view[index]
  const succeeds = found === expected
  const value = recorder.log === null ? NO_VALUE : succeeds ? replacement : found
  noteAtomic(recorder, view, index, site, true, succeeds, () =>
    recorder.addElement(view, index, succeeds ? WRITE : READ, site, value),
  )
  const { locations, ...attempt } = comparison(recorder, view, index, scratch, expected, site)
  const accesses = (kind: number): number[] => locations.map(location => location * 8 + kind)
  recorder.attempt = { ...attempt, footprints: [accesses(WRITE), accesses(READ)] }
}

/** An attempt that succeeds if an element is as expected, and the locations of its bytes. */
export function comparison(
  recorder: Recorder,
  view: IntegerView,
  index: number,
  scratch: Scratch,
  expected: unknown,
  site: number,
): NonNullable<Recorder['attempt']> & { locations: number[] } {
  const locations = recorder.bytesOf(view, index, site)
  scratch[0] = expected as never
  const wanted = new Uint8Array(scratch.buffer.slice(0))
  const first = view.byteOffset + index * locations.length
  const found = new Uint8Array(view.buffer.slice(first, first + locations.length))
  return {
    locations,
    location: locations[0] as number,
    succeedsBefore: step =>
      locations.every((location, byte) => (recorder.bytes.before(location, step) ?? found[byte]) === wanted[byte]),
  }
}
