/** Array methods: one location per index, one for the length. */

import { Frame } from '../frame.js'
import { declare, isInstrumented } from '../functions.js'
import { canonicalKey } from '../identity.js'
import type { RuntimeHooks } from '../iteration.js'
import { apply, getPrototypeOf, isObject, isTypedArray } from '../natives.js'
import { READ, type Recorder, WRITE } from '../recorder.js'
import { callbackLoop } from './callbacks.js'
import { noteConversion, noteConversions } from './conversions.js'
import { type Note, operation } from './operations.js'
import { installSorting } from './sorting.js'
import { arraySpecies, putElement } from './species.js'

const length = (recorder: Recorder, self: object, site: number, kind: number): void =>
  recorder.touch(recorder.record(self, site).location('length'), kind, site)

const append: Note = (recorder, self, args, site) => {
  length(recorder, self, site, WRITE)
  args.forEach((value, offset) => recorder.addElement(self, self.length + offset, WRITE, site, value))
}
const pop: Note = (recorder, self, _, site) => {
  length(recorder, self, site, self.length > 0 ? WRITE : READ)
  if (self.length > 0) recorder.addElement(self, self.length - 1, WRITE, site)
}
/** Every element may move, and `added` come to the end. */
const rearrange = (recorder: Recorder, self: ArrayLike<unknown>, site: number, added: number): void => {
  length(recorder, self, site, WRITE)
  for (let index = 0; index < self.length + added; index++) recorder.addElement(self, index, WRITE, site)
}
const shift: Note = (recorder, self, _, site) =>
  self.length === 0 ? length(recorder, self, site, READ) : rearrange(recorder, self, site, 0)
const unshift: Note = (recorder, self, args, site) => rearrange(recorder, self, site, args.length)
/** An index as methods take it: from the end if negative, never outside. */
const place = (value: unknown, otherwise: number, size: number): number => {
  const index = value === undefined ? otherwise : Math.trunc(Number(value) || 0)
  return index < 0 ? Math.max(0, size + index) : Math.min(index, size)
}
/** What stands before the first element to go stays what it is; what stands behind moves, if the length changes. */
const splice: Note = (recorder, self, args, site) => {
  const size = self.length
  const start = place(args[0], 0, size)
  const gone = args.length < 2 ? (args.length === 0 ? 0 : size - start) : Math.trunc(Number(args[1]) || 0)
  const removed = Math.min(Math.max(gone, 0), size - start)
  const added = Math.max(0, args.length - 2)
  recorder.vary()
  length(recorder, self, site, removed === added ? READ : WRITE)
  const end = removed === added ? start + added : Math.max(size, size + added - removed)
  for (let index = start; index < end; index++) recorder.addElement(self, index, WRITE, site)
}
const fill: Note = (recorder, self, [, from, to], site) => {
  length(recorder, self, site, READ)
  const end = place(to, self.length, self.length)
  for (let index = place(from, 0, self.length); index < end; index++) recorder.addElement(self, index, WRITE, site)
}
/** Up to where the element is found. */
const search =
  (native: Function, backwards: boolean): Note =>
  (recorder, self, args, site) => {
    length(recorder, self, site, READ)
    const size = self.length
    const found = apply(native, self, args) as number
    const start = backwards && args.length < 2 ? size - 1 : place(args[1], 0, size)
    const [from, to] = backwards ? [Math.max(found, 0), start] : [start, found < 0 ? size - 1 : found]
    recorder.vary()
    for (let index = from; index <= Math.min(to, size - 1); index++) recorder.addElement(self, index, READ, site)
  }
/** `includes` finds what is not a number, and holes, where `indexOf` does not. */
const includes: Note = (recorder, self, args, site) =>
  (args[0] === undefined || Number.isNaN(args[0]) ? content : search(Array.prototype.indexOf, false))(
    recorder,
    self,
    args,
    site,
  )
