import { addSegment, GenMapping, setSourceContent, toEncodedMap } from '@jridgewell/gen-mapping'
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
      if (this.starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { line: low, column: offset - this.starts[low]! }
  }
}

const TOKEN = /[\p{ID_Continue}$]+|[^\s\p{ID_Continue}$]/gu

/** Prints the code and maps each token of the source that is still in it. */
export function printWithMap(
  code: Code,
  source: string,
  id: string,
  lines: LineTable,
): { code: string; map: RawSourceMap } {
  const map = new GenMapping({ file: id })
  const parts: string[] = []
  let line = 0
  let column = 0
  const segment = (offset: number) => {
    const origin = lines.at(offset)
    addSegment(map, line, column, id, origin.line, origin.column)
  }
  const advance = (text: string) => {
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      line++
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
      if (leaf.text !== undefined) {
        if (text.trim()) segment(leaf.start)
        advance(text)
        return
      }
      let done = 0
      for (const token of text.matchAll(TOKEN)) {
        advance(text.slice(done, token.index))
        done = token.index
        segment(leaf.start + done)
      }
      advance(text.slice(done))
    }
  })
  setSourceContent(map, id, source)
  return { code: parts.join(''), map: toEncodedMap(map) as unknown as RawSourceMap }
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
