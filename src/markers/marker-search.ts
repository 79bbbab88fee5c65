import { FrontrunError } from '../explore/errors.js'

interface Choice {
  readonly options: readonly string[]
  taken: number
}

/** Under the same choices a program came to other markers than before. */
export class MarkerDivergence extends FrontrunError {}

/** A depth-first search of all sequences of choices: each leaf once, whatever the tree turns out to be. */
export class MarkerSearch {
  private readonly path: Choice[] = []
  private depth = 0

  /** Of these options, the one to take in this execution. */
  choose(options: readonly string[]): string {
    const choice = this.path[this.depth]
    if (choice === undefined) this.path.push({ options, taken: 0 })
    else if (choice.options.join('\n') !== options.join('\n')) {
      throw new MarkerDivergence(
        `choice ${this.depth + 1} was among ${choice.options.join(', ')}, and now is among ${options.join(', ')}`,
      )
    }
    this.depth++
    return options[choice?.taken ?? 0] as string
  }

  /** The same execution once more. */
  rewind(): void {
    this.depth = 0
  }

  /** The execution is over: goes on to the next one. False: that was the last. */
  advance(): boolean {
    if (this.depth < this.path.length) {
      const missing = this.path[this.depth] as Choice
      throw new MarkerDivergence(`choice ${this.depth + 1} was among ${missing.options.join(', ')}, and now is none`)
    }
    this.depth = 0
    for (let last = this.path.at(-1); last !== undefined; last = this.path.at(-1)) {
      if (++last.taken < last.options.length) return true
      this.path.pop()
    }
    return false
  }
}
