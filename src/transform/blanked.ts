/** A text in which some ranges, the comments, are spaces: for finding the code around one. */
export class Blanked {
  private readonly text: string

  /** @param ranges in ascending order */
  constructor(source: string, ranges: readonly { start: number; end: number }[]) {
    const parts: string[] = []
    let at = 0
    for (const { start, end } of ranges) {
      if (start < at) continue
      parts.push(source.slice(at, start), source.slice(start, end).replace(/[^\n]/g, ' '))
      at = end
    }
    this.text = parts.join('') + source.slice(at)
  }

  /** Where the code after an offset begins. */
  next(offset: number): number {
    const found = this.text.slice(offset).search(/\S/)
    return found < 0 ? this.text.length : offset + found
  }

  /** `else`, `catch` or `finally` at an offset. */
  branchWord(offset: number): string | undefined {
    return /^(?:else|catch|finally)\b/.exec(this.text.slice(offset, offset + 8))?.[0]
  }

  isBlank(start: number, end: number): boolean {
    return this.text.slice(start, end).trim() === ''
  }

  lineBefore(offset: number): string {
    return this.text.slice(this.text.lastIndexOf('\n', offset - 1) + 1, offset).trim()
  }

  lineAfter(offset: number): string {
    const end = this.text.indexOf('\n', offset)
    return this.text.slice(offset, end < 0 ? this.text.length : end).trim()
  }
}
