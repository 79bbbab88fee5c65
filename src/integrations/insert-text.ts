import { decodedMappings, encodedMappings, TraceMap } from '@jridgewell/trace-mapping'
import type { RawSourceMap } from '../transform/index.js'

export interface Generated {
  code: string
  map: RawSourceMap
}

type MapInput = ConstructorParameters<typeof TraceMap>[0]

/** Inserts texts without line ends at these offsets, in ascending order, and moves the map along. */
export function insertText(
  { code, map }: Generated,
  insertions: readonly { offset: number; text: string }[],
): Generated {
  const lines = decodedMappings(new TraceMap(map as MapInput)).map(line => line.map(segment => [...segment]))
  let edited = code
  for (const { offset, text } of insertions.toReversed()) {
    const lineStart = code.lastIndexOf('\n', offset - 1) + 1
    const line = code.slice(0, lineStart).split('\n').length - 1
    for (const segment of lines[line] ?? []) if (segment[0] >= offset - lineStart) segment[0] += text.length
    edited = edited.slice(0, offset) + text + edited.slice(offset)
  }
  const mappings = encodedMappings(new TraceMap({ ...map, mappings: lines } as MapInput))
  return { code: edited, map: { ...map, mappings } }
}