const content: Note = (recorder, self, _, site) => recorder.addContentRead(self, site)
const concat: Note = (recorder, self, args, site) => {
  recorder.addContentRead(self, site)
  for (const value of args) if (Array.isArray(value)) recorder.addContentRead(value, site)
}
const join: Note = (recorder, self, args, site) => {
  recorder.addContentRead(self, site)
  for (let index = 0; index < self.length; index++) noteConversion(recorder, self[index], site)
  noteConversions(recorder, args, site)
}
const at: Note = (recorder, self, [index], site) => {
  length(recorder, self, site, READ)
  const place = Math.trunc(Number(index) || 0)
  recorder.addElement(self, canonicalKey(place < 0 ? self.length + place : place), READ, site)
}
const slice: Note = (recorder, self, [from, to], site) => {
  length(recorder, self, site, READ)
  const end = place(to, self.length, self.length)
  for (let index = place(from, 0, self.length); index < end; index++) recorder.addElement(self, index, READ, site)
}
const inPlace: Note = (recorder, self, _, site) => {
  length(recorder, self, site, READ)
  for (let index = 0; index < self.length; index++) recorder.addElement(self, index, WRITE, site)
}

export function installArrays(runtime: RuntimeHooks): void {
  const { prototype } = Array as unknown as { prototype: Record<string, Function> }
  const table: [Note, boolean, string[]][] = [
    [append, false, ['push']],
    [pop, false, ['pop']],
    [shift, false, ['shift']],
    [unshift, false, ['unshift']],
    [splice, true, ['splice']],
    [inPlace, false, ['reverse', 'sort', 'copyWithin']],
    [fill, false, ['fill']],
    [join, false, ['join', 'toString', 'toLocaleString']],
    [includes, false, ['includes']],
    [search(prototype.indexOf as Function, false), false, ['indexOf']],
    [search(prototype.lastIndexOf as Function, true), false, ['lastIndexOf']],
    [concat, true, ['concat']],
    [slice, true, ['slice']],
    [at, false, ['at']],
    [content, true, ['flat', 'toReversed', 'toSorted', 'toSpliced', 'with']],
  ]
  for (const [note, makesObject, names] of table)
    for (const name of names) if (prototype[name] !== undefined) operation(runtime, prototype[name], note, makesObject)

  const typed = getPrototypeOf(Uint8Array.prototype) as Record<string, Function>
  for (const name of ['reverse', 'sort']) operation(runtime, typed[name], inPlaceView)
  for (const name of ['join', 'includes', 'indexOf', 'lastIndexOf', 'toReversed', 'toSorted', 'with', 'toLocaleString'])
    operation(runtime, typed[name], content, /^(to|with)/.test(name))

  for (const owner of [prototype, typed]) {
    installLoops(runtime, owner)
    installSorting(runtime, owner)
  }
  installFrom(runtime)
}

const inPlaceView: Note = (recorder, self, _, site) => {
  if (isTypedArray(self))
    for (let index = 0; index < self.length; index++) recorder.addElement(self, index, WRITE, site)
}

