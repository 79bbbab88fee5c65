import remapping from '@jridgewell/remapping'
import { type Code, eachLeaf } from './code.js'

/** A source map, version 3, as plain data. */
export interface RawSourceMap {
  version: number
  file?: string | null
  names: string[]
  sourceRoot?: string
  sources: string[]
  sourcesContent?: string[]
  mappings: string
  ignoreList?: number[]
}

/** Finds line and column of an offset, both from 0. */
export class LineTable {
  private readonly starts: number[] = [0]

  constructor(source: string) {
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) this.starts.push(at + 1)
  }

  at(offset: number): { line: number; column: number } {
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.starts[middle] <= offset) low = middle
      else high = middle - 1
    }
    return { line: low, column: offset - this.starts[low] }
  }
}

const WORD = /[\p{ID_Continue}$]+/gu
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base-64 VLQ, the number format of source maps. */
function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1
  let text = ''
  do {
    const digit = rest & 31
    rest >>>= 5
    text += DIGITS[rest ? digit | 32 : digit]
  } while (rest)
  return text
}

/** Collects the segments of a map in the order of the generated text. Each number is relative to the one before. */
class Mappings {
  readonly parts: string[] = []
  private first = true
  private column = 0
  private originLine = 0
  private originColumn = 0

  line(): void {
    this.parts.push(';')
    this.first = true
    this.column = 0
  }

  segment(column: number, line: number, originColumn: number): void {
    if (!this.first && column === this.column) return
    const text = `${vlq(column - this.column)}A${vlq(line - this.originLine)}${vlq(originColumn - this.originColumn)}`
    this.parts.push(this.first ? text : `,${text}`)
    this.first = false
    this.column = column
    this.originLine = line
    this.originColumn = originColumn
  }
}

/** Prints the code and maps each word of the source that is still in it. */
export function printWithMap(
  code: Code,
  source: string,
  id: string,
  lines: LineTable,
): { code: string; map: RawSourceMap } {
  const mappings = new Mappings()
  const parts: string[] = []
  let column = 0
  const segment = (offset: number) => {
    const origin = lines.at(offset)
    mappings.segment(column, origin.line, origin.column)
  }
  const advance = (text: string) => {
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      mappings.line()
      column = 0
      from = at + 1
    }
    column += text.length - from
  }
  let pending = -1
  eachLeaf(code, leaf => {
    if (typeof leaf === 'string') {
      if (pending >= 0 && leaf) {
        segment(pending)
        pending = -1
      }
      parts.push(leaf)
      advance(leaf)
    } else if ('mark' in leaf) {
      pending = leaf.mark
    } else {
      pending = -1
      const text = leaf.text ?? source.slice(leaf.start, leaf.end)
      parts.push(text)
      if (leaf.text !== undefined || text.length < 2) {
        if (text.trim()) segment(leaf.start)
        advance(text)
        return
      }
      let done = 0
      segment(leaf.start)
      for (const word of text.matchAll(WORD)) {
        advance(text.slice(done, word.index))
        done = word.index
        segment(leaf.start + done)
      }
      advance(text.slice(done))
    }
  })
  const map = {
    version: 3,
    file: id,
    names: [],
    sources: [id],
    sourcesContent: [source],
    mappings: mappings.parts.join(''),
  }
  return { code: parts.join(''), map }
}

/** `map` maps to a text that `inputMap` maps further back. */
export function composeMaps(map: RawSourceMap, inputMap: RawSourceMap | string): RawSourceMap {
  let first = true
  const composed = remapping(map as never, () => {
    if (!first) return null
    first = false
    return typeof inputMap === 'string' ? JSON.parse(inputMap) : inputMap
  })
  return JSON.parse(composed.toString()) as RawSourceMap
}
