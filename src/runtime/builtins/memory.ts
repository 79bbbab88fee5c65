/** Views of memory, byte by byte: Buffer, DataView, typed arrays; and memory that grows and shrinks. */
import type { RuntimeHooks } from '../iteration.js'
import { getPrototypeOf, isObject } from '../natives.js'
import { READ, type Recorder, WRITE } from '../recorder.js'
import { type Note, operation } from './operations.js'

const typed = getPrototypeOf(Uint8Array.prototype) as Record<string, Function>

/** An index as methods of arrays take it: from the end if negative, never outside. */
function place(value: unknown, otherwise: number, length: number): number {
  const index = value === undefined ? otherwise : Math.trunc(Number(value) || 0)
  return index < 0 ? Math.max(0, length + index) : Math.min(index, length)
}

const elements = (recorder: Recorder, view: any, from: number, to: number, kind: number, site: number): void => {
  for (let index = from; index < to; index++) recorder.addElement(view, index, kind, site)
}
const bytes = (recorder: Recorder, view: any, from: number, to: number, kind: number, site: number): void => {
  const start = Math.max(0, from)
  const size = Math.min(to, view.byteLength) - start
  if (size > 0) recorder.addBytes(view, start, size, kind, site)
}

export function installMemory(runtime: RuntimeHooks): void {
  installTypedArrays(runtime)
  installBuffer(runtime)
  for (const owner of [ArrayBuffer, SharedArrayBuffer].map(each => each.prototype) as unknown as Record<
    string,
    Function
  >[]) {
    const whole =
      (size: number, content: number): Note =>
      (recorder, self, _, site) => {
        recorder.addElement(self, 'byteLength', size, site)
        if (self.byteLength > 0) recorder.addBytes(new Uint8Array(self), 0, self.byteLength, content, site)
      }
    for (const [name, size, content] of [
      ['resize', WRITE, WRITE],
      ['grow', WRITE, READ],
      ['transfer', WRITE, WRITE],
      ['transferToFixedLength', WRITE, WRITE],
    ] as const)
      if (owner[name] !== undefined) operation(runtime, owner[name], whole(size, content), name.startsWith('transfer'))
    operation(
      runtime,
      owner.slice,
      (recorder, self, [from, to], site) => {
        const { byteLength } = self
        const view = new Uint8Array(self)
        bytes(recorder, view, place(from, 0, byteLength), place(to, byteLength, byteLength), READ, site)
      },
      true,
    )
  }
}

function installTypedArrays(runtime: RuntimeHooks): void {
  const declared = (names: string[], note: Note, makesObject = false): void => {
    for (const name of names) if (typed[name] !== undefined) operation(runtime, typed[name], note, makesObject)
  }
  declared(['fill'], (recorder, self, [, from, to], site) =>
    elements(recorder, self, place(from, 0, self.length), place(to, self.length, self.length), WRITE, site),
  )
  declared(['set'], (recorder, self, [source, offset = 0], site) => {
    if (isObject(source)) recorder.addContentRead(source, site)
    const { length } = Object(source) as { length?: number }
    elements(recorder, self, Number(offset), Math.min(self.length, Number(offset) + (Number(length) || 0)), WRITE, site)
  })
  declared(['copyWithin'], (recorder, self, [to, from, end], site) => {
    const { length } = self
    const first = place(from, 0, length)
    const last = place(end, length, length)
    const start = place(to, 0, length)
    elements(recorder, self, first, last, READ, site)
    elements(recorder, self, start, Math.min(length, start + last - first), WRITE, site)
  })
  declared(['at'], (recorder, self, [index], site) => {
    const at = Math.trunc(Number(index) || 0)
    recorder.addElement(self, at < 0 ? self.length + at : at, READ, site)
  })
  declared(
    ['slice'],
    (recorder, self, [from, to], site) =>
      elements(recorder, self, place(from, 0, self.length), place(to, self.length, self.length), READ, site),
    true,
  )
  // A view of the same memory reads none of it.
  declared(['subarray'], (recorder, self, _, site) => void recorder.record(self.buffer, site), true)
}

/** Bytes that a method of Buffer named like `readUInt16LE` or `writeDoubleBE` takes. */
function sizeOf(name: string, args: unknown[]): number | undefined {
  if (/U?Int[BL]E$/.test(name)) return Number(args[args.length - 1]) || 0
  const bits = /Double/.test(name) ? '64' : /Float/.test(name) ? '32' : name.match(/(8|16|32|64)/)?.[0]
  return bits === undefined ? undefined : Number(bits) / 8
}

function installBuffer(runtime: RuntimeHooks): void {
  const { prototype } = Buffer as unknown as { prototype: Record<string, Function> }
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (
      name === 'constructor' ||
      name === 'toLocaleString' ||
      !/^(read|write|swap|copy|fill|equals|compare|to|indexOf|lastIndexOf|includes|.*(Slice|Write)$)/.test(name)
    )
      continue
    const method = Object.getOwnPropertyDescriptor(prototype, name)?.value
    if (typeof method === 'function') operation(runtime, method, noteOf(name))
  }
  // Nothing is read by making a view.
  for (const name of ['slice', 'subarray'])
    operation(runtime, prototype[name], (recorder, self, _, site) => void recorder.record(self.buffer, site), true)
  for (const name of ['from', 'concat', 'compare', 'byteLength'] as const)
    operation(
      runtime,
      Buffer[name],
      (recorder, _, [first, second], site) => {
        for (const value of name === 'compare' ? [first, second] : [first]) {
          if (!isObject(value)) continue
          recorder.addContentRead(value, site)
          if (name === 'concat' && Array.isArray(value))
            for (const part of value) if (isObject(part)) recorder.addContentRead(part, site)
        }
      },
      name === 'from' || name === 'concat',
      true,
    )
}

function noteOf(name: string): Note {
  switch (name) {
    case 'write':
      return (recorder, self, args, site) => {
        const [text, offset, length, encoding] = args
        const from = typeof offset === 'number' ? offset : 0
        const kind = [offset, length, encoding].find(each => typeof each === 'string') ?? 'utf8'
        const size = Buffer.byteLength(String(text), kind as BufferEncoding)
        bytes(recorder, self, from, from + Math.min(size, typeof length === 'number' ? length : size), WRITE, site)
      }
    case 'fill':
      return (recorder, self, [, from, to], site) =>
        bytes(recorder, self, Number(from) || 0, typeof to === 'number' ? to : self.byteLength, WRITE, site)
    case 'copy':
      return (recorder, self, [target, at = 0, from = 0, to = self.byteLength], site) => {
        bytes(recorder, self, from, to, READ, site)
        if (isObject(target)) bytes(recorder, target, at, at + Math.min(to, self.byteLength) - from, WRITE, site)
      }
    case 'toString':
      return (recorder, self, [, from = 0, to = self.byteLength], site) =>
        bytes(recorder, self, Number(from), Number(to), READ, site)
    case 'equals':
    case 'compare':
      return (recorder, self, [other], site) => {
        for (const view of [self, other])
          if (ArrayBuffer.isView(view)) bytes(recorder, view, 0, view.byteLength, READ, site)
      }
  }
  const kind = /^(write|swap)|Write$/.test(name) ? WRITE : READ
  return (recorder, self, args, site) => {
    const size = /^(read|write)/.test(name) ? sizeOf(name, args) : undefined
    if (size === undefined) return bytes(recorder, self, 0, self.byteLength, kind, site)
    const offset = Number(args[kind === WRITE ? 1 : 0]) || 0
    bytes(recorder, self, offset, offset + size, kind, site)
  }
}