/** The loops over an array with a callback, turn by turn: `visit` sees each callback's result. */
function installLoops(runtime: RuntimeHooks, prototype: Record<string, Function>): void {
  const loop = (
    name: string,
    options: {
      holes?: boolean
      backwards?: boolean
      start?: () => unknown
      /** It makes an array, of this length. */
      makes?: (size: number) => number
    },
    visit: (state: any, value: unknown, index: number, result: unknown) => { end: unknown } | undefined,
    finish: (state: any) => unknown = state => state,
  ): void => {
    if (prototype[name] === undefined) return
    callbackLoop(runtime, prototype[name], function* (self, callback, receiver, site) {
      if (runtime.read(self, 'length', site)) yield
      const size = Math.min(Math.max(Math.trunc(Number(self.length)) || 0, 0), Number.MAX_SAFE_INTEGER)
      const state = options.makes ? yield* arraySpecies(runtime, self, options.makes(size), site) : options.start?.()
      for (let turn = 0; turn < size; turn++) {
        const index = options.backwards ? size - 1 - turn : turn
        if (runtime.turn(site)) yield
        if (runtime.read(self, index, site)) yield
        if (!options.holes && !(index in self)) continue
        const value = self[index]
        const result = runtime.call(callback, receiver, [value, index, self], site) ? yield : runtime.value
        const end = visit(state, value, index, result)
        if (end !== undefined) return end.end
      }
      return finish(isTypedArray(self) && Array.isArray(state) ? likeView(self, state) : state)
    })
  }
  loop('forEach', {}, () => undefined)
  loop('map', { makes: size => size }, (state, _, index, result) => void putElement(state, index, result))
  loop(
    'filter',
    { makes: () => 0 },
    (state, value, _, result) => void (result && putElement(state, state.length, value)),
  )
  loop('some', { start: () => false }, (_, __, ___, result) => (result ? { end: true } : undefined))
  loop('every', { start: () => true }, (_, __, ___, result) => (result ? undefined : { end: false }))
  loop('find', { holes: true }, (_, value, __, result) => (result ? { end: value } : undefined))
  loop('findIndex', { holes: true, start: () => -1 }, (_, __, index, result) => (result ? { end: index } : undefined))
  const last = { holes: true, backwards: true }
  loop('findLast', last, (_, value, __, result) => (result ? { end: value } : undefined))
  loop('findLastIndex', { ...last, start: () => -1 }, (_, __, index, result) => (result ? { end: index } : undefined))
  loop('flatMap', { makes: () => 0 }, (state, _, __, result) => {
    if (!Array.isArray(result)) putElement(state, state.length, result)
    else for (let at = 0; at < result.length; at++) if (at in result) putElement(state, state.length, result[at])
    return undefined
  })
  installReduce(runtime, prototype.reduce, false)
  installReduce(runtime, prototype.reduceRight, true)
}

/** A view of the same kind with these elements. */
function likeView(view: object, values: unknown[]): object {
  const { length } = values
  const made = new (view as { constructor: new (length: number) => Record<number, unknown> }).constructor(length)
  for (let index = 0; index < length; index++) made[index] = values[index]
  return made
}

function installReduce(runtime: RuntimeHooks, target: unknown, backwards: boolean): void {
  callbackLoop(runtime, target, function* (self, callback, _, site, args) {
    if (runtime.read(self, 'length', site)) yield
    const size = Math.trunc(Number(self.length)) || 0
    let started = args.length > 1
    let state = args[1]
    for (let turn = 0; turn < size; turn++) {
      const index = backwards ? size - 1 - turn : turn
      if (runtime.read(self, index, site)) yield
      if (!(index in self)) continue
      const value = self[index]
      if (started) state = runtime.call(callback, undefined, [state, value, index, self], site) ? yield : runtime.value
      else {
        started = true
        state = value
      }
    }
    if (!started) throw new TypeError('Reduce of empty array with no initial value')
    return state
  })
}

/** `Array.from(iterable, map)`. */
function installFrom(runtime: RuntimeHooks): void {
  const native = Array.from as Function
  function* from(
    items: any,
    map: Function | undefined,
    receiver: unknown,
    site: number,
  ): Generator<unknown, unknown, any> {
    const result: unknown[] = runtime.made([])
    if (items[Symbol.iterator] === undefined || items[Symbol.iterator] === null) {
      if (runtime.read(items, 'length', site)) yield
      const size = Math.trunc(Number(items.length)) || 0
      for (let index = 0; index < size; index++) {
        if (runtime.read(items, index, site)) yield
        const value = items[index]
        result[index] =
          map === undefined ? value : runtime.call(map, receiver, [value, index], site) ? yield : runtime.value
      }
      return result
    }
    const iteration = runtime.iterate(items, site) ? yield : runtime.value
    for (let index = 0; ; index++) {
      const turn = runtime.next(iteration, site) ? yield : (runtime.value as any)
      if (turn.done) return result
      result[index] =
        map === undefined ? turn.value : runtime.call(map, receiver, [turn.value, index], site) ? yield : runtime.value
    }
  }
  declare(native, (target, self, args, site) => {
    const [items, map, receiver] = args
    if (self !== Array || items === null || items === undefined || (map !== undefined && !isInstrumented(map))) {
      if (isObject(items)) (runtime.recorder as Recorder).addContentRead(items, site)
      runtime.value = apply(target, self, args)
      runtime.identify(runtime.value)
      return false
    }
    return runtime.push(new Frame(from(items, map, receiver, site), false, 0), site)
  })
}
