/** Which bytes a read or write of a descriptor is about. */
import { optionsOf } from './opening.js'

const byteLength = (view: unknown): number => (ArrayBuffer.isView(view) ? view.byteLength : 0)

/** `(buffer, offset, length, position)`, `(buffer, options)` or `(options)`. */
export function readRange([, buffer, offset, length, position]: any[]): { position: unknown; length: number } {
  if (ArrayBuffer.isView(buffer)) {
    if (typeof offset === 'object' && offset !== null)
      return {
        position: offset.position,
        length: offset.length ?? byteLength(buffer) - (offset.offset ?? 0),
      }
    const from = typeof offset === 'number' ? offset : 0
    return { position, length: typeof length === 'number' ? length : byteLength(buffer) - from }
  }
  const options = optionsOf(buffer)
  return { position: options.position, length: options.length ?? (byteLength(options.buffer) || 16384) }
}

/** As for `read`, or `(string, position, encoding)`. */
export function writeRange(args: any[]): { position: unknown; length: number } {
  const [, data, second, third] = args
  if (typeof data !== 'string') return readRange(args)
  return {
    position: second,
    length: Buffer.byteLength(data, typeof third === 'string' ? (third as BufferEncoding) : 'utf8'),
  }
}

export function vectorRange([, buffers, position]: any[]): { position: unknown; length: number } {
  const list: unknown[] = Array.isArray(buffers) ? buffers : []
  return { position, length: list.reduce((sum: number, view) => sum + byteLength(view), 0) }
}
