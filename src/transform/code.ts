/** Rendered code: a rope of generated text and pieces of the source. */
export type Code = string | Piece | Mark | readonly Code[]

/** A piece of the source; `text` stands instead of the source's own text (comments and line ends taken out). */
export interface Piece {
  start: number
  end: number
  text?: string
}

/** Gives the generated text that follows it a position in the source. */
export interface Mark {
  mark: number
}

export function piece(start: number, end: number, text?: string): Piece {
  return { start, end, text }
}

/** Calls `visit` for each leaf in order. */
export function eachLeaf(code: Code, visit: (leaf: string | Piece | Mark) => void): void {
  if (typeof code === 'string' || !Array.isArray(code)) visit(code as string | Piece | Mark)
  else for (const part of code) eachLeaf(part, visit)
}

export function print(code: Code, source: string): string {
  const parts: string[] = []
  eachLeaf(code, leaf => {
    if (typeof leaf === 'string') parts.push(leaf)
    else if ('start' in leaf) parts.push(leaf.text ?? source.slice(leaf.start, leaf.end))
  })
  return parts.join('')
}

export function join(codes: readonly Code[], separator: string): Code {
  const joined: Code[] = []
  for (const [index, code] of codes.entries()) {
    if (index) joined.push(separator)
    joined.push(code)
  }
  return joined
}

/** How long the printed code is. */
export function sizeOf(code: Code): number {
  let size = 0
  eachLeaf(code, leaf => {
    if (typeof leaf === 'string') size += leaf.length
    else if ('start' in leaf) size += leaf.text?.length ?? leaf.end - leaf.start
  })
  return size
}
